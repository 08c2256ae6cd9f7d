# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks by curl."""
import hashlib
import json
import os
import subprocess
import unittest

from realclients import CurlTest, curl_until


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


if __name__ == "__main__":
    unittest.main()
