#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says which tests README.md names that there are not, and which of its lines no client of others tries."""
import ast
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).parent
E2E = re.compile(r"`(test_\w+)\.(\w+)\.(test_\w+)`")
QT = re.compile(r"`(tst_\w+::\w+)`")
CLIENTS = {"curl", "eventsource", "ws", "tus-js-client", "websockets", "Chromium"}


def tests_of(path):
    """(class, name) of all in a file of tests."""
    return {(part.name, test.name) for part in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(part, ast.ClassDef)
            for test in part.body if isinstance(test, ast.FunctionDef)}


def untried(text):
    """What the lines without one of the CLIENTS are about."""
    rows = (line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ") and not line.startswith("| line "))
    return [row[0].strip() for row in rows if not CLIENTS & set(re.split(r"[,;* ]+", row[1]))]


def main():
    text = (TESTS / "README.md").read_text(encoding="utf-8")
    missing = set()
    for name, group, test in E2E.findall(text):
        path = TESTS / "e2e" / f"{name}.py"
        if not path.exists() or (group, test) not in tests_of(path):
            missing.add(f"{name}.{group}.{test}")
    sources = "\n".join(path.read_text(encoding="utf-8") for path in TESTS.glob("*/tst_*.cpp"))
    missing |= {name for name in QT.findall(text) if f"void {name}()" not in sources}
    for name in sorted(missing):
        print(f"tests/README.md names {name}, which there is not", file=sys.stderr)
    lines = untried(text)
    for line in lines:
        print(f"tests/README.md: no client that others have written tries: {line}", file=sys.stderr)
    count = len(E2E.findall(text)) + len(QT.findall(text))
    print(f"{count} names, {len(missing)} of them of no test; {len(lines)} lines without a client")
    return 1 if missing or lines or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
