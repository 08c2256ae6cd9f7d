#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""acked.py BUILD_DIR: how many messages of chat a second godwitd acknowledges, each on disk by then (synchronous=FULL), on
one core; the clients are on another. All of godwit.chat.v1: JSON, a client id, search index, event log, broadcast to the room.
Environment: WRITERS (8, each in a room with a reader), WINDOW (64 messages that each has under way), MESSAGES (40,000 of all),
ROUNDS (5)."""
import os
import selectors
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
os.environ["GODWITD"] = os.path.abspath(sys.argv[1]) + "/bin/godwitd"
from chatclient import ChatClient  # noqa: E402  reads the environment
from daemon import Daemon  # noqa: E402

WRITERS, WINDOW, MESSAGES, ROUNDS = (int(os.environ.get(name, usual)) for name, usual in (
    ("WRITERS", 8), ("WINDOW", 64), ("MESSAGES", 40_000), ("ROUNDS", 5)))
ACKED = b'"type":"acked"'


class Writer:
    """Sends prebuilt frames, and counts what is acked by its bytes: the clients are not what is measured."""

    def __init__(self, daemon, number):
        self.client, self.reader = (ChatClient(daemon, f"{role}{number}") for role in ("writer", "reader"))
        self.room = f"room{number}"
        for client in (self.client, self.reader):
            client.join(self.room)
            client.socket.setblocking(False)
        self.sent = self.acked = 0
        self.rest = b""

    def frame(self, prefix):
        text = (f'{{"type":"post","room":"{self.room}","message":"What stands on the disk is acked, and nothing else: whoever is told so can count on it.",'
                f'"client_id":"{prefix}{self.sent}"}}').encode()
        self.sent += 1
        return bytes([0x81, 0x80 | 126]) + len(text).to_bytes(2, "big") + bytes(4) + text  # the mask is zero

    def send(self, prefix, limit):
        while self.sent < limit and self.sent - self.acked < WINDOW:
            self.client.socket.send(self.frame(prefix))

    def receive(self):
        data = self.client.socket.recv(1 << 20)
        if not data:
            sys.exit("acked.py: a connection has ended")
        data = self.rest + data
        self.acked += data.count(ACKED)
        self.rest = data[-len(ACKED) + 1:]


def cpu_seconds(process):
    with open(f"/proc/{process}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(writers, prefix):
    """Seconds until all of a round is acked."""
    selector = selectors.DefaultSelector()
    limit = {}
    for writer in writers:
        limit[writer] = writer.sent + MESSAGES // len(writers)
        selector.register(writer.client.socket, selectors.EVENT_READ, writer.receive)
        selector.register(writer.reader.socket, selectors.EVENT_READ, lambda link=writer.reader.socket: link.recv(1 << 20))
    started = time.monotonic()
    while any(writer.acked < limit[writer] for writer in writers):
        for writer in writers:
            writer.send(prefix, limit[writer])
        events = selector.select(20)
        if not events:
            sys.exit("acked.py: nothing is acked any more")
        for key, _ in events:
            key.data()
    return time.monotonic() - started


def main():
    with tempfile.TemporaryDirectory(prefix="godwit-bench-") as folder:
        with Daemon(os.path.join(folder, "data"), before=lambda: os.sched_setaffinity(0, {0})) as daemon:
            os.sched_setaffinity(0, {1})
            writers = [Writer(daemon, number) for number in range(WRITERS)]
            rates, costs = [], []
            for number in range(ROUNDS + 1):
                before = cpu_seconds(daemon.process.pid)
                seconds = run(writers, f"{number}-")
                if number > 0:  # the first is for warming up
                    rates.append(MESSAGES / seconds)
                    costs.append((cpu_seconds(daemon.process.pid) - before) / MESSAGES * 1e6)
            print(f"{WRITERS} writers, {WINDOW} messages of each under way, {ROUNDS} rounds of {MESSAGES:,}: "
                  f"{statistics.median(rates):,.0f} acked a second ({min(rates):,.0f} to {max(rates):,.0f}), "
                  f"{statistics.median(costs):.0f} us of CPU each")
            daemon.stop()


main()
