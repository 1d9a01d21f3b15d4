"""The service's OpenAPI document, against which responses are checked."""

import json
import re
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from jsonschema import Draft202012Validator

JSON = ("application/json", "application/jwk-set+json", "application/problem+json")


class Document:
    """An OpenAPI 3.1 document, all of whose references are internal."""

    def __init__(self, text):
        self.text = text
        self.tree = json.loads(text)
        self.operations = {path: item.get("get") or item["post"] for path, item in self.tree["paths"].items()}
        self.calls = {(method.upper(), path): operation for path, item in self.tree["paths"].items() for method, operation in item.items()}
        self.validators = {}

    def resolve(self, node):
        while "$ref" in node:
            reference = node["$ref"]
            node = self.tree
            for name in reference.removeprefix("#/").split("/"):
                node = node[name.replace("~1", "/").replace("~0", "~")]
        return node

    def faults(self, value, schema):
        """What is wrong with a value, in words."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            whole = {"allOf": [schema], "components": self.tree["components"]}
            self.validators[key] = Draft202012Validator(whole)
        return [f"{'/'.join(map(str, each.absolute_path))}: {each.message}"
                for each in self.validators[key].iter_errors(value)]

    def parameters(self, path, place):
        found = map(self.resolve, self.operations[path]["parameters"])
        return {each["name"]: each for each in found if each["in"] == place}

    def examples(self, parameter):
        return [each["value"] for each in parameter["examples"].values()]

    def targets(self, path):
        """The path with the examples of its parameters."""
        filled = [path]
        for name, parameter in self.parameters(path, "path").items():
            filled = [each.replace("{" + name + "}", quote(value)) for each in filled
                      for value in self.examples(parameter)]
        return filled

    def query(self, path, **given):
        """A query of these parameters, and of the required ones with their first examples."""
        for name, parameter in self.parameters(path, "query").items():
            if parameter.get("required"):
                given.setdefault(name, str(self.examples(parameter)[0]))
        return "?" + "&".join(f"{name}={quote(value)}" for name, value in given.items()) if given else ""

    def contents(self):
        """(where, media type, description) of everything that has content."""
        for (method, path), operation in self.calls.items():
            for status, response in operation["responses"].items():
                for kind, content in self.resolve(response).get("content", {}).items():
                    yield f"{method} {path} {status} {kind}", kind, content

    def find_path(self, target):
        """(the path of the description, the values in it) of a target, or None."""
        asked = urlsplit(target).path
        for path in self.operations:  # those without a parameter first, as the specification wants it
            if path == asked:
                return path, {}
        for path in self.operations:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
            match = re.fullmatch(pattern, asked)
            if match:
                return path, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def request_faults(self, target):
        """The objections to a GET of this target by a client or gateway that validates against the document."""
        found = self.find_path(target)
        if not found:
            return [f"no path for {target}"]
        path, in_path = found
        described = self.parameters(path, "path")
        faults = [f"{name}: {fault}" for name, value in in_path.items()
                  for fault in self.faults(value, described[name]["schema"])]
        described = self.parameters(path, "query")
        given = parse_qsl(urlsplit(target).query, keep_blank_values=True)
        faults += [f"{name} is missing" for name, parameter in described.items()
                   if parameter.get("required") and name not in dict(given)]
        for name, value in given:
            if name not in described:
                faults.append(f"the parameter {name} is not described")
                continue
            schema = self.resolve(described[name]["schema"])
            items = schema.get("items", schema)  # style form, explode: one item a parameter
            is_number = self.resolve(items).get("type") == "integer" and re.fullmatch(r"-?[0-9]+", value)
            faults += [f"{name}: {fault}" for fault in self.faults(int(value) if is_number else value, items)]
        return faults

    def complaints(self, path, status, headers, body, method=None):
        """The differences between a response and the document. `body` is None if it was not read."""
        operation = self.calls[method, path] if method else self.operations[path]
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"the status {status} is not described"]
        response = self.resolve(response)
        found = list(self._header_complaints(response, headers))
        content = response.get("content")
        kind = (headers["Content-Type"] or "").split(";")[0]
        if not content:
            return found + (["a body where none is described"] if body or kind else [])
        if kind not in content:
            return found + [f"the content type {kind} is not described"]
        if body is None:
            return found
        value = json.loads(body) if kind in JSON else body.decode()
        found += self.faults(value, content[kind]["schema"])
        if kind == "application/problem+json" and value.get("status") != status:
            found.append(f"a problem of {value.get('status')}")
        return found

    def _header_complaints(self, response, headers):
        for name, header in response.get("headers", {}).items():
            header = self.resolve(header)
            value = headers[name]
            if value is None:
                if header.get("required"):
                    yield f"the header {name} is missing"
                continue
            is_number = header["schema"].get("type") == "integer" and re.fullmatch(r"\d+", value)
            for fault in self.faults(int(value) if is_number else value, header["schema"]):
                yield f"the header {name}{fault}"
