"""The check of what protects a binary notices each protection that is absent, and the release build has all of them."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from check_hardening import missing_in  # noqa: E402

RELEASE = ROOT / "build" / "release" / "src" / "kurs"
PROGRAM = """
#include <cstdio>
#include <cstdlib>
#include <cstring>
int main(int, char** words) {
    const std::size_t size = std::strtoul(words[1], nullptr, 10);
    char* small = static_cast<char*>(std::malloc(size));
    std::strcpy(small, words[2]);
    char large[100000];
    std::snprintf(large, sizeof large, "%s", small);
    std::puts(large);
}
"""


def flags():
    """Those of the release build, for the compiler and the linker."""
    text = (ROOT / "cmake" / "KursToolchain.cmake").read_text().partition("# What ships.")[2]
    return " ".join(re.findall(r"add_(?:compile|link)_options\((.*)\)", text)).split()


class HardeningTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        (cls.folder / "program.cpp").write_text(PROGRAM)

    def build(self, *more):
        binary = self.folder / "program"
        subprocess.run(["clang++-16", "-O2", *flags(), *more, self.folder / "program.cpp", "-o", binary], check=True)
        return binary

    def test_a_protection_that_is_absent_is_named(self):
        self.assertEqual(missing_in(self.build()), [])
        for flag, name in (("-no-pie", "PIE"), ("-Wl,-z,norelro", "RELRO"), ("-Wl,-z,lazy", "immediate binding"),
                           ("-Wl,-z,execstack", "a stack that is not executable"), ("-fno-stack-protector", "stack protector"),
                           ("-U_FORTIFY_SOURCE", "FORTIFY"), ("-fcf-protection=none", "CET"),
                           ("-fno-stack-clash-protection", "stack clash protection"), ("-Wl,-rpath,/tmp", "search path")):
            with self.subTest(flag):
                self.assertRegex("; ".join(missing_in(self.build(flag))), name)

    def test_an_overflow_of_memory_whose_size_is_known_at_run_time_ends_the_process(self):
        """Which distinguishes level 3 of FORTIFY."""
        for level, ends in ((3, True), (2, False)):
            binary = self.build("-U_FORTIFY_SOURCE", f"-D_FORTIFY_SOURCE={level}")
            ran = subprocess.run([binary, "3", "hello"], text=True, capture_output=True, check=False)
            self.assertEqual("buffer overflow detected" in ran.stderr, ends, ran.stderr)
        self.assertIn("-D_FORTIFY_SOURCE=3", flags())

    @unittest.skipUnless(RELEASE.exists(), "there is no release build; tests/e2e checks the image's binary")
    def test_the_release_build_is_hardened(self):
        self.assertEqual(missing_in(RELEASE), [], "run: make build PRESET=release")


if __name__ == "__main__":
    unittest.main()
