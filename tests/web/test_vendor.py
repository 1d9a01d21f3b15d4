"""What web/vendor holds is what npm's packages hold, as recorded; and the page asks for nothing that is not there."""

import base64
import hashlib
import json
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WEB = ROOT / "web"
VENDOR = WEB / "vendor"
OWN_NOTES = {"packages.json", "fancy-canvas.LICENSE.txt", "lightweight-charts.NOTICE.txt"}


def integrity(content):
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


class VendorTest(unittest.TestCase):
    def setUp(self):
        self.packages = json.loads((VENDOR / "packages.json").read_text())

    def test_every_file_is_as_recorded(self):
        for name, package in self.packages.items():
            for file in package["files"].values():
                with self.subTest(package=name, file=file["name"]):
                    self.assertEqual(integrity((VENDOR / file["name"]).read_bytes()), file["integrity"])

    def test_nothing_else_is_there(self):
        known = {file["name"] for package in self.packages.values() for file in package["files"].values()}
        self.assertEqual({path.name for path in VENDOR.iterdir()}, known | OWN_NOTES)

    def test_every_package_has_an_exact_version_a_hash_and_its_licence(self):
        for name, package in self.packages.items():
            with self.subTest(package=name):
                self.assertRegex(package["version"], r"^\d+\.\d+\.\d+$")
                self.assertRegex(package["integrity"], r"^sha512-[\w+/]{86}==$")
                self.assertTrue(any("LICENSE" in source for source in package["files"]))

    def test_the_script_that_is_served_says_the_version_that_is_recorded(self):
        head = (VENDOR / "lightweight-charts.mjs").read_text()[:200]
        self.assertIn("v" + self.packages["lightweight-charts"]["version"], head)

    def test_all_that_is_served_is_embedded_and_all_that_is_asked_for_is_there(self):
        listed = (ROOT / "src" / "web" / "CMakeLists.txt").read_text()
        there = {path.name: path for path in WEB.rglob("*") if path.is_file() and path.suffix != ".json"}
        for name in there:
            self.assertRegex(listed, rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
        own = [path for path in WEB.iterdir() if path.suffix in (".js", ".html", ".css")]
        for path in own:
            for name in re.findall(r"""["'](?:\./|/assets/)([\w.-]+)["']""", path.read_text()):
                self.assertIn(name, there, f"asked for by {path.name}")


if __name__ == "__main__":
    unittest.main()
