#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""check_includes.py [ROOT]: who may include whom, as the table in ARCHITECTURE.md says.

A row names a folder, or files of one by a pattern, and what these may include besides their own folder: folders (with all below)
or single headers. The rows that fit a file add up. Exit 1 and a line for each include that no row allows.
"""
import fnmatch
import pathlib
import re
import subprocess
import sys

ROW = re.compile(r"^\| ([\w./*-]+) \| ([\w./* -]*)\|$")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
PARTS = ("server/", "shared/", "monitor/")


def read_table(text):
    rows = []
    section = text.split("## Who may include whom", 1)
    if len(section) < 2:
        sys.exit('ARCHITECTURE.md has no section "Who may include whom"')
    for line in section[1].split("\n## ", 1)[0].splitlines():
        found = ROW.match(line)
        if found and found[1] != "folder" and not set(found[1]) <= {"-"}:
            rows.append((found[1], found[2].split()))
    if not rows:
        sys.exit("ARCHITECTURE.md: the table of includes has no rows")
    return rows


def fits(row, path):
    return path == row or path.startswith(row + "/") or fnmatch.fnmatch(path, row)


def allowed(path, target, rows):
    folder = str(pathlib.PurePosixPath(path).parent)
    if target.startswith(folder + "/"):
        return True
    for row, may in rows:
        if fits(row, path) and any(fits(entry, target) for entry in may + [row]):
            return True
    return False


def check(files, rows):
    """files: (path, text) pairs. Yields what is wrong, a line each."""
    for path, text in files:
        if not any(fits(row, path) for row, _ in rows):
            yield f"{path}: its folder is not in ARCHITECTURE.md's table of includes"
            continue
        for target in INCLUDE.findall(text):
            if target.startswith(PARTS) and not allowed(path, target, rows):
                line = text[: text.index(f'"{target}"')].count("\n") + 1
                yield f"{path}:{line}: may not include {target} (see ARCHITECTURE.md, Who may include whom)"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    rows = read_table((root / "ARCHITECTURE.md").read_text())
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "*.h", "*.cpp"], check=True, capture_output=True, text=True)
    names = [n for n in listed.stdout.splitlines() if (root / n).exists()]
    faults = list(check(((n, (root / n).read_text()) for n in names), rows))
    print("\n".join(faults) if faults else f"{len(names)} files: every include is in the table")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
