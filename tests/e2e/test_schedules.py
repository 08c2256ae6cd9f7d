# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules as a client sees them."""
import os
import sqlite3
import unittest

from daemon import DaemonTest

NIGHTLY = {"name": "nightly", "cron": "0 3 * * mon-fri", "time_zone": "Europe/Berlin", "kind": "sleep",
           "params": {"seconds": 0}}


class Schedules(DaemonTest):
    def begin(self):
        self.daemon = self.start()

    def ask(self, method, path, body=None):
        return self.daemon.request(method, path, body, self.daemon.local())

    def make(self, **changes):
        status, headers, schedule = self.ask("POST", "/api/schedules", {**NIGHTLY, **changes})
        self.assertEqual(status, 201, schedule)
        self.assertEqual(headers["Location"], f"/api/schedules/{schedule['id']}")
        return schedule

    def make_due(self, schedule, at):
        """As if it had been waited for: the daemon is not there."""
        with sqlite3.connect(os.path.join(self.data, "godwit.db")) as database:
            database.execute(f"UPDATE schedules SET next_at = {at} WHERE id = ?", (schedule["id"],))

    def test_they_are_made_changed_and_removed(self):
        self.begin()
        schedule = self.make()
        self.assertEqual({name: schedule[name] for name in NIGHTLY}, NIGHTLY)
        self.assertEqual((schedule["enabled"], schedule["catch_up"], schedule["overlap"]), (True, False, "skip"))
        path = f"/api/schedules/{schedule['id']}"
        self.assertEqual(self.ask("GET", path)[2], schedule)
        self.assertEqual(self.ask("GET", "/api/schedules")[2], {"items": [schedule], "next": None})
        status, _, changed = self.ask("PATCH", path, {"enabled": False, "params": {"seconds": 1}})
        self.assertEqual((status, changed["enabled"], changed["params"]), (200, False, {"seconds": 1}))
        self.assertEqual(changed["cron"], NIGHTLY["cron"])
        part = self.daemon.parts("schedule")[str(schedule["id"])]
        self.assertEqual((part["state"], part["figures"]["name"]), ("off", "nightly"))
        self.assertEqual(self.ask("DELETE", path)[0], 204)
        self.assertEqual(self.ask("GET", path)[0], 404)

    def test_what_is_wrong_is_named(self):
        self.begin()
        for changes, word in (({"cron": "0 0 30 2 *"}, "never"), ({"cron": "61 * * * *"}, "minute"),
                              ({"time_zone": "Mars/Olympus"}, "time_zone"), ({"kind": "fly"}, "kind"),
                              ({"params": {"seconds": -1}}, "seconds"), ({"name": ""}, "name")):
            with self.subTest(changes):
                status, _, problem = self.ask("POST", "/api/schedules", {**NIGHTLY, **changes})
                self.assertEqual(status, 422, problem)
                self.assertIn(word, problem["detail"])

    def test_what_was_missed_is_made_up_for_once_where_it_is_to_be(self):
        self.begin()
        skipped, made_up, late = self.make(name="a"), self.make(name="b", catch_up=True), self.make(name="c")
        self.daemon.kill()
        hours = "(strftime('%s', 'now') - 36000) * 1000"
        self.make_due(skipped, hours)
        self.make_due(made_up, hours)
        self.make_due(late, "(strftime('%s', 'now') - 5) * 1000")
        self.begin()

        def last(schedule):
            return self.ask("GET", f"/api/schedules/{schedule['id']}")[2]["last_task_id"]

        self.until(lambda: last(made_up) and last(late))
        self.assertIsNone(last(skipped))
        tasks = self.ask("GET", "/api/tasks")[2]["items"]
        self.assertEqual(sorted(task["schedule_id"] for task in tasks), [made_up["id"], late["id"]])
        self.until(lambda: all(task["status"] == "completed" for task in self.ask("GET", "/api/tasks")[2]["items"]))
        self.daemon.kill()
        self.begin()
        self.until(lambda: self.daemon.get("/health/ready")[0] == 200)
        self.assertEqual(len(self.ask("GET", "/api/tasks")[2]["items"]), 2)


if __name__ == "__main__":
    unittest.main()
