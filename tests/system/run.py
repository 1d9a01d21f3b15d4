#!/usr/bin/env python3
"""Runs one suite of the system tests: `run.py contract`. Exits with 77 if every test of it was skipped."""

import sys
import unittest

SKIPPED = 77  # as tests/CMakeLists.txt tells CTest

if __name__ == "__main__":
    program = unittest.main(module=f"test_{sys.argv[1]}", argv=sys.argv[:1], verbosity=2, exit=False)
    result = program.result
    if result.skipped and len(result.skipped) >= result.testsRun:
        sys.exit(SKIPPED if result.wasSuccessful() else 1)
    sys.exit(0 if result.testsRun and result.wasSuccessful() else 1)
