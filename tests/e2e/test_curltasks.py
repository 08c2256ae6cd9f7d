# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks and schedules by curl."""
import datetime
import hashlib
import json
import os
import sqlite3
import subprocess
import unittest

from realclients import CurlTest, curl_until

PLACES = 4  # of the kind sleep


class Tasks(CurlTest):
    def ended(self, path):
        """Follows it to its end, as curl ends by itself then."""
        subprocess.run(["curl", "-sS", "-N", "--fail", "--max-time", "60", f"{self.daemon.url}{path}/events"], check=True,
                       stdout=subprocess.DEVNULL)
        return self.get(path)

    def run_task(self, kind, **params):
        headers, task = self.send("/api/tasks", {"kind": kind, "params": params}, 202)
        self.assertEqual(headers["location"], f"/api/tasks/{task['id']}")
        task = self.ended(headers["location"])
        self.assertEqual((task["status"], task["progress"]), ("completed", 100), task)
        return task

    def test_each_kind(self):
        self.daemon = self.start("--set=outbound.allow=127.0.0.1")
        path = os.path.join(self.folder, "note.txt")
        with open(path, "wb") as file:
            file.write(b"a godwit lands")
        self.run_task("import", paths=[path])
        self.assertEqual([hit["kind"] for hit in self.get("/api/search?q=lands")], ["document"])
        self.run_task("reindex")
        self.assertEqual(len(self.get("/api/search?q=lands")), 1)
        result = self.run_task("checksum", path=path)["result"]
        self.assertIn(hashlib.sha256(b"a godwit lands").hexdigest(), json.dumps(result))
        result = self.run_task("fetch", urls=[self.daemon.url + "/health/live", self.daemon.url + "/none"])["result"]
        self.assertEqual([item["status"] for item in result["results"]], [200, 404])
        copy = os.path.join(self.folder, "copy.db")
        self.run_task("backup", path=copy)
        with open(copy, "rb") as file:
            self.assertEqual(file.read(15), b"SQLite format 3")
        self.run_task("export", dataset="documents", format="json", name="documents.json")
        self.assertEqual([row["body"] for row in self.get("/files/documents.json")], ["a godwit lands"])
        self.run_task("sleep", seconds=0.1)

    def test_the_life_of_one(self):
        self.daemon = self.start()
        headers, task = self.send("/api/tasks", {"kind": "sleep", "params": {"seconds": 600}, "priority": 3}, 202)
        path = headers["location"]
        self.assertEqual((task["kind"], task["params"], task["priority"]), ("sleep", {"seconds": 600}, 3))
        self.until(lambda: self.get(path)["status"] == "running")
        self.assertEqual([item["id"] for item in self.get("/api/tasks?status=running")["items"]], [task["id"]])
        self.send(path + "/retry", {}, 409)
        self.send(path + "/cancel", {})
        self.assertEqual(self.ended(path)["status"], "cancelled")
        self.send(path + "/cancel", {}, 409)
        self.send(path + "/retry", {}, 202)
        output = curl_until('"running"', f"{self.daemon.url}{path}/events")
        self.assertTrue(output.startswith("retry: "))
        self.ask(path, "-X", "DELETE", expect=409)
        self.send(path + "/cancel", {})
        self.ended(path)
        self.ask(path, "-X", "DELETE", expect=204)
        self.get(path, 404)
        self.get("/api/tasks?status=odd", 400)
        self.send("/api/tasks", {"kind": "fly"}, 422)

    def test_killed_and_started_again(self):
        self.daemon = self.start()
        headers, _ = self.send("/api/tasks", {"kind": "sleep", "params": {"seconds": 0.5}}, 202)
        self.daemon.kill()  # it has been accepted
        self.daemon = self.start()
        task = self.ended(headers["location"])
        self.assertEqual(task["status"], "completed")
        self.assertGreaterEqual(task["attempts"], 1)

    def test_places_of_a_kind_go_to_the_highest_priority(self):
        """The oldest of the same priority comes first; the places of another kind are others."""
        self.daemon = self.start()

        def submit(priority):
            return self.send("/api/tasks", {"kind": "sleep", "params": {"seconds": 3600}, "priority": priority}, 202)[1]["id"]

        def running():
            return {task["id"] for task in self.get("/api/tasks?status=running")["items"]}

        def figures():
            figures = self.parts("queue")["tasks"]["figures"]
            return figures["sleep_running"], figures["sleep_waiting"]

        first = [submit(0) for _ in range(PLACES)]
        self.until(lambda: running() == set(first))
        waiting = {priority: [submit(priority) for _ in range(2)] for priority in (0, 7, -3)}
        self.assertEqual((running(), figures()), (set(first), (PLACES, 6)))
        path = os.path.join(self.folder, "file")
        with open(path, "wb"):
            pass
        self.run_task("checksum", path=path)
        free = list(first)
        for left, follower in enumerate(waiting[7] + waiting[0] + waiting[-3]):
            ended = free.pop(0)
            free.append(follower)
            self.send(f"/api/tasks/{ended}/cancel", {})
            self.until(lambda expected=(set(free), (PLACES, 5 - left)): (running(), figures()) == expected)
        self.assertEqual(self.get(f"/api/tasks/{waiting[-3][1]}")["attempts"], 1)


class Schedules(CurlTest):
    def make(self, name, **more):
        what = {"name": name, "cron": "30 3 * * mon-fri", "time_zone": "Europe/Berlin", "kind": "sleep", "params": {"seconds": 0}, **more}
        headers, schedule = self.send("/api/schedules", what, 201)
        self.assertEqual({name: schedule[name] for name in what}, what)
        self.assertEqual(headers["location"], f"/api/schedules/{schedule['id']}")
        return headers["location"], schedule

    def change(self, path, expect=200, **members):
        body = self.ask(path, "-X", "PATCH", "-H", "Content-Type: application/json", "-d", json.dumps(members), expect=expect)[1]
        return json.loads(body)

    def test_they_are_made_changed_and_removed(self):
        self.daemon = self.start()
        path, schedule = self.make("nightly")
        self.assertEqual((schedule["enabled"], schedule["catch_up"], schedule["overlap"]), (True, False, "skip"))
        at = datetime.datetime.fromisoformat(schedule["next_at"])
        self.assertIn((at.hour, at.minute), ((1, 30), (2, 30)))  # there, in summer and in winter
        self.assertGreater(at, datetime.datetime.now(datetime.timezone.utc))
        self.assertEqual(self.get(path), schedule)
        self.assertEqual(self.get("/api/schedules"), {"items": [schedule], "next": None})
        self.assertFalse(self.change(path, enabled=False)["enabled"])
        self.assertEqual(self.parts("schedule")[str(schedule["id"])]["state"], "off")
        changed = self.change(path, enabled=True, cron="0 12 * * *", time_zone="UTC", overlap="queue")
        self.assertEqual({name: changed[name] for name in ("name", "kind", "params", "overlap")},
                         {"name": "nightly", "kind": "sleep", "params": {"seconds": 0}, "overlap": "queue"})
        self.assertRegex(changed["next_at"], "T12:00:00.000Z$")
        for wrong in ({"cron": "61 * * * *"}, {"time_zone": "Mars/Olympus"}, {"kind": "fly"}):
            self.change(path, expect=422, **wrong)
        self.assertEqual(self.get(path), changed)
        self.ask(path, "-X", "DELETE", expect=204)
        self.get(path, 404)
        self.change(path, expect=404, enabled=False)

    def test_what_was_missed(self):
        """It is made up for once, where it is to be; what is only a little late comes nevertheless."""
        self.daemon = self.start()
        made = {name: self.make(name, cron="0 0 29 2 *", catch_up=name == "made up") for name in ("skipped", "made up", "late")}
        paths = {name: path for name, (path, _) in made.items()}
        self.daemon.kill()
        with sqlite3.connect(os.path.join(self.data, "godwit.db")) as database:  # as if that time had gone by
            for name, seconds in (("skipped", 36_000), ("made up", 36_000), ("late", 5)):
                database.execute("UPDATE schedules SET next_at = (strftime('%s', 'now') - ?) * 1000 WHERE name = ?", (seconds, name))
        for _ in range(2):
            self.daemon = self.start()
            self.until(lambda: {name: self.get(path)["next_at"] for name, path in paths.items()}
                       == {name: schedule["next_at"] for name, (_, schedule) in made.items()})
            self.assertIsNone(self.get(paths["skipped"])["last_task_id"])
            tasks = self.get("/api/tasks")["items"]
            self.assertEqual(sorted(task["schedule_id"] for task in tasks), [made["made up"][1]["id"], made["late"][1]["id"]])
            self.assertEqual({self.get(paths[name])["last_task_id"] for name in ("made up", "late")}, {task["id"] for task in tasks})
            self.until(lambda: {task["status"] for task in self.get("/api/tasks")["items"]} == {"completed"})
            self.daemon.kill()



if __name__ == "__main__":
    unittest.main()
