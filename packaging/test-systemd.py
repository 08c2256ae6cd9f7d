#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes documents to 127.0.0.1:8420 while the daemon there is restarted by the command in the arguments, four times;
fails if a client was refused or something acknowledged is not there. See test-systemd.sh."""
import os
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/e2e"))
os.environ.setdefault("GODWITD", "/usr/bin/godwitd")  # which it does not start
from test_restart import Client  # noqa: E402

PORT = 8420
clients = [Client(PORT, f"client{i}", i % 2 == 0) for i in range(8)]
for client in clients:
    client.start()
for _ in range(4):
    time.sleep(1)
    began = time.monotonic()
    subprocess.run(sys.argv[1:], check=True)
    print(f"restarted in {time.monotonic() - began:.2f} s", flush=True)
time.sleep(1)
for client in clients:
    client.stops.set()
for client in clients:
    client.join()

faults = [fault for client in clients for fault in client.faults]
acknowledged = [number for client in clients for number in client.acknowledged.values()]
lost = 0
for number in acknowledged:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/documents/{number}").close()
    except OSError as error:
        lost += 1
        faults.append(f"document {number}: {error}")
print(f"{len(acknowledged)} acknowledged, {lost} of them lost, {len(faults)} faults")
for fault in faults[:10]:
    print(fault, file=sys.stderr)
sys.exit(1 if faults or not acknowledged else 0)
