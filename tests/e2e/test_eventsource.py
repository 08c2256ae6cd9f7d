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


class Time(NodeTest):
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


class Metrics(NodeTest):
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


class Tasks(NodeTest):
    def test_until_the_end(self):
        daemon = self.start()
        task = self.begin_task(daemon, "sleep", seconds=0.5)
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
        tasks = {"completed": self.begin_task(daemon, "sleep", seconds=0), "failed": self.begin_task(daemon, "checksum", path=path),
                 "cancelled": self.begin_task(daemon, "sleep", seconds=600)}
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


class Log(NodeTest):
    def test_each_topic(self):
        """One EventSource hears them all, each event by its topic's name."""
        daemon = self.start("--set=sensors.interval=50ms", "--set=sensors.iio_root=", "--set=sensors.thermal_root=")
        topics = ("tasks", "alerts", "users", "files", "room:birds")
        source = self.source(daemon, "/api/stream?topics=" + ",".join(topics), *topics)
        source.expect("open")
        self.begin_task(daemon, "sleep", seconds=0)
        while (task := self.heard(source, "tasks"))["status"] != "completed":
            self.assertIn(task["status"], ("queued", "running"))
        daemon.request("POST", "/api/users", {"name": "ada", "password": "a good password", "role": "viewer"})
        self.assertEqual(self.heard(source, "users")["name"], "ada")
        self.assertEqual(daemon.request("POST", "/api/uploads", b"content", {
            "Tus-Resumable": "1.0.0", "Upload-Length": "7", "Upload-Metadata": "filename YS50eHQ=",
            "Content-Type": "application/offset+octet-stream"})[0], 201)
        self.assertEqual(self.heard(source, "files")["name"], "a.txt")
        rule = {"name": "too warm", "series": "outside", "condition": "above", "threshold": 30}
        self.assertEqual(daemon.request("POST", "/api/alerts/rules", rule)[0], 201)
        daemon.request("POST", "/api/readings", {"readings": [{"series": "outside", "value": 31}]})
        self.assertEqual(self.heard(source, "alerts")["state"], "firing")

    def heard(self, source, topic):
        event = source.event()
        self.assertEqual((event["name"], event["id"].count(",")), (topic, 4))  # where it stands in all five
        return json.loads(event["data"])


class All(NodeTest):
    def test_what_all_have_in_common(self):
        daemon = self.start()
        task = self.begin_task(daemon, "sleep", seconds=600)
        for path in ("/api/events/time?interval=3600", "/api/metrics/stream", f"/api/tasks/{task}/events", "/api/stream?topics=tasks",
                     "/api/runtime/stream", "/api/logs/stream?level=info&tail=1"):
            with self.subTest(path):
                output = curl_until(r"\nid: ?\S", "--include", daemon.url + path)
                head, _, body = output.partition("\r\n\r\n")
                self.assertRegex(head, "(?m)^Content-Type: text/event-stream\r?$")
                self.assertRegex(head, "(?m)^Cache-Control: no-store\r?$")
                self.assertRegex(body, r"^retry: \d+\n\n")


if __name__ == "__main__":
    unittest.main()
