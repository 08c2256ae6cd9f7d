# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event streams that are cut, and daemons that end: npm's `eventsource` comes back by itself, with its Last-Event-ID."""
import http.client
import itertools
import json
import os
import subprocess
import threading
import unittest

from daemon import GODWITD, environment, rounds
from realclients import NodeTest


class Resumed(NodeTest):
    def cut(self, daemon):
        """Every event stream, as a network would."""
        for name, part in daemon.parts("connection").items():
            if part["figures"]["protocol"] == "sse":
                self.assertEqual(daemon.act("connection", name, "kick")[0], 204)

    def come_back(self, source):
        """The Last-Event-ID with which it did."""
        last = None
        for happened in source.rest(30):
            if happened["what"] == "error":
                self.assertIsNone(happened["code"])  # a connection has ended, or nobody listens: no refusal
            elif happened["what"] == "request":
                last = happened["lastEventId"]
            elif happened["what"] == "answer":
                self.assertEqual(happened["status"], 200)
                return last


class Lost(Resumed):
    """Connections that end without `event: end`: an EventSource comes back by itself, when `retry:` has said."""

    def test_cut_in_the_middle(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        headers = daemon.local()
        ticket = daemon.request("POST", "/api/auth/ticket", headers=headers)[2]
        time = self.source(daemon, "/api/events/time?interval=0.05")
        metrics = self.source(daemon, "/api/metrics/stream", "metrics", "gap", headers=headers)
        by_ticket = self.source(daemon, "/api/metrics/stream?ticket=" + ticket["ticket"], "metrics")
        first = {source: source.event() for source in (time, metrics, by_ticket)}
        self.cut(daemon)
        last = self.come_back(time)
        self.assertGreaterEqual(int(last), int(first[time]["id"]))
        self.assertEqual(int(time.event()["id"]), int(last) + 1)
        # What was measured while it was away has come as well, once each.
        last = self.come_back(metrics)
        epoch, _, counter = last.rpartition(":")
        for number in range(1, 5):
            event = metrics.event()
            self.assertEqual((event["name"], event["id"]), ("metrics", f"{epoch}:{int(counter) + number}"))
        # A ticket is good once: with one of its own a client comes again.
        happened = list(by_ticket.rest())
        self.assertEqual([one["status"] for one in happened if one["what"] == "answer"], [401])
        self.assertEqual(happened[-1], {"what": "closed"})

    def test_killed_and_started_again(self):
        daemon = self.start()
        task = self.begin_task(daemon, "sleep", seconds=600)
        time = self.source(daemon, "/api/events/time?interval=0.05")
        metrics = self.source(daemon, "/api/metrics/stream", "metrics", "gap")
        progress = self.source(daemon, f"/api/tasks/{task}/events", "progress", "end", closeOn="end")
        for source in (time, metrics, progress):
            source.event()
        daemon.kill()
        again = self.start(port=daemon.port)
        last = self.come_back(time)
        self.assertEqual(int(time.event()["id"]), int(last) + 1)
        # Figures are of one run of the daemon: that those before are gone is told.
        self.come_back(metrics)
        gap = metrics.event()
        self.assertEqual((gap["name"], json.loads(gap["data"])["recovered"]), ("gap", False))
        self.assertEqual(metrics.event()["id"], json.loads(gap["data"])["oldest"])
        # The task runs again, and is followed to its end.
        self.come_back(progress)
        progress.event()
        self.assertEqual(again.request("POST", f"/api/tasks/{task}/cancel")[0], 200)
        *_, last, end = [one for one in progress.rest() if one["what"] == "event"]
        self.assertEqual((json.loads(last["data"])["status"], end["name"]), ("cancelled", "end"))

    def test_stopped_and_started_again(self):
        """A drain is no end: all come back by themselves, to what runs again then."""
        daemon = self.start()
        task = self.begin_task(daemon, "sleep", seconds=600)
        sources = [self.source(daemon, path, *names, "end") for path, *names in (
            ("/api/events/time?interval=3600",), ("/api/metrics/stream", "metrics"), ("/api/runtime/stream", "runtime"),
            (f"/api/tasks/{task}/events", "progress"))]
        last = {source: source.event()["id"] for source in sources}
        self.assertEqual(daemon.stop(), 0)
        self.start(port=daemon.port)
        for source in sources:
            self.assertEqual(self.come_back(source).rpartition(":")[0], last[source].rpartition(":")[0])  # of the epoch that has been
            self.assertNotEqual(source.event()["name"], "end")


class Log(Resumed):
    """GET /api/stream: what has happened is told to all, in order and once, whatever happens to connections and daemons."""

    def submit_until(self, is_over, tasks):
        # Not as fast as goes: while the reader is away no more may come than the log keeps, [events] max_events.
        while not is_over.wait(0.01):
            try:
                status, _, task = self.daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}})
            except (OSError, http.client.HTTPException):
                continue  # there is no daemon at the moment
            if status == 202:
                tasks.append(task["id"])

    def test_nothing_is_missing_and_nothing_comes_twice(self):
        self.daemon = self.start()
        source = self.source(self.daemon, "/api/stream?topics=users,tasks", "users", "tasks", "gap")
        self.assertEqual(source.expect("answer")["headers"]["cache-control"], "no-store")
        source.expect("open")
        accepted, is_over = [], threading.Event()
        clients = [threading.Thread(target=self.submit_until, args=(is_over, accepted)) for _ in range(2)]
        for client in clients:
            client.start()
        heard = []

        def hear(count):
            for _ in range(count):
                heard.append(source.event())
                self.assertEqual(heard[-1]["name"], "tasks", heard[-2:])  # no gap

        try:
            hear(50)
            for _ in range(rounds(1)):
                for cut in (lambda: self.cut(self.daemon), self.restart_killed):
                    cut()
                    heard += self.heard_until_back(source)
                    hear(100)
        finally:
            is_over.set()
            for client in clients:
                client.join()
        running, looked = set(accepted), 0
        while running:  # as far as has been heard
            if looked == len(heard):
                try:
                    hear(1)
                except AssertionError as error:
                    states = {task: self.daemon.get(f"/api/tasks/{task}")[2].get("status") for task in sorted(running)[:5]}
                    raise AssertionError(f"{len(running)} of {len(accepted)} tasks have not ended: {states}") from error
            event = json.loads(heard[looked]["data"])
            looked += 1
            if event.get("status") == "completed":  # some are removed in the end, and have none then
                running.discard(event["task_id"])
        self.assertEqual({one["name"] for one in heard}, {"tasks"})  # no gap, and no users
        offsets = [int(one["id"].rpartition(":")[2]) for one in heard]
        self.assertEqual(offsets, list(range(1, len(heard) + 1)))
        self.assertEqual(len({one["id"].rpartition(":")[0] for one in heard}), 1)

    def heard_until_back(self, source):
        """What had come before the connection ended."""
        happened = list(itertools.takewhile(lambda one: one["what"] != "answer", source.rest(30)))
        return [one for one in happened if one["what"] == "event"]

    def restart_killed(self):
        self.daemon.kill()
        self.daemon = self.start(port=self.daemon.port)

    def add_user(self, name):
        status, _, user = self.daemon.request("POST", "/api/users", {"name": name, "password": "a good password", "role": "viewer"})
        self.assertEqual(status, 201, user)

    def test_what_is_gone_is_told(self):
        """Another history after a restore: from its beginning, and said to be so."""
        self.daemon = self.start()
        source = self.source(self.daemon, "/api/stream?topics=users", "users", "gap")
        source.expect("open")
        self.add_user("kept")
        self.assertEqual(json.loads(source.event()["data"])["name"], "kept")
        copy = os.path.join(self.folder, "copy.db")
        self.command("backup", copy)
        self.add_user("lost")
        self.assertEqual(json.loads(source.event()["data"])["name"], "lost")
        self.assertEqual(self.daemon.stop(), 0)
        self.command("restore", copy)
        self.daemon = self.start(port=self.daemon.port)
        self.come_back(source)
        gap = source.event()
        self.assertEqual((gap["name"], json.loads(gap["data"])["recovered"]), ("gap", False))
        event = source.event()
        self.assertEqual((event["name"], json.loads(event["data"])["name"]), ("users", "kept"))
        self.assertEqual(event["id"], json.loads(gap["data"])["oldest"])
        self.add_user("new")
        self.assertEqual(json.loads(source.event()["data"])["name"], "new")

    def command(self, *arguments):
        subprocess.run([GODWITD, *arguments, "--data", self.data], check=True, env=environment(), stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    unittest.main()
