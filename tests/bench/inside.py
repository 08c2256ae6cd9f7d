#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""inside.py BUILD_DIR: what it costs to see inside. CPU time of a GET /hello of peerserver with nothing recorded, with
all that godwitd records by itself (request id, figures by route, traces), and with the access log besides. All run at the
same time and are loaded in turns, so that what disturbs meets all of them; medians of the rounds, and of their ratios.
Environment: ROUNDS (9), DURATION (2, seconds)."""
import os
import statistics
import sys

os.environ.setdefault("DURATION", "2")
os.environ.setdefault("ROUNDS", "9")
from bench import ROUNDS, Server, wrk  # noqa: E402  reads the environment

KINDS = {"none": "nothing recorded", "all": "request id, figures by route, traces", "log": "the same and the access log"}
LIMIT = 1.10  # what all but the log may cost


def main():
    program = os.path.abspath(sys.argv[1]) + "/bin/peerserver"
    running = {}
    spent = {kind: [] for kind in KINDS}
    try:
        for number, kind in enumerate(KINDS):
            running[kind] = Server(kind, {"INSIDE": kind, "WORKERS": "1", "DB_PATH": ":memory:"}, [program], 18200 + number)
        for number in range(ROUNDS + 1):
            order = list(KINDS)[number % len(KINDS):] + list(KINDS)[:number % len(KINDS)]
            for kind in order:
                microseconds = wrk(running[kind], "/hello")
                if microseconds is None:
                    sys.exit(f"{kind}: a request failed")
                if number > 0:  # the first is for warming up
                    spent[kind].append(microseconds)
    finally:
        for server in running.values():
            server.stop()
    print(f"| GET /hello, {ROUNDS} rounds in turns | CPU us a request | ratio |\n|---|---:|---:|")
    ratios = {kind: statistics.median(one / base for one, base in zip(spent[kind], spent["none"])) for kind in KINDS}
    for kind, title in KINDS.items():
        print(f"| {title} | {statistics.median(spent[kind]):.2f} | {ratios[kind]:.3f} |")
    if ratios["all"] > LIMIT:
        sys.exit(f"it costs more than {LIMIT - 1:.0%}")


main()
