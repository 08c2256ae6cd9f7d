# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""GET /api/stream: the event log by Server-Sent Events, cut and resumed, over restarts, SIGKILL, trimming and restore."""
import json
import subprocess
import unittest

from chatclient import ChatClient
from daemon import GODWITD, DaemonTest, EventStream, environment

PASSWORD = "a good password"


class Stream(DaemonTest):
    def open(self, daemon, topics, **headers):
        stream = EventStream(daemon, f"/api/stream?topics={topics}", {name.replace("_", "-"): v for name, v in headers.items()})
        self.addCleanup(stream.close)
        self.assertEqual(stream.answer.status, 200)
        return stream

    def add_user(self, daemon, name):
        status, _, user = daemon.request("POST", "/api/users", {"name": name, "password": PASSWORD, "role": "viewer"})
        self.assertEqual(status, 201, user)
        return user["id"]

    def names(self, stream, count):
        return [json.loads(stream.next()["data"])["name"] for _ in range(count)]

    def sleep(self, daemon, seconds=0):
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": seconds}})
        self.assertEqual(status, 202, task)
        return task["id"]

    def until_task_ends(self, stream):
        """The statuses of the next task that ends, and the id of the last event."""
        statuses = []
        while True:
            event = stream.next()
            task = json.loads(event["data"])
            if not statuses or statuses[-1] != task["status"]:
                statuses.append(task["status"])
            if task["status"] in ("completed", "failed", "cancelled"):
                return statuses, event["id"]

    def test_topics_come_live_each_by_its_name(self):
        daemon = self.start()
        stream = self.open(daemon, "tasks,users,files")
        self.assertEqual(stream.answer.getheader("Cache-Control"), "no-store")
        self.sleep(daemon)
        self.assertEqual(self.until_task_ends(stream)[0], ["queued", "running", "completed"])
        user = self.add_user(daemon, "ada")
        event = stream.next()
        self.assertEqual((event["event"], json.loads(event["data"])), ("users", {"type": "user", "id": user, "name": "ada"}))
        self.assertEqual(len(event["id"].split(",")), 3)
        self.assertEqual(daemon.request("DELETE", f"/api/users/{user}")[0], 204)
        self.assertEqual(json.loads(stream.next()["data"]), {"type": "user_removed", "id": user})
        self.assertEqual(daemon.request("POST", "/api/uploads", b"content", {
            "Tus-Resumable": "1.0.0", "Upload-Length": "7", "Upload-Metadata": "filename YS50eHQ=",
            "Content-Type": "application/offset+octet-stream"})[0], 201)
        event = stream.next()
        self.assertEqual((event["event"], json.loads(event["data"])["name"]), ("files", "a.txt"))
        self.assertEqual(daemon.request("DELETE", "/api/files/a.txt")[0], 204)
        self.assertEqual(json.loads(stream.next()["data"])["type"], "file_removed")

    def test_alerts_fire_and_are_resolved(self):
        daemon = self.start("--set=sensors.interval=50ms", "--set=sensors.iio_root=", "--set=sensors.thermal_root=")
        stream = self.open(daemon, "alerts")
        status, _, rule = daemon.request("POST", "/api/alerts/rules", {
            "name": "too warm", "series": "outside", "condition": "above", "threshold": 30})
        self.assertEqual(status, 201, rule)
        for value, state in ((31, "firing"), (20, "resolved")):
            daemon.request("POST", "/api/readings", {"readings": [{"series": "outside", "value": value}]})
            event = stream.next()
            alert = json.loads(event["data"])
            self.assertEqual((event["event"], alert["type"], alert["state"], alert["rule_name"]), ("alerts", "alert", state, "too warm"))

    def posted(self, daemon, messages, *rooms):
        client = ChatClient(daemon, "ada")
        self.addCleanup(client.close)
        for room in rooms:
            client.join(room)
            for message in messages:
                self.assertEqual(client.post(message, room)["type"], "acked")

    def test_several_topics_that_are_far_behind_all_come(self):
        daemon = self.start()
        rooms = ("a", "b", "c")
        self.posted(daemon, ["x" * 60_000] * 8, *rooms)
        stream = self.open(daemon, "room:a,room:b,room:c", Last_Event_ID="x:0,x:0,x:0")
        seen = [stream.next()["event"] for _ in range(24)]
        self.posted(daemon, ["live"], *rooms)
        seen += [stream.next()["event"] for _ in range(3)]
        self.assertEqual({name: seen.count(name) for name in set(seen)}, {f"room:{room}": 9 for room in rooms})

    def test_a_page_of_any_size_comes(self):
        daemon = self.start()
        self.posted(daemon, ["x" * 60_000, "y" * 60_000, "\x01" * 40_000, *(f"m{n}" for n in range(200))], "a")
        others = 31
        stream = self.open(daemon, ",".join(["room:a", *(f"room:q{n}" for n in range(others))]),
                           Last_Event_ID=",".join(["x:0"] * (others + 1)))
        offsets = [json.loads(stream.next()["data"])["offset"] for _ in range(203)]
        self.assertEqual(offsets, list(range(1, 204)))

    def test_a_cut_reader_goes_on_where_it_was(self):
        daemon = self.start()
        stream = self.open(daemon, "users")
        for number in range(1, 4):
            self.add_user(daemon, f"u{number}")
        first = stream.next()
        stream.close()
        for number in range(4, 6):
            self.add_user(daemon, f"u{number}")
        again = self.open(daemon, "users", Last_Event_ID=first["id"])
        self.assertEqual(self.names(again, 4), ["u2", "u3", "u4", "u5"])
        self.add_user(daemon, "u6")
        self.assertEqual(self.names(again, 1), ["u6"])
        # The same for a client that cannot set the header at first.
        by_query = EventStream(daemon, f"/api/stream?topics=users&last_event_id={first['id']}")
        self.addCleanup(by_query.close)
        self.assertEqual(self.names(by_query, 5), ["u2", "u3", "u4", "u5", "u6"])

    def test_nothing_is_lost_by_kill_and_restart(self):
        daemon = self.start()
        stream = self.open(daemon, "tasks,users")
        self.add_user(daemon, "before")
        self.assertEqual(self.names(stream, 1), ["before"])
        self.sleep(daemon)
        last = self.until_task_ends(stream)[1]
        self.add_user(daemon, "unseen")
        daemon.kill()
        again = self.start()
        resumed = self.open(again, "tasks,users", Last_Event_ID=last)
        self.assertEqual(self.names(resumed, 1), ["unseen"])

    def test_a_reader_of_a_topic_where_nothing_has_happened_yet_misses_nothing_by_a_restart(self):
        daemon = self.start()
        stream = EventStream(daemon, "/api/stream?topics=users")
        lines = [stream.answer.readline() for _ in range(4)]
        stream.close()
        begin = next(line for line in lines if line.startswith(b"id: "))[4:].strip().decode()
        self.assertTrue(begin.endswith(":0"), lines)
        self.assertEqual(daemon.stop(), 0)
        again = self.start()
        self.add_user(again, "ada")
        self.assertEqual(self.names(self.open(again, "users", Last_Event_ID=begin), 1), ["ada"])

    def test_what_another_program_changed_is_told_at_the_start(self):
        daemon = self.start()
        self.add_user(daemon, "ada")
        begin = self.open(daemon, "users")
        self.add_user(daemon, "bob")
        last = begin.next()["id"]
        self.assertEqual(daemon.stop(), 0)
        subprocess.run([GODWITD, "user", "remove", "ada", "--data", daemon.data], check=True, env=environment(),
                       stdout=subprocess.DEVNULL)
        again = self.start()
        stream = self.open(again, "users", Last_Event_ID=last)
        self.assertEqual(json.loads(stream.next()["data"])["type"], "user_removed")

    def test_what_is_gone_is_told(self):
        daemon = self.start("--set=events.max_events=1", "--set=events.ring_events=1")
        stream = self.open(daemon, "users,tasks")
        self.add_user(daemon, "u0")
        first = stream.next()["id"]
        # Trimmed every thousand events: 500 tasks have two and more each.
        for _ in range(520):
            self.sleep(daemon)

        def is_trimmed():
            return daemon.parts("topic")["tasks"]["figures"]["oldest_offset"] > 1
        self.until(is_trimmed)
        again = self.open(daemon, "users,tasks", Last_Event_ID=first)
        gap = again.next()
        self.assertEqual(gap["event"], "gap")
        data = json.loads(gap["data"])
        self.assertEqual((data["topic"], data["recovered"]), ("tasks", False))
        event = again.next()
        self.assertEqual((event["event"], event["id"].split(",")[1]), ("tasks", data["oldest"]))
        for wrong in ("nonsense", "a:1", "a:1,b:2,c:3"):
            self.assertEqual(self.open(daemon, "users,tasks", Last_Event_ID=wrong).next()["event"], "gap")

    def test_after_a_restore_the_history_is_another_one(self):
        daemon = self.start()
        stream = self.open(daemon, "users")
        self.add_user(daemon, "kept")
        self.assertEqual(self.names(stream, 1), ["kept"])
        copy = self.folder + "/copy.db"
        subprocess.run([GODWITD, "backup", copy, "--data", daemon.data], check=True, env=environment(), stdout=subprocess.DEVNULL)
        self.add_user(daemon, "lost")
        last = stream.next()["id"]
        self.assertEqual(daemon.stop(), 0)
        subprocess.run([GODWITD, "restore", copy, "--data", daemon.data], check=True, env=environment(), stdout=subprocess.DEVNULL)
        again = self.start()
        self.add_user(again, "other")  # has the offset that "lost" had
        resumed = self.open(again, "users", Last_Event_ID=last)
        self.assertEqual(resumed.next()["event"], "gap")
        self.assertEqual(self.names(resumed, 2), ["kept", "other"])

    def test_bad_requests_say_what_is_wrong(self):
        daemon = self.start()
        for query, word in (("", "topics"), ("?topics=", "topics"), ("?topics=nothing", "nothing"),
                            ("?topics=room:", "room"), ("?topics=" + ",".join(f"room:{i}" for i in range(33)), "32")):
            status, _, problem = daemon.get("/api/stream" + query)
            self.assertEqual((status, word in problem["detail"]), (400, True), problem)

    def test_needs_a_login(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        self.assertEqual(daemon.get("/api/stream?topics=tasks")[0], 401)


if __name__ == "__main__":
    unittest.main()
