# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports into files: the same as over HTTP, and whole or not there at all."""
import os
import sqlite3
import unittest

from daemon import DaemonTest

ROWS = 400_000


class ExportTasks(DaemonTest):
    def add_readings(self):
        """So many that they take a while; of a time that is still to come, which no history keeps in memory."""
        self.start().stop()
        with sqlite3.connect(os.path.join(self.data, "godwit.db")) as database:
            database.execute("INSERT INTO sensor_series (id, name, unit, source) VALUES (1, 'temperature', 'degC', 'ingest')")
            database.execute(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                "INSERT INTO sensor_rollups (step, slot, series_id, readings, least, most, total) "
                "SELECT 60, 60000000 + i, 1, 1, i, i, i FROM n", (ROWS,))

    def submit(self, daemon, **params):
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": "export", "params": params})
        self.assertEqual(status, 202, task)
        return task["id"]

    def ended(self, daemon, task, seconds=60):
        return self.until(lambda: (now := daemon.get(f"/api/tasks/{task}")[2])["finished_at"] and now, seconds)

    def lying_there(self):
        """Names in the folder of the files, and of what is on its way there."""
        folder = os.path.join(self.data, "files")
        return sorted(name for name in os.listdir(folder) if name != ".uploads"), os.listdir(os.path.join(folder, ".uploads"))

    def wait_for_its_middle(self):
        folder = os.path.join(self.data, "files", ".uploads")
        self.until(lambda: any(os.path.getsize(os.path.join(folder, name)) > 1_000_000 for name in os.listdir(folder)))

    def test_a_file_has_what_the_export_has(self):
        daemon = self.start()
        for i in range(200):
            body = {"title": f"title {i}", "body": f"line {i}, \"quoted\"\n=SUM(A1) ä " + "x" * 2_000}
            self.assertEqual(daemon.request("POST", "/api/documents", body)[0], 201)
        for suffix in ("csv", "json", "ndjson"):
            task = self.ended(daemon, self.submit(daemon, dataset="documents", format=suffix))
            self.assertEqual(task["status"], "completed", task)
            name = task["result"]["name"]
            status, headers, content = daemon.get(f"/files/{name}")
            self.assertEqual((status, content), (200, daemon.get(f"/api/export/documents.{suffix}")[2]))
            self.assertEqual(task["result"], {"name": name, "rows": 200, "bytes": int(headers["Content-Length"])})
        listed = daemon.get("/api/files")[2]["items"]
        self.assertEqual({item["owner"] for item in listed}, {"anonymous"})
        self.assertTrue(all(item["sha256"] for item in listed))
        task = self.ended(daemon, self.submit(daemon, dataset="documents", name=name))
        self.assertEqual((task["status"], task["message"]), ("failed", f'there is a file "{name}" already'))

    def test_readings(self):
        daemon = self.start("--set=sensors.simulate=false", "--set=sensors.flush=100ms")
        readings = [{"series": "boiler", "value": i, "unit": "degC"} for i in range(3)]
        self.assertEqual(daemon.request("POST", "/api/readings", {"readings": readings})[0], 200)
        path = "/api/export/readings.json?series=boiler"
        row, = self.until(lambda: (found := daemon.get(path))[0] == 200 and found[2])
        self.assertEqual((row["series"], row["min"], row["avg"], row["max"], row["count"], row["unit"], row["step"]),
                         ("boiler", 0, 1, 2, 3, "degC", 60))
        self.assertEqual(daemon.get("/api/export/readings.csv?series=boiler&step=7")[0], 400)
        self.assertEqual(daemon.get("/api/export/readings.csv?series=kettle")[0], 404)
        task = self.ended(daemon, self.submit(daemon, dataset="readings", series="boiler", step=1, name="boiler.csv"))
        self.assertEqual(task["status"], "completed", task)
        self.assertEqual(daemon.get("/files/boiler.csv")[2], daemon.get("/api/export/readings.csv?series=boiler&step=1")[2])

    def test_cancelled_in_the_middle(self):
        self.add_readings()
        daemon = self.start("--set=sensors.simulate=false")
        task = self.submit(daemon, dataset="readings", format="json")
        self.wait_for_its_middle()
        self.assertEqual(daemon.request("POST", f"/api/tasks/{task}/cancel")[0], 200)
        self.assertEqual(self.ended(daemon, task)["status"], "cancelled")
        self.assertEqual(self.lying_there(), ([], []))
        self.assertEqual(daemon.get("/api/files")[2]["items"], [])
        self.until(lambda: daemon.parts("bulkhead")["exports"]["figures"]["running"] == 0)

    def test_killed_in_the_middle(self):
        self.add_readings()
        daemon = self.start("--set=sensors.simulate=false")
        task = self.submit(daemon, dataset="readings", format="csv", name="all.csv")
        self.wait_for_its_middle()
        daemon.kill()
        self.assertEqual(self.lying_there()[0], [])
        daemon = self.start("--set=sensors.simulate=false")
        ended = self.ended(daemon, task)
        self.assertEqual((ended["status"], ended["attempts"]), ("completed", 2), ended)
        self.assertEqual(ended["result"]["rows"], ROWS)
        self.assertEqual(self.lying_there(), (["all.csv"], []))
        with open(os.path.join(self.data, "files", "all.csv"), encoding="utf-8", newline="") as file:
            self.assertEqual(sum(1 for _ in file), ROWS + 1)
        item, = daemon.get("/api/files")[2]["items"]
        self.assertEqual((item["name"], item["size"], item["owner"]), ("all.csv", ended["result"]["bytes"], "anonymous"))

    def test_a_drain_in_the_middle(self):
        self.add_readings()
        daemon = self.start("--set=sensors.simulate=false")
        task = self.submit(daemon, dataset="readings", name="all.csv")
        self.wait_for_its_middle()
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.lying_there(), ([], []))
        daemon = self.start("--set=sensors.simulate=false")
        self.assertEqual(self.ended(daemon, task)["status"], "completed")
        self.assertEqual(self.lying_there(), (["all.csv"], []))

    def test_the_quota(self):
        self.add_readings()
        daemon = self.start("--set=sensors.simulate=false", "--set=files.quota=20MiB")
        ended = self.ended(daemon, self.submit(daemon, dataset="readings", format="json"))
        self.assertEqual((ended["status"], ended["message"]), ("failed", "the quota of all files leaves no room for it"))
        self.assertEqual(self.lying_there(), ([], []))

    def test_who_may_what(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        password = "a good password"

        def user(name, role):
            body = {"name": name, "role": role, "password": password}
            self.assertEqual(daemon.request("POST", "/api/users", body, daemon.local())[0], 201)
            tokens = daemon.request("POST", "/api/auth/login", {"user": name, "password": password})[2]
            return {"Authorization": f"Bearer {tokens['access_token']}"}

        def submit(caller, dataset):
            return daemon.request("POST", "/api/tasks", {"kind": "export", "params": {"dataset": dataset}}, caller)

        anna, eve = user("anna", "member"), user("eve", "viewer")
        self.assertEqual(submit(eve, "documents")[0], 403)
        status, _, problem = submit(anna, "users")
        self.assertEqual((status, "admin" in problem["detail"]), (403, True))
        self.assertEqual(submit(daemon.local(), "users")[0], 202)
        task = submit(anna, "tasks")[2]["id"]
        ended = self.until(lambda: (now := daemon.request("GET", f"/api/tasks/{task}", headers=anna)[2])["finished_at"] and now)
        self.assertEqual((ended["status"], ended["result"]["rows"]), ("completed", 1), ended)  # her own


if __name__ == "__main__":
    unittest.main()
