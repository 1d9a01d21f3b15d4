"""`.env` as Kurs reads it, against Docker Compose's own reading: an operator uses the same file with both. Kurs may refuse what
could be misread; what it accepts means the same."""

import json
import os
import random
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from stack import BUILD

CASES = int(os.environ.get("KURS_RANDOM_CASES", "100000")) // 20
BATCH = 250  # files that one Compose reads
PROCESS = {"HOME": "/home/kurs", "EMPTY": "", "PATH": os.environ.get("PATH", "")}

NAMES = ["A", "B", "C", "LONG_NAME_1", "lower", "_X"]
ODD_NAMES = ["1A", "A.B", "A-B", "A B", "", "export", "Ж", "A[0]"]
PIECES = ["word", "two words", "a=b", "1", "", " ", "\t", "#", " #comment", "\t#", "x#y", "'", '"', "''", '""', "\\", "\\n", "\\t", "\\\\", "\\'",
          '\\"', "\\$", "$", "$$", "$A", "${A}", "${B}", "$HOME", "${HOME}", "${EMPTY}", "$EMPTY", "${NOT_SET}", "$NOT_SET", "${A:-d}", "${A-d}",
          "${A:+d}", "${A:?m}", "${", "}", "$1", "$.", "${1}", "$A$B", "$A_", "ы", "é", "%", "`id`", "$(id)", "\\u0041", "\\x41", "\\a", "\\f", ";", ",",
          "\\r", "\\ ", "C:\\dir", "p$ss", "p#ss", "{}", "&", "|", "~", "*", "!"]
TABLE = {
    "a byte order mark": b"\xef\xbb\xbfA=1\n", "CRLF": b"A=1\r\nB='2'\r\n\r\n# c\r\nC=\"3\"\r\n", "no end of line": b"A=1",
    "export": b"export A=1\nexport\tB=2\nexported=3\n", "comments": b"# c\n  # c\nA=1 # c\nB=1#2\nC='#' # c\nD=\"#\" # c\n",
    "blanks": b"  A = 1  \nB=\t2\t\nC='  3  '\n", "escapes": rb'A="a\nb\tc\\d\"e\$f"' + b"\n" + rb"B='a\nb\\c'" + b"\nC=a\\nb\\\\c\n",
    "several lines": b"A=\"a\nb\nc\"\nB='a\n# no comment\nb'\nC=1\n", "expansion": b"A=1\nB=${A}2\nC=\"$B\"\nD='$B'\nE=$$A\nF=\"\\$A\"\n",
    "of the process": b"A=$HOME\nB=${EMPTY}x\nHOME=other\nC=$HOME\n", "empty": b"A=\nB=''\nC=\"\"\nD= \n", "twice": b"A=1\nA=2\nB=$A\n",
    "equals signs": b"A=b=c\nB==\nC='='\n", "passwords": "A='p$ss'\nB=p#ss\nC=\"p\\\"ss\"\nD='пароль'\n".encode(),
}


def random_file(chance):
    lines = []
    for _ in range(chance.randint(1, 4)):
        if chance.random() < 0.1:
            lines.append(chance.choice(["", "# comment", "  ", "#A=1", "junk", "A"]))
            continue
        name = chance.choice(ODD_NAMES if chance.random() < 0.05 else NAMES)
        value = "".join(chance.choice(PIECES) for _ in range(chance.choice([0, 1, 1, 2, 3])))
        quote = chance.choice(["", "", "'", '"'])
        after = chance.choice(["", "", "", " ", " # comment", "#", "x"]) if chance.random() < 0.3 else ""
        before = chance.choice(["export ", "  ", "\t"]) if chance.random() < 0.15 else ""
        equals = chance.choice([" = ", "= ", " =", ": ", ":"]) if chance.random() < 0.1 else "="
        lines.append(before + name + equals + quote + value + quote + after)
    end = "\r\n" if chance.random() < 0.1 else "\n"
    return (b"\xef\xbb\xbf" if chance.random() < 0.02 else b"") + (end.join(lines) + end).encode()


def read_by_kurs(files):
    tool = os.path.join(BUILD, "tests", "env_lines")
    found = subprocess.run([tool], input="".join(f"{file.hex()}\n" for file in files), capture_output=True, text=True, check=True)
    return [json.loads(line) for line in found.stdout.splitlines()]


def read_by_compose(files):
    """None where Compose refuses the file."""
    with tempfile.TemporaryDirectory() as folder:
        services = {}
        for number, file in enumerate(files):
            Path(folder, f"{number}.env").write_bytes(file)
            services[f"s{number}"] = {"image": "none", "env_file": f"{number}.env"}
        Path(folder, "compose.yaml").write_text(json.dumps({"name": "files", "services": services}))
        command = ["docker", "compose", "-f", "compose.yaml", "config", "--format", "json"]
        found = subprocess.run(command, cwd=folder, env=PROCESS, capture_output=True, text=True)
    if found.returncode == 0:
        read = json.loads(found.stdout)["services"]
        environments = [read[f"s{number}"].get("environment") or {} for number in range(len(files))]
        return [{name: None if value is None else value.replace("$$", "$") for name, value in environment.items()}
                for environment in environments]
    if len(files) == 1:
        return [None]
    middle = len(files) // 2
    return read_by_compose(files[:middle]) + read_by_compose(files[middle:])


def is_compose_here():
    return shutil.which("docker") and subprocess.run(["docker", "compose", "version"], env=PROCESS, capture_output=True).returncode == 0


@unittest.skipUnless(is_compose_here(), "Docker Compose is not installed: its reading of .env is not compared")
class EnvFileTest(unittest.TestCase):
    def compare(self, files):
        ours = read_by_kurs(files)
        accepted = [file for file, values in zip(files, ours) if values is not None]
        theirs = [each for begin in range(0, len(accepted), BATCH) for each in read_by_compose(accepted[begin:begin + BATCH])]
        for file, mine, other in zip(accepted, (values for values in ours if values is not None), theirs):
            self.assertEqual(mine, other, file.decode())
        return len(accepted)

    def test_forms_that_the_documentation_shows(self):
        self.assertEqual(self.compare(list(TABLE.values())), len(TABLE))

    def test_random_files(self):
        chance = random.Random(20261130)
        accepted = self.compare([random_file(chance) for _ in range(CASES)])
        print(f"{accepted} of {CASES} random files equal, the others refused by Kurs")
        self.assertGreater(accepted, CASES // 5)

    def test_files_that_are_refused(self):
        """Kurs refuses what an operator may have meant otherwise. Compose refuses some of it, and reads the rest in a way that
        may surprise."""
        files = {"a variable that is not set": b"A=$NOT_SET\n", "a default": b"A=${B:-1}\n", "a comment in place of a value": b"A= # c\n",
                 "a tab before a comment": b"A=1\t# c\n", "text after a quote": b"A='1'2\n", "no value": b"A\n",
                 "no closing quote": b"A='1\n", "a name with a blank": b"A B=1\n", "a colon": b"A: 1\n"}
        self.assertEqual(read_by_kurs(list(files.values())), [None] * len(files))
        for name, file in files.items():
            print(f"{name}: Compose reads {read_by_compose([file])[0]}")


if __name__ == "__main__":
    unittest.main()
