# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event streams by clients that others have written: npm's `eventsource`, and curl for what an EventSource does not show."""
import datetime
import json
import os
import re
import unittest

from realclients import NodeTest, answer_of, curl_until

TIME = re.compile(r"Current time: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")


class Streams(NodeTest):
    def begin(self, daemon, kind, **params):
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": kind, "params": params})
        self.assertEqual(status, 202, task)
        return task["id"]

    def cut(self, daemon):
        """Every event stream, as a network would."""
        for name, part in daemon.parts("connection").items():
            if part["figures"]["protocol"] == "sse":
                self.assertEqual(daemon.act("connection", name, "kick")[0], 204)

    def come_back(self, source):
        """The Last-Event-ID with which it did."""
        self.assertIsNone(source.expect("error")["code"])  # the connection has ended: no refusal
        while True:  # until there is a daemon again
            request = source.expect("request")
            happened = source.next()
            if happened["what"] == "answer":
                self.assertEqual(happened["status"], 200)
                return request["lastEventId"]
            self.assertEqual((happened["what"], happened["code"]), ("error", None))


class Time(Streams):
    def test_what_an_eventsource_hears(self):
        source = self.source(self.start(), "/api/events/time?interval=0.05")
        self.assertIsNone(source.expect("request")["lastEventId"])
        headers = source.expect("answer")["headers"]
        self.assertEqual((headers["content-type"], headers["cache-control"]), ("text/event-stream", "no-store"))
        for number in range(1, 6):
            event = source.event()
            self.assertEqual((event["name"], event["id"]), ("message", str(number)))
            self.assertRegex(event["data"], TIME)

    def test_what_curl_shows(self):
        daemon = self.start()
        output = curl_until("data: ", daemon.url + "/api/events/time?interval=3600")
        self.assertRegex(output, rf"^retry: \d+\n\n(id: 1\ndata: {TIME.pattern}|data: {TIME.pattern}\nid: 1)\n\n$")
        output = curl_until("id: 43\n", "-H", "Last-Event-ID: 41", daemon.url + "/api/events/time?interval=0.05")
        self.assertEqual(re.findall(r"id: (\d+)\n", output)[0], "42")

    def test_its_interval(self):
        daemon = self.start()
        for query, seconds, count in (("?interval=0.05", 0.05, 11), ("?interval=0.3", 0.3, 2), ("", 1, 2)):
            with self.subTest(query):
                times = TIME.findall(curl_until(f"({TIME.pattern}[^C]*){{{count}}}", daemon.url + "/api/events/time" + query))
                first, last = (datetime.datetime.fromisoformat(time).timestamp() for time in (times[0], times[count - 1]))
                self.assertGreaterEqual(last - first, (count - 1) * seconds / 2)  # however slow this machine is: not much sooner

    def test_the_bounds_of_its_interval(self):
        daemon = self.start()
        for interval, wanted in (("0.05", 200), ("3600", 200), ("0.049", 400), ("3600.1", 400), ("0", 400), ("-1", 400), ("soon", 400)):
            with self.subTest(interval):
                address = f"{daemon.url}/api/events/time?interval={interval}"
                if wanted == 200:
                    curl_until("data: ", address)
                    continue
                status, headers, body = answer_of(address)
                self.assertEqual((status, headers["content-type"]), (wanted, "application/problem+json"))
                self.assertIn("interval", json.loads(body)["detail"])


class Metrics(Streams):
    def test_what_an_eventsource_hears(self):
        daemon = self.start()
        source = self.source(daemon, "/api/metrics/stream", "metrics")
        samples = []
        for _ in range(3):
            event = source.event()
            self.assertEqual((event["name"], daemon.get("/api/users")[0]), ("metrics", 200))
            samples.append(json.loads(event["data"]))
            self.assertRegex(event["id"], rf"^\S+:{samples[-1]['counter']}$")
        self.assertEqual([sample["counter"] - samples[0]["counter"] for sample in samples], [0, 1, 2])
        last = samples[-1]
        for name in ("cpu_usage", "memory_usage"):
            self.assertTrue(0 <= last[name] <= 100, last)
        self.assertGreater(last["memory_usage"], 0)
        self.assertLessEqual({"timestamp", "requests_per_second", "p50_ms", "p95_ms", "p99_ms", "http_connections",
                              "sse_connections", "websocket_connections", "routes"}, set(last))
        self.assertEqual(last["sse_connections"], 1)
        self.assertIn("GET /api/users", {route["route"] for route in last["routes"]})


class Tasks(Streams):
    def test_until_the_end(self):
        daemon = self.start()
        task = self.begin(daemon, "sleep", seconds=0.5)
        source = self.source(daemon, f"/api/tasks/{task}/events", "progress", "end", closeOn="end")
        *events, end, closed = [happened for happened in source.rest() if happened["what"] in ("event", "closed", "error")]
        self.assertEqual((end["name"], closed), ("end", {"what": "closed"}))
        progress = [json.loads(event["data"]) for event in events]
        for sample in progress:
            self.assertEqual(set(sample), {"task_id", "progress", "status", "message"})
            self.assertEqual(sample["task_id"], task)
        self.assertEqual((progress[-1]["status"], progress[-1]["progress"]), ("completed", 100))
        self.assertEqual(sorted(sample["progress"] for sample in progress), [sample["progress"] for sample in progress])
        self.assertTrue(all(event["id"] for event in events))

    def test_one_that_nobody_closes_does_not_start_over(self):
        """It comes back by itself, as EventSources do, and gives up upon the 204."""
        daemon = self.start()
        path = os.path.join(self.folder, "file")
        with open(path, "w", encoding="ascii"):
            pass
        self.assertEqual(daemon.act("queue", "tasks", "pause")[0], 204)
        tasks = {"completed": self.begin(daemon, "sleep", seconds=0), "failed": self.begin(daemon, "checksum", path=path),
                 "cancelled": self.begin(daemon, "sleep", seconds=600)}
        sources = {wanted: self.source(daemon, f"/api/tasks/{task}/events", "progress", "end") for wanted, task in tasks.items()}
        for source in sources.values():
            self.assertEqual(json.loads(source.event()["data"])["status"], "queued")
        os.unlink(path)
        self.assertEqual(daemon.request("POST", f"/api/tasks/{tasks['cancelled']}/cancel")[0], 200)
        self.assertEqual(daemon.act("queue", "tasks", "resume")[0], 204)
        for wanted, source in sources.items():
            with self.subTest(wanted):
                happened = list(source.rest())
                events = [one for one in happened if one["what"] == "event"]
                self.assertEqual(json.loads(events[-2]["data"])["status"], wanted)
                self.assertEqual([event["name"] for event in events].count("end"), 1)
                self.assertEqual([one["status"] for one in happened if one["what"] == "answer"], [204])
                self.assertEqual(happened[-1], {"what": "closed"})


class Lost(Streams):
    """Connections that end without `event: end`: an EventSource comes back by itself, when `retry:` has said."""

    def test_cut_in_the_middle(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        headers = daemon.local()
        ticket = json.loads(answer_of("-X", "POST", "-H", f"Authorization: {headers['Authorization']}", daemon.url + "/api/auth/ticket")[2])
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
        task = self.begin(daemon, "sleep", seconds=1)
        time = self.source(daemon, "/api/events/time?interval=0.05")
        metrics = self.source(daemon, "/api/metrics/stream", "metrics", "gap")
        progress = self.source(daemon, f"/api/tasks/{task}/events", "progress", "end", closeOn="end")
        for source in (time, metrics, progress):
            source.event()
        daemon.kill()
        self.start("--listen", f"127.0.0.1:{daemon.port}")
        last = self.come_back(time)
        self.assertEqual(int(time.event()["id"]), int(last) + 1)
        # Figures are of one run of the daemon: that those before are gone is told.
        self.come_back(metrics)
        gap = metrics.event()
        self.assertEqual((gap["name"], json.loads(gap["data"])["recovered"]), ("gap", False))
        self.assertEqual(metrics.event()["id"], json.loads(gap["data"])["oldest"])
        # The task runs again, and is followed to its end.
        self.come_back(progress)
        *_, last, end = [one for one in progress.rest() if one["what"] == "event"]
        self.assertEqual((json.loads(last["data"])["status"], end["name"]), ("completed", "end"))

    def test_stopped_and_started_again(self):
        """A drain is no end: all come back by themselves, to what runs again then."""
        daemon = self.start()
        task = self.begin(daemon, "sleep", seconds=600)
        sources = [self.source(daemon, path, *names, "end") for path, *names in (
            ("/api/events/time?interval=3600",), ("/api/metrics/stream", "metrics"), ("/api/runtime/stream", "runtime"),
            (f"/api/tasks/{task}/events", "progress"))]
        last = {source: source.event()["id"] for source in sources}
        self.assertEqual(daemon.stop(), 0)
        self.start("--listen", f"127.0.0.1:{daemon.port}")
        for source in sources:
            self.assertEqual(self.come_back(source).rpartition(":")[0], last[source].rpartition(":")[0])  # of the epoch that has been
            self.assertNotEqual(source.event()["name"], "end")


if __name__ == "__main__":
    unittest.main()
