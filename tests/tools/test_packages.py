"""What an image contains, and what Debian's security tracker knows of it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from check_packages import findings  # noqa: E402
from image_sbom import Machine, describe, libraries_of  # noqa: E402

BINARY = Path(os.environ.get("KURS_BUILD", str(ROOT / "build" / "asan"))) / "src" / "kurs"


def bill(**versions):
    """Of a release with these source packages."""
    components = [{"name": name, "properties": [{"name": "debian:source", "value": name},
                                                {"name": "debian:source-version", "value": version}]}
                  for name, version in versions.items()]
    return {"components": [{"name": "debian", "properties": [{"name": "debian:codename", "value": "bookworm"}]}, *components]}


def known(status, fixed=None, release="bookworm"):
    """An entry in the form of https://security-tracker.debian.org/tracker/data/json."""
    state = {"status": status, "repositories": {release: "1"}, "urgency": "not yet assigned"}
    return {"scope": "local", "description": "…", "releases": {release: {**state, **({"fixed_version": fixed} if fixed else {})}}}


class TrackerTest(unittest.TestCase):
    def test_a_version_is_vulnerable_until_the_one_that_mends_it(self):
        tracker = {"openssl": {"CVE-1": known("resolved", "3.0.15-1~deb12u1")}}
        for version, is_vulnerable in (("3.0.14-1~deb12u2", True), ("3.0.15-1~deb12u1~rc", True), ("3.0.15-1~deb12u1", False),
                                       ("3.0.15-1", False), ("3.0.9-1", True), ("1:1.0", False)):
            found = findings(bill(openssl=version), tracker)
            self.assertEqual([each.fixed for each in found], ["3.0.15-1~deb12u1"] if is_vulnerable else [], version)

    def test_what_is_open_has_no_remedy_and_what_never_applied_is_not_shown(self):
        tracker = {"zlib": {"CVE-1": known("open"), "CVE-2": known("resolved", "0"), "CVE-3": known("undetermined"),
                            "CVE-4": known("open", release="trixie")}, "other": {"CVE-5": known("open")}}
        found = findings(bill(zlib="1:1.2.13"), tracker)
        self.assertEqual([(each.vulnerability, each.fixed) for each in found], [("CVE-1", None)])

    def test_the_command_fails_if_an_update_is_due(self):
        with tempfile.TemporaryDirectory() as folder:
            image, tracker = Path(folder) / "image.json", Path(folder) / "tracker.json"
            image.write_text(json.dumps(bill(openssl="3.0.9-1", zlib="1:1.2.13")))
            for entries, status, words in (({"openssl": {"CVE-1": known("resolved", "3.0.15-1")}}, 1, "fixed in 3.0.15-1"),
                                           ({"zlib": {"CVE-2": known("open")}}, 0, "not fixed in Debian"),
                                           ({}, 0, "2 source packages: 0 vulnerabilities")):
                tracker.write_text(json.dumps(entries))
                ran = subprocess.run([ROOT / "tools" / "check_packages.py", image, tracker], text=True, capture_output=True,
                                     check=False)
                self.assertEqual(ran.returncode, status, ran.stdout + ran.stderr)
                self.assertIn(words, ran.stdout)


class BillTest(unittest.TestCase):
    def test_it_has_every_package_and_the_libraries_of_the_binary(self):
        place = Machine(BINARY)
        document = describe(place)
        refs = {each["bom-ref"] for each in document["components"]}
        linked = document["dependencies"][0]["dependsOn"]
        self.assertLess(set(linked), refs)
        shown = {each["name"]: each["version"] for each in document["components"][1:]}
        installed = subprocess.run(["dpkg-query", "--show"], check=True, text=True, capture_output=True).stdout
        pairs = [line.split("\t") for line in installed.splitlines()]
        self.assertEqual(shown, {name.partition(":")[0]: version for name, version in pairs})
        names = {purl.partition("@")[0].rpartition("/")[2] for purl in linked}
        self.assertLessEqual({"libssl3", "libpqxx-6.4", "libhiredis0.14", "libc6", "libspdlog1.10", "libfmt9"}, names)
        self.assertGreaterEqual(len(libraries_of(place)), len(names))
        self.assertEqual(describe(place), document, "the same each time")


if __name__ == "__main__":
    unittest.main()
