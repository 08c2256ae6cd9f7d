# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""godwit.chat.v1 by npm's `ws`: all commands and events, and that nothing is missing or comes twice, whatever is cut or killed."""
import json
import os
import subprocess
import threading
import unittest

from daemon import GODWITD, environment, rounds
from realclients import NodeTest, Socket

SUBPROTOCOL = "godwit.chat.v1"


class Member(Socket):
    """Of one room."""

    def __init__(self, node, daemon, user):
        super().__init__(node, f"{daemon.url}/ws/chat?user={user}", protocols=[SUBPROTOCOL])

    def command(self, kind, **members):
        self.do("send", json.dumps({"type": kind, "room": "birds", **members}))

    def event(self, *kinds):
        """The next event of these kinds; others are passed over."""
        while (event := self.message())["type"] not in kinds:
            pass
        return event

    def joined(self):
        self.command("join")
        return self.event("joined")

    def recovered(self, epoch, offset):
        self.command("recover", epoch=epoch, offset=offset)
        return self.event("joined", "gap")


class Chat(NodeTest):
    def member(self, daemon, user):
        member = Member(self.node, daemon, user)
        self.addCleanup(member.do, "end")
        return member.opened()


class Commands(Chat):
    def test_the_subprotocol_is_chosen(self):
        daemon = self.start()
        for offered, chosen in (([SUBPROTOCOL], SUBPROTOCOL), (["other.v2", SUBPROTOCOL], SUBPROTOCOL), ([], "")):
            socket = self.socket(daemon, "/ws/chat?room=birds&user=anna", protocols=offered)
            self.assertEqual(socket.expect("open")["protocol"], chosen)

    def test_all_of_them(self):
        daemon = self.start()
        anna, bert = self.member(daemon, "anna"), self.member(daemon, "bert")
        anna.joined()
        joined = bert.joined()
        self.assertEqual((joined["users"], joined["offset"]), (["anna", "bert"], 0))
        presence = anna.event("presence")
        while presence["user"] == "anna":
            presence = anna.event("presence")
        self.assertEqual((presence["user"], presence["state"], presence["count"]), ("bert", "online", 2))

        anna.command("post", message="helo", client_id="one")
        acked = anna.event("acked")
        self.assertEqual((acked["client_id"], acked["offset"], acked["repeated"]), ("one", 1, False))
        posted = bert.event("posted")
        self.assertEqual((posted["user"], posted["message"], posted["offset"], posted["id"]), ("anna", "helo", 1, acked["id"]))
        anna.command("post", message="helo", client_id="one")
        again = anna.event("acked")
        self.assertEqual((again["repeated"], again["offset"], again["id"]), (True, 1, acked["id"]))

        bert.command("typing")
        self.assertEqual(anna.event("typing")["user"], "bert")
        bert.command("read", offset=1)
        self.assertEqual(bert.event("unread")["unread"], 0)
        self.assertEqual(anna.event("read"), {"type": "read", "room": "birds", "user": "bert", "offset": 1})
        anna.command("edit", offset=1, message="hello")
        edited = bert.event("edited")
        self.assertEqual((edited["message_offset"], edited["message"], edited["offset"]), (1, "hello", 2))
        bert.command("edit", offset=1, message="mine", ref="r")
        refused = bert.event("refused")
        self.assertEqual((refused["command"], refused["code"], refused["ref"]), ("edit", "permission_denied", "r"))
        bert.command("history", before=2)
        self.assertEqual([item["message"] for item in bert.event("history")["items"]], ["hello"])
        anna.command("delete", offset=1)
        self.assertEqual(bert.event("deleted")["message_offset"], 1)
        bert.command("leave")
        self.assertEqual(bert.event("left")["room"], "birds")
        self.assertEqual(anna.event("presence")["state"], "offline")

    def test_what_is_gone_is_told(self):
        """After a restore another history is there: the client hears that it is, and all of it."""
        daemon = self.start()
        anna = self.member(daemon, "anna")
        epoch = anna.joined()["epoch"]
        for command, message in (("backup", "kept"), (None, "lost")):
            anna.command("post", message=message)
            last = anna.event("acked")["offset"]
            if command:
                self.command(command)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(anna.closed()[0], 1001)
        self.command("restore")
        daemon = self.start()
        anna = self.member(daemon, "anna")
        gap = anna.recovered(epoch, last)
        self.assertEqual((gap["type"], gap["recovered"], gap["oldest"]), ("gap", False, 1))
        joined = anna.event("joined")
        self.assertFalse(joined["recovered"])
        self.assertNotEqual(joined["epoch"], epoch)
        self.assertEqual(anna.event("posted")["message"], "kept")

    def command(self, name):
        subprocess.run([GODWITD, name, os.path.join(self.folder, "copy.db"), "--data", self.data], check=True, env=environment(),
                       stdout=subprocess.DEVNULL)


class Person(threading.Thread):
    """Comes again and again until the test is over; what it knows outlives its connections."""

    def __init__(self, test, user):
        super().__init__(daemon=True)
        self.test, self.user = test, user
        self.fault = None

    def run(self):
        try:
            while not self.has_all():
                member = Member(self.test.node, self.test.daemon, self.user)
                try:
                    member.expect("open")
                    self.take_part(member)
                except AssertionError:  # its connection has ended
                    self.test.is_over.wait(0.05)
                finally:
                    member.do("end")
        except Exception as fault:  # for the test's own thread
            self.fault = fault


class Author(Person):
    """Posts, and posts again what has not been acknowledged."""

    def __init__(self, test, user):
        super().__init__(test, user)
        self.number, self.acked = 1, []

    def has_all(self):
        return self.test.is_over.is_set()

    def take_part(self, member):
        member.joined()
        while not self.has_all():
            name = f"{self.user} {self.number}"
            member.command("post", message=name, client_id=name)
            acked = member.event("acked")
            while acked["client_id"] != name:
                acked = member.event("acked")
            self.acked.append((acked["offset"], name))
            self.number += 1


class Reader(Person):
    """Recovers each time from the last that it has seen."""

    def __init__(self, test, user):
        super().__init__(test, user)
        self.epoch, self.seen, self.gaps = None, [], []
        self.last = None  # offset, at which it has all

    def has_all(self):
        return self.last is not None and bool(self.seen) and self.seen[-1][0] >= self.last

    def take_part(self, member):
        if self.epoch is None:
            self.epoch = member.joined()["epoch"]
        elif member.recovered(self.epoch, self.seen[-1][0] if self.seen else 0)["type"] == "gap":
            self.gaps.append(self.seen[-1:])
        while not self.has_all():
            event = member.event("posted")
            self.seen.append((event["offset"], event["message"]))


class Storm(Chat):
    def test_nothing_is_missing_and_nothing_comes_twice(self):
        self.daemon, self.is_over = self.start(), threading.Event()
        readers = [Reader(self, f"reader {number}") for number in range(2)]
        authors = [Author(self, f"author {number}") for number in range(3)]
        for reader in readers:
            reader.start()
        self.until(lambda: all(reader.epoch for reader in readers))  # they are there before all that is posted
        for author in authors:
            author.start()
        for number in range(rounds(4)):
            before = [len(author.acked) for author in authors]
            self.until(lambda before=before: all(len(author.acked) > count + 10 for author, count in zip(authors, before)), 60)
            if number % 2 == 0:
                self.daemon.kill()
                self.daemon = self.start(port=self.daemon.port)
            else:
                for name, part in self.daemon.parts("connection").items():
                    if part["figures"]["protocol"] == "websocket":
                        self.daemon.act("connection", name, "kick")
        self.is_over.set()
        for author in authors:
            author.join(60)
        last = self.member(self.daemon, "anna").joined()["last"]
        for reader in readers:
            reader.last = last
        watcher = self.member(self.daemon, "bert")  # wakes those who have all already
        watcher.joined()
        watcher.command("post", message="the end")
        for person in readers + authors:
            person.join(60)
            self.assertFalse(person.is_alive())
            self.assertIsNone(person.fault)
        for reader in readers:
            self.assertEqual(reader.gaps, [])
            seen = reader.seen[:last]
            self.assertEqual([offset for offset, _ in seen], list(range(1, last + 1)))
            for author in authors:
                texts = [text for _, text in seen if text.startswith(author.user)]
                self.assertEqual(texts, [f"{author.user} {number}" for number in range(1, len(texts) + 1)])
                self.assertEqual(set(author.acked) - set(seen), set())


if __name__ == "__main__":
    unittest.main()
