#!/usr/bin/env python3
"""Holds the Debian packages of an image against the data of Debian's security tracker.

    tools/image_sbom.py >kurs.cdx.json
    curl -o tracker.json https://security-tracker.debian.org/tracker/data/json
    tools/check_packages.py kurs.cdx.json tracker.json

Prints each known vulnerability of an installed version. Exit status 1 if Debian has a version without it; rebuild the image then.
What Debian has not mended yet is printed too.
"""

import json
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

Finding = namedtuple("Finding", "source version vulnerability fixed urgency")  # fixed: None if Debian has no such version


def is_older(version, other):
    return subprocess.run(["dpkg", "--compare-versions", version, "lt", other], check=False).returncode == 0


def sources_of(document):
    """{source package: its versions}, and the release."""
    sources, codename = {}, None
    for component in document["components"]:
        properties = {each["name"]: each["value"] for each in component.get("properties", [])}
        codename = properties.get("debian:codename", codename)
        if "debian:source" in properties:
            sources.setdefault(properties["debian:source"], set()).add(properties["debian:source-version"])
    return sources, codename


def finding_of(source, version, vulnerability, known):
    """None if this version does not have it. The version 0 as fixed means that no version has it."""
    if known["status"] == "open":
        return Finding(source, version, vulnerability, None, known["urgency"])
    if known["status"] == "resolved" and is_older(version, known["fixed_version"]):
        return Finding(source, version, vulnerability, known["fixed_version"], known["urgency"])
    return None


def findings(document, tracker):
    sources, codename = sources_of(document)
    found = []
    for source, versions in sorted(sources.items()):
        for vulnerability, entry in sorted(tracker.get(source, {}).items()):
            known = entry["releases"].get(codename)
            found += [finding_of(source, version, vulnerability, known) for version in sorted(versions) if known]
    return [each for each in found if each]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    document, tracker = (json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:])
    found = findings(document, tracker)
    for each in found:
        remedy = f"fixed in {each.fixed}" if each.fixed else "not fixed in Debian"
        print(f"{each.source} {each.version}: {each.vulnerability}, urgency {each.urgency}, {remedy}")
    mended = sum(each.fixed is not None for each in found)
    print(f"{len(sources_of(document)[0])} source packages: {len(found)} vulnerabilities, {mended} of them fixed by an update")
    sys.exit(1 if mended else 0)


if __name__ == "__main__":
    main()
