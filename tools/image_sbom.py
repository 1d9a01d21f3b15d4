#!/usr/bin/env python3
"""Writes the list of what an image contains, as CycloneDX 1.5 in JSON, to standard output.

    tools/image_sbom.py [--image kurs] >kurs.cdx.json

The components are the Debian packages of the image; the dependencies of kurs are the packages of the libraries that its binary
loads. With --local BINARY, those of this machine and this binary.
"""

import argparse
import json
import subprocess
import sys
import uuid
from pathlib import Path

FIELDS = ("Package", "Version", "Architecture", "source:Package", "source:Version")


class Image:
    def __init__(self, name):
        self.name = name
        self.binary = "/usr/local/bin/kurs"

    def run(self, *command):
        return output("docker", "run", "--rm", "--network=none", f"--entrypoint={command[0]}", self.name, *command[1:])


class Machine:
    def __init__(self, binary):
        self.name = str(binary)
        self.binary = str(binary)

    run = staticmethod(lambda *command: output(*command))


def output(*command):
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout


def packages_in(place):
    form = "\\t".join("${%s}" % field for field in FIELDS) + "\\n"
    return [line.split("\t") for line in place.run("dpkg-query", "--show", f"--showformat={form}").splitlines()]


def release_of(place):
    lines = place.run("cat", "/etc/os-release").splitlines()
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}


def libraries_of(place):
    words = [line.split() for line in place.run("ldd", place.binary).splitlines()]
    return [path for line in words for path in line if path.startswith("/")]


def packages_of(place, files):
    """The names of the packages that have these files. Debian 12 has /lib as a link to /usr/lib, its lists have both."""
    files = place.run("realpath", *files).split()
    names = {name: file for file in files for name in (file, file.removeprefix("/usr"))}
    search = 'dpkg-query --search "$@" 2>/dev/null || true'  # it fails if it does not know one of the names
    found = [line.rpartition(": ") for line in place.run("sh", "-c", search, "sh", *names).splitlines()]
    unknown = set(files) - {names[name] for _, _, name in found}
    if unknown:
        raise RuntimeError(f"no package has {unknown}")
    return {package.partition(":")[0] for package, _, _ in found}


def describe(place):
    release = release_of(place)
    components, by_name = [], {}
    for package, version, architecture, source, source_version in packages_in(place):
        purl = f"pkg:deb/debian/{package}@{version}?arch={architecture}&distro={release['VERSION_CODENAME']}"
        by_name[package] = purl
        components.append({
            "type": "library", "bom-ref": purl, "name": package, "version": version, "purl": purl.replace("+", "%2B"),
            "properties": [{"name": "debian:source", "value": source}, {"name": "debian:source-version", "value": source_version}]})
    version = place.run(place.binary, "--version").split()[1]
    linked = sorted(by_name[name] for name in packages_of(place, libraries_of(place)))
    system = {"type": "operating-system", "bom-ref": "os", "name": release["ID"], "version": release["VERSION_ID"],
              "properties": [{"name": "debian:codename", "value": release["VERSION_CODENAME"]}]}
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "kurs", "name": "kurs", "version": version}},
        "components": [system, *components], "dependencies": [{"ref": "kurs", "dependsOn": linked}]}
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(document))}"
    return document


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--image", default="kurs")
    options.add_argument("--local", type=Path, metavar="BINARY")
    arguments = options.parse_args()
    place = Machine(arguments.local) if arguments.local else Image(arguments.image)
    json.dump(describe(place), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
