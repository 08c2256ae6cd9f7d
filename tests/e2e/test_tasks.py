# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks as a client sees them: durable, in order, cancelled, watched."""
import collections
import http.client
import http.server
import json
import threading
import unittest

from daemon import DaemonTest, EventStream, rounds

SLEEP_PLACES = 4


class Hook(http.server.BaseHTTPRequestHandler):
    """A server that fails as often as it is told, and counts."""

    def do_GET(self):
        self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


class Tasks(DaemonTest):
    def begin(self, *arguments):
        self.daemon = self.start(*arguments)

    def ask(self, method, path, body=None, expect=200):
        status, _, answer = self.daemon.request(method, path, body, self.daemon.local())
        self.assertEqual(status, expect, answer)
        return answer

    def submit(self, kind="sleep", expect=202, **more):
        return self.ask("POST", "/api/tasks", {"kind": kind, **more}, expect)

    def sleep(self, seconds, **more):
        return self.submit(params={"seconds": seconds, "steps": 10}, **more)["id"]

    def get(self, task):
        return self.ask("GET", f"/api/tasks/{task}")

    def ended(self, task):
        return self.until(lambda: (now := self.get(task))["finished_at"] and now, 30)

    def all(self):
        tasks, cursor = [], ""
        while True:
            page = self.ask("GET", f"/api/tasks?limit=1000{cursor}")
            tasks += page["items"]
            if not page["next"]:
                return tasks
            cursor = f"&cursor={page['next']}"

    def watch(self, task, last=None):
        headers = self.daemon.local() | ({"Last-Event-ID": last} if last else {})
        stream = EventStream(self.daemon, f"/api/tasks/{task}/events", headers)
        self.addCleanup(stream.close)
        return stream

    def test_a_kill_in_the_middle_loses_nothing_that_was_accepted(self):
        self.begin()
        accepted, is_over = [], threading.Event()

        def submit():
            while not is_over.is_set():
                try:
                    status, _, task = self.daemon.request(
                        "POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0.02, "steps": 2}}, local)
                except (OSError, http.client.HTTPException):
                    return
                if status == 202:
                    accepted.append(task["id"])

        for _ in range(rounds(3)):
            local = self.daemon.local()
            is_over.clear()
            before = len(accepted)
            clients = [threading.Thread(target=submit) for _ in range(4)]
            for client in clients:
                client.start()
            self.until(lambda: len(accepted) > before + 60)
            self.daemon.kill()
            is_over.set()
            for client in clients:
                client.join()
            self.begin()
        # Every accepted one ends, after at least one run; one that was killed within has been begun again.
        self.until(lambda: all(task["finished_at"] for task in self.all()), rounds(60))
        tasks = {task["id"]: task for task in self.all()}
        self.assertEqual(set(accepted) - set(tasks), set())
        self.assertEqual(collections.Counter(task["status"] for task in tasks.values()), {"completed": len(tasks)})
        self.assertTrue(all(task["attempts"] >= 1 for task in tasks.values()))
        self.assertTrue(any(task["attempts"] > 1 for task in tasks.values()))

    def test_higher_priority_first_and_never_more_than_there_are_places(self):
        self.begin()
        self.daemon.act("queue", "tasks", "pause")
        tasks = [self.sleep(0.05, priority=number % 5) for number in range(40)]
        self.daemon.act("queue", "tasks", "resume")
        most = 0
        while any(not task["finished_at"] for task in self.all()):
            now = self.all()
            most = max(most, sum(task["status"] == "running" for task in now))
            figures = self.daemon.parts("queue")["tasks"]["figures"]
            self.assertLessEqual(figures["sleep_running"], SLEEP_PLACES)
        self.assertLessEqual(most, SLEEP_PLACES)
        begun = sorted((task["started_at"], task["id"]) for task in self.all())
        priorities = {task["id"]: task["priority"] for task in self.all()}
        order = [priorities[task] for _, task in begun]
        self.assertEqual(len(order), len(tasks))
        # Those of a millisecond may have begun in either order; and so may as many as there are places.
        for place, priority in enumerate(order):
            self.assertLessEqual(max(order[place + SLEEP_PLACES:], default=0), priority, order)

    def test_cancel_reaches_the_work(self):
        self.begin()
        running, waiting = self.sleep(3600), None
        self.until(lambda: self.get(running)["status"] == "running")
        for _ in range(SLEEP_PLACES):
            waiting = self.sleep(3600)
        self.assertEqual(self.ask("POST", f"/api/tasks/{waiting}/cancel")["status"], "cancelled")
        self.ask("POST", f"/api/tasks/{running}/cancel")
        self.assertEqual(self.ended(running)["status"], "cancelled")
        self.assertEqual(self.get(waiting)["attempts"], 0)
        self.ask("POST", f"/api/tasks/{running}/cancel", expect=409)

    def test_a_stream_goes_on_after_a_lost_connection_and_a_restart(self):
        self.begin()
        task = self.sleep(2)
        stream = self.watch(task)
        event = stream.next()
        while json.loads(event["data"])["progress"] == 0:
            event = stream.next()
        first, last = json.loads(event["data"]), event["id"]
        stream.close()
        again = json.loads(self.watch(task, last).next()["data"])
        self.assertGreaterEqual(again["progress"], first["progress"])
        self.daemon.stop()  # it is kept, and begins anew
        self.begin()
        stream, events = self.watch(task, last), []
        while event := stream.next():
            events.append(event)
        self.assertEqual(events[-1]["event"], "end")
        self.assertEqual(json.loads(events[-1]["data"])["status"], "completed")
        self.assertTrue(all(event["event"] == "progress" for event in events[:-1]))
        offsets = [tuple(map(int, event["id"].split(":"))) for event in events[:-1]]
        self.assertEqual(offsets, sorted(set(offsets)))
        self.assertNotEqual(events[0]["id"].split(":")[0], last.split(":")[0])  # another epoch
        self.assertEqual(self.get(task)["attempts"], 2)
        # Who has seen its last event need not come again.
        status, _, _ = self.daemon.request("GET", f"/api/tasks/{task}/events", headers={
            **self.daemon.local(), "Last-Event-ID": events[-2]["id"]})
        self.assertEqual(status, 204)

    def test_it_takes_no_longer_than_it_may_and_says_so(self):
        self.begin()
        task = self.submit(params={"seconds": 3600}, timeout=0.05, max_attempts=2)["id"]
        first = self.until(lambda: (now := self.get(task))["run_at"] and now)
        self.assertEqual((first["status"], first["attempts"]), ("queued", 1))
        self.assertEqual(self.daemon.parts("queue")["tasks"]["figures"]["delayed"], 1)
        self.daemon.kill()
        self.begin()
        ended = self.ended(task)
        self.assertEqual((ended["status"], ended["message"], ended["attempts"]),
                         ("failed", "it took longer than 0.05 s", 2))
        lines = self.ask("GET", f"/api/tasks/{task}/log")["items"]
        self.assertEqual([(line["line"], line["attempt"]) for line in lines], [(1, 1), (2, 2)])
        self.assertEqual(lines[0]["text"], "attempt 1 of 2 failed: it took longer than 0.05 s")
        self.assertEqual(self.ask("GET", f"/api/tasks/{task}/log?after=1")["items"], lines[1:])
        for wrong in ({"timeout": 0}, {"timeout": "1s"}, {"max_attempts": 0}, {"max_attempts": 21}):
            self.submit(expect=422, **wrong)

    def test_a_fetch_says_what_did_not_come(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.begin("--set=outbound.allow=127.0.0.1")
        good, bad = f"http://127.0.0.1:{server.server_port}/", "http://10.0.0.1/"
        task = self.submit("fetch", params={"urls": [good, bad]})["id"]
        self.assertEqual(self.ended(task)["status"], "completed")
        self.assertEqual(server.asked, 1)
        line, = self.ask("GET", f"/api/tasks/{task}/log")["items"]
        self.assertTrue(line["text"].startswith(bad), line)

    def test_what_has_ended_is_forgotten_by_count(self):
        self.begin()
        tasks = [self.sleep(0) for _ in range(5)]
        for task in tasks:
            self.ended(task)
        self.daemon.stop()
        self.begin("--set=tasks.keep=2")
        self.until(lambda: len(self.all()) == 2)
        self.assertEqual({task["id"] for task in self.all()} - set(tasks), set())


if __name__ == "__main__":
    unittest.main()
