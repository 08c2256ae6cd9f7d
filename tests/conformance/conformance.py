#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""conformance.py KIND PROGRAM: raw bytes against a server of ours.

KIND is plain, tls, unix or dropin. Each case is a function; its decorator says against which kinds it is run. Checks of
memory are left out where GODWIT_SKIP_MEMORY_CHECKS is set (under sanitizers).
"""

import os
import shutil
import sys
import tempfile
import traceback

from client import Server, make_certificate
import cases_framing
import cases_limits
import cases_tls
import cases_websocket


def start(kind, program, directory):
    if kind == "tls":
        certificate, key = make_certificate(directory, "first")
        return [program, "--tls", certificate, key], {"tls": True}
    if kind == "unix":
        path = os.path.join(directory, "http.sock")
        return [program, "--unix", path], {"unix": path}
    return [program], {}


def main():
    kind, program, *wanted = sys.argv[1:]
    directory = tempfile.mkdtemp()
    command, options = start(kind, program, directory)
    servers = {False: Server(*command, **options)}
    if kind in ("plain", "tls"):
        servers[True] = Server(*command, "--quick", **options)
    failed = []
    count = 0
    for module in (cases_framing, cases_limits, cases_websocket, cases_tls):
        for case in module.CASES:
            if kind not in case.kinds or (wanted and case.name not in wanted):
                continue
            count += 1
            try:
                case.run(servers[case.quick], directory)
            except Exception as error:  # a case that fails in whatever way has failed
                failed.append(case.name)
                print(f"FAIL {case.name}: {error!r}")
                traceback.print_exc(limit=-2)
    for server in servers.values():
        if not server.end():
            failed.append("the server has died")
    shutil.rmtree(directory)
    print(f"{kind}: {count - len(failed)} of {count} cases passed")
    for name in failed:
        print(f"  failed: {name}")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
