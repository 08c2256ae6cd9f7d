# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has an answer with an end, by curl: exports, files, tasks and readings."""
import base64
import csv
import datetime
import email
import hashlib
import json
import os
import subprocess
import unittest
import urllib.parse

from daemon import DaemonTest
from realclients import answer_of, curl_until

NAME = 'rép"ort; 1.txt'  # all that makes a header field difficult
CONTENT = bytes(range(256)) * 40


class Curl(DaemonTest):
    def ask(self, path, *arguments, expect=200):
        """(header fields, bytes)"""
        status, headers, body = answer_of(self.daemon.url + path, *arguments)
        self.assertEqual(status, expect, body)
        if status >= 400:
            self.assertEqual((headers["content-type"], json.loads(body)["status"]), ("application/problem+json", status))
        return headers, body

    def get(self, path, expect=200):
        return json.loads(self.ask(path, expect=expect)[1])

    def send(self, path, what, expect=200):
        headers, body = self.ask(path, "-H", "Content-Type: application/json", "-d", json.dumps(what), expect=expect)
        return headers, json.loads(body)


class Exports(Curl):
    DATASETS = ("sequence", "readings", "messages", "documents", "tasks", "users")

    def test_a_sequence(self):
        self.daemon = self.start()
        for query, count in (("", 10_000), ("?rows=3", 3), ("?rows=0", 0), ("?rows=25000", 25_000)):
            with self.subTest(query):
                rows = [(f"row_{i}", f"value_{2 * i}", f"data_{3 * i}") for i in range(count)]
                objects = [dict(zip(("row", "value", "data"), row)) for row in rows]
                headers, body = self.ask("/api/export/sequence.csv" + query)
                self.assertEqual(headers["content-type"], "text/csv; charset=utf-8")
                self.assertEqual(body.decode(), "".join(",".join(row) + "\r\n" for row in rows))
                self.assertEqual(json.loads(self.ask("/api/export/sequence.json" + query)[1]), objects)  # one valid array
                lines = self.ask("/api/export/sequence.ndjson" + query)[1].splitlines()
                self.assertEqual([json.loads(line) for line in lines], objects)

    def test_each_dataset_is_a_file(self):
        """By the name that it says itself."""
        self.daemon = self.start()
        self.send("/api/documents", {"title": "=1+1", "body": 'a "quote", a comma\nand a line'}, 201)
        for dataset in self.DATASETS:
            for suffix in ("csv", "json", "ndjson"):
                with self.subTest(f"{dataset}.{suffix}"):
                    name = f"{dataset}.{suffix}"
                    subprocess.run(["curl", "-sS", "--fail", "-OJ", f"{self.daemon.url}/api/export/{name}"], cwd=self.folder, check=True)
                    self.assertTrue(os.path.exists(os.path.join(self.folder, name)))
        with open(os.path.join(self.folder, "documents.csv"), encoding="utf-8", newline="") as file:
            row, = csv.DictReader(file)
        self.assertEqual((row["title"], row["body"]), ("'=1+1", 'a "quote", a comma\nand a line'))  # no formula
        with open(os.path.join(self.folder, "documents.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)[0]["title"], "=1+1")
        self.get("/api/export/none.csv", 404)
        self.get("/api/export/sequence.xls", 404)
        self.get("/api/export/sequence.csv?rows=-1", 400)


class Files(Curl):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()
        path = os.path.join(self.folder, "sent")
        with open(path, "wb") as file:
            file.write(CONTENT)
        metadata = "Upload-Metadata: filename " + base64.b64encode(NAME.encode()).decode()
        headers, _ = self.ask("/api/uploads", "-X", "POST", "-T", path, "-H", "Tus-Resumable: 1.0.0", "-H", metadata,
                              "-H", "Content-Type: application/offset+octet-stream", "-H", f"Upload-Length: {len(CONTENT)}", expect=201)
        self.path = headers["content-location"]
        self.assertEqual(self.path, "/files/" + urllib.parse.quote(NAME))

    def test_whole(self):
        headers, body = self.ask(self.path)
        self.assertEqual((body, headers["accept-ranges"]), (CONTENT, "bytes"))
        self.assertIn("filename*=UTF-8''" + urllib.parse.quote(NAME), headers["content-disposition"])  # RFC 6266
        again, nothing = self.ask(self.path, "--head")
        for name in ("content-length", "content-type", "etag", "last-modified", "content-disposition"):
            self.assertEqual(again[name], headers[name])
        self.assertEqual(nothing, b"")
        self.assertEqual([file["name"] for file in self.get("/api/files")["items"]], [NAME])
        self.ask("/api/files/" + urllib.parse.quote(NAME), "-X", "DELETE", expect=204)
        self.ask(self.path, expect=404)

    def test_one_range(self):
        for asked, first, last in (("0-0", 0, 0), ("100-299", 100, 299), ("10000-", 10_000, 10_239), ("-7", 10_233, 10_239),
                                   ("10239-99999", 10_239, 10_239)):
            with self.subTest(asked):
                headers, body = self.ask(self.path, "-r", asked, expect=206)
                self.assertEqual((body, headers["content-range"]), (CONTENT[first:last + 1], f"bytes {first}-{last}/10240"))
        headers, _ = self.ask(self.path, "-r", f"{len(CONTENT)}-", expect=416)
        self.assertEqual(headers["content-range"], f"bytes */{len(CONTENT)}")

    def test_several_ranges(self):
        headers, body = self.ask(self.path, "-r", "0-1,300-303,-2", expect=206)
        parts = email.message_from_bytes(b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n" + body).get_payload()
        self.assertEqual([part["Content-Range"] for part in parts],
                         [f"bytes {first}-{last}/{len(CONTENT)}" for first, last in ((0, 1), (300, 303), (10238, 10239))])
        for part in (CONTENT[0:2], CONTENT[300:304], CONTENT[-2:]):
            self.assertIn(b"\r\n\r\n" + part + b"\r\n--", body)

    def test_only_what_has_changed(self):
        etag = self.ask(self.path)[0]["etag"]
        self.assertEqual(self.ask(self.path, "-H", f"If-None-Match: {etag}", expect=304)[1], b"")
        self.assertEqual(self.ask(self.path, "-H", 'If-None-Match: "other"')[1], CONTENT)
        self.assertEqual(self.ask(self.path, "-r", "0-1", "-H", f"If-Range: {etag}", expect=206)[1], CONTENT[:2])
        self.assertEqual(self.ask(self.path, "-r", "0-1", "-H", 'If-Range: "other"')[1], CONTENT)

    def test_a_download_goes_on(self):
        target = os.path.join(self.folder, "received")
        with open(target, "wb") as file:
            file.write(CONTENT[:4321])
        subprocess.run(["curl", "-sS", "--fail", "-C", "-", "-o", target, self.daemon.url + self.path], check=True)
        with open(target, "rb") as file:
            self.assertEqual(file.read(), CONTENT)

    def test_nothing_beside_the_folder(self):
        os.symlink("/etc/passwd", os.path.join(self.data, "files", "link"))
        for path in ("../godwit.db", "%2e%2e/godwit.db", "..%2fgodwit.db", "/etc/passwd", "%2fetc%2fpasswd", "link", ".uploads", "",
                     "a%00b"):
            with self.subTest(path):
                status, _, body = answer_of("--path-as-is", f"{self.daemon.url}/files/{path}")
                self.assertIn(status, (400, 404))
                self.assertEqual(json.loads(body)["status"], status)


class Tasks(Curl):
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


class Readings(Curl):
    def test_a_batch_and_its_history(self):
        self.daemon = self.start("--set=sensors.flush=100ms")
        end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        sent = [{"series": "boiler.flow", "value": value, "unit": "degC",
                 "timestamp": (end - datetime.timedelta(seconds=20 - value)).isoformat()} for value in range(20)]
        sent.insert(5, {"series": "boiler.flow", "value": "hot"})
        _, answer = self.send("/api/readings", {"readings": sent})
        self.assertEqual(len(answer["results"]), 21)
        self.assertEqual(answer["results"][5]["status"], 422)
        self.assertEqual(answer["results"][6]["value"], 5)
        listed = {item["series"]: item for item in self.get("/api/readings/series")["items"]}
        self.assertEqual((listed["boiler.flow"]["value"], listed["boiler.flow"]["unit"]), (19, "degC"))
        for query, count in (("", 20), ("&step=10", 3), ("&step=60", 2)):
            with self.subTest(query):
                minute = datetime.timedelta(seconds=60)
                times = urllib.parse.urlencode({"from": (end - minute).isoformat(), "to": (end + minute).isoformat()})
                items = self.get(f"/api/readings?series=boiler.flow{query}&{times}")["items"]
                self.assertEqual(sum(item["count"] for item in items), 20)
                self.assertLessEqual(len(items), count)
                self.assertEqual((min(item["min"] for item in items), max(item["max"] for item in items)), (0, 19))
        self.get("/api/readings?series=none", 404)
        self.get("/api/readings?series=boiler.flow&step=0", 400)

    def test_an_alert(self):
        self.daemon = self.start("--set=sensors.interval=50ms")
        rule = {"name": "warm", "series": "room", "condition": "above", "threshold": 30, "hysteresis": 2}
        _, rule = self.send("/api/alerts/rules", rule, 201)
        for value, firing in ((29, 0), (31, 1), (29, 1), (27, 0)):
            self.send("/api/readings", {"readings": [{"series": "room", "value": value}]})
            self.until(lambda firing=firing: len(self.get("/api/alerts?state=firing")["items"]) == firing)
        alert, = self.get("/api/alerts?state=resolved")["items"]
        self.assertEqual(alert["rule_id"], rule["id"])


if __name__ == "__main__":
    unittest.main()
