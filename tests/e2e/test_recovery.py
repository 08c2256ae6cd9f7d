# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event log's promise, by real clients: links are cut at random points and the daemon is killed while several write and
several read. Nothing is lost, nothing comes twice, the order is kept, and what can no longer be had is said."""
import collections
import http.client
import json
import os
import random
import socket
import threading
import time
import unittest

from chatclient import ChatClient
from daemon import DaemonTest, EventStream

IS_LONG = bool(os.environ.get("GODWIT_LONG"))
MESSAGES = 40_000 if IS_LONG else 4_000  # of all writers
CUTS = 600 if IS_LONG else 60
KILLS = 60 if IS_LONG else 6
WRITERS, READERS, STREAMS = 4, 3, 2
ROOM = "storm"


class Cuttable(threading.Thread):
    """A client that comes back, again and again, until it has done what it wanted."""

    def __init__(self, where):
        super().__init__(daemon=True)
        self.where = where  # what has the daemon of now
        self.link = None
        self.connections = 0
        self.failure = None

    def cut(self):
        link = self.link
        if link is not None:
            try:
                link.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended already

    def run(self):
        try:
            while not self.is_done():
                try:
                    self.connections += 1
                    self.turn(self.where.daemon)
                except (OSError, ValueError, IndexError, EOFError, http.client.HTTPException):
                    time.sleep(0.005)  # cut, killed, or not there yet
        except AssertionError as failure:
            self.failure = failure

    def is_done(self):
        return self.where.is_over

    def chat(self, daemon, user):
        client = ChatClient(daemon, user)
        self.link = client.socket
        return client


class Writer(Cuttable):
    """Has several messages under way, and sends again what was not acked when the link broke."""

    def __init__(self, where, name, count):
        super().__init__(where)
        self.name, self.unsent = name, collections.deque(range(count))
        self.unacked = collections.OrderedDict()
        self.offsets = {}

    def is_done(self):
        return (not self.unsent and not self.unacked) or self.where.is_over

    def send(self, client, number):
        client.command("post", ROOM, message=f"{self.name} {number}", client_id=str(number))

    def turn(self, daemon):
        client = self.chat(daemon, self.name)
        try:
            client.join(ROOM)
            for number in self.unacked:
                self.send(client, number)
            while not self.is_done():
                while self.unsent and len(self.unacked) < 16:
                    number = self.unsent.popleft()
                    self.unacked[number] = True
                    self.send(client, number)
                acked = client.wait_for("acked", "refused")
                client.events.clear()
                if acked["type"] == "refused":
                    assert acked["code"] == "unavailable", acked
                    return
                number = int(acked["client_id"])
                assert self.offsets.setdefault(number, acked["offset"]) == acked["offset"], acked
                self.unacked.pop(number, None)
        finally:
            client.close()


class Reader(Cuttable):
    """Keeps all that it was given, as it came."""

    def __init__(self, where):
        super().__init__(where)
        self.epoch, self.seen, self.gaps = None, [], 0

    def turn(self, daemon):
        client = self.chat(daemon, "reader")
        try:
            if self.epoch is None:
                joined = client.join(ROOM)
                assert joined["last"] == 0, joined
                self.epoch = joined["epoch"]
                self.where.ready.release()
            else:
                client.command("recover", ROOM, epoch=self.epoch, offset=len(self.seen))
            while not self.is_done():
                event = client.receive_json()
                if event["type"] == "posted":
                    self.seen.append(event)
                elif event["type"] == "gap":
                    self.gaps += 1
        finally:
            client.close()


class StreamReader(Cuttable):
    """The same by Server-Sent Events, beside another topic."""

    def __init__(self, where):
        super().__init__(where)
        self.last_id, self.seen, self.gaps = None, [], 0

    def turn(self, daemon):
        stream = EventStream(daemon, f"/api/stream?topics=users,room:{ROOM}", {"Last-Event-ID": self.last_id} if self.last_id else {})
        self.link = stream.connection.sock or stream.answer.fp.raw._sock
        try:
            if self.last_id is None:
                for line in iter(stream.answer.readline, b""):
                    if line.startswith(b"id: "):
                        self.last_id = line[4:].strip().decode()
                        break
                self.where.ready.release()
            while not self.is_done():
                event = stream.next()
                if event is None:
                    raise EOFError
                self.last_id = event["id"]
                if event["event"] == "gap":
                    self.gaps += 1
                else:
                    self.seen.append(json.loads(event["data"]))
        finally:
            stream.close()


class Recovery(DaemonTest):
    def test_cuts_and_kills_lose_and_double_nothing(self):
        self.is_over, self.ready = False, threading.Semaphore(0)
        self.daemon = self.start()
        port = self.daemon.port
        readers = [Reader(self) for _ in range(READERS)] + [StreamReader(self) for _ in range(STREAMS)]
        for reader in readers:
            reader.start()
        for _ in readers:
            self.assertTrue(self.ready.acquire(timeout=20))
        writers = [Writer(self, f"w{index}", MESSAGES // WRITERS) for index in range(WRITERS)]
        for writer in writers:
            writer.start()

        # The cuts are spread over the messages, so that they meet them whatever the machine's pace.
        chance = random.Random(4711)
        acts = sorted([(chance.uniform(0, 0.95), "cut") for _ in range(CUTS)]
                      + [(chance.uniform(0.05, 0.95), "kill") for _ in range(KILLS)])
        for part, act in acts:
            self.until(lambda goal=part * MESSAGES: sum(len(writer.offsets) for writer in writers) >= goal, 120)
            if act == "cut":
                chance.choice(readers + writers).cut()
            else:
                self.daemon.kill()
                self.daemon = self.start("--listen", f"127.0.0.1:{port}")
        for writer in writers:
            writer.join(120)
            self.assertIsNone(writer.failure)
            self.assertFalse(writer.is_alive())
        try:
            self.until(lambda: all(len(reader.seen) >= MESSAGES for reader in readers), 60)
        finally:
            self.is_over = True
            for reader in readers:
                reader.cut()
        for reader in readers:
            reader.join(20)
            self.assertIsNone(reader.failure)

        expected = readers[0].seen
        self.assertEqual([event["offset"] for event in expected], list(range(1, MESSAGES + 1)))
        for reader in readers:
            self.assertEqual(reader.gaps, 0)
            self.assertEqual(reader.seen, expected)  # nothing lost, doubled, or out of order
        for writer in writers:
            mine = [(event["message"], event["offset"]) for event in expected if event["user"] == writer.name]
            self.assertEqual(mine, [(f"{writer.name} {number}", writer.offsets[number]) for number in range(MESSAGES // WRITERS)])
        again = sum(client.connections for client in readers + writers) - len(readers + writers)
        print(f"{MESSAGES} messages, {CUTS} cuts and {KILLS} kills; {again} times a client came back")
        self.assertGreater(again, KILLS * len(readers))

    def test_what_was_trimmed_meanwhile_is_said(self):
        """A reader that is away for too long hears of it, with the oldest that there is, and misses nothing behind it."""
        daemon = self.start("--set=events.max_events=50", "--set=events.ring_events=10")
        reader = ChatClient(daemon, "reader")
        epoch = reader.join(ROOM)["epoch"]
        reader.close()
        writer = ChatClient(daemon, "writer", ROOM)
        total = 1_200  # trimmed each thousand
        for number in range(total):
            writer.command("post", ROOM, message=str(number))
        for _ in range(total):
            writer.wait_for("acked")
        self.until(lambda: daemon.parts("topic")[f"room:{ROOM}"]["figures"]["oldest_offset"] > 1)
        daemon.kill()
        again = self.start("--set=events.max_events=50", "--set=events.ring_events=10")
        reader = ChatClient(again, "reader")
        self.addCleanup(reader.close)
        self.addCleanup(writer.close)
        reader.command("recover", ROOM, epoch=epoch, offset=0)
        gap = reader.wait_for("gap", "joined")
        self.assertEqual(gap["type"], "gap")
        self.assertGreater(gap["oldest"], 1)
        offsets = [reader.wait_for("posted")["offset"] for _ in range(gap["oldest"], total + 1)]
        self.assertEqual(offsets, list(range(gap["oldest"], total + 1)))


if __name__ == "__main__":
    unittest.main()
