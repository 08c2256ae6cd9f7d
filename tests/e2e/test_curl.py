# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has an answer with an end, by curl: exports, files and uploads."""
import base64
import csv
import email
import hashlib
import json
import os
import subprocess
import unittest
import urllib.parse

from realclients import CurlTest, answer_of

NAME = 'rép"ort; 1.txt'  # all that makes a header field difficult
CONTENT = bytes(range(256)) * 40


class Exports(CurlTest):
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


class Files(CurlTest):
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


class Uploads(CurlTest):
    def append(self, location, offset, content, checksum, expect):
        path = os.path.join(self.folder, "piece")
        with open(path, "wb") as file:
            file.write(content)
        return self.ask(location, "-X", "PATCH", "-T", path, "-H", "Tus-Resumable: 1.0.0", "-H", f"Upload-Offset: {offset}",
                        "-H", "Content-Type: application/offset+octet-stream", "-H", f"Upload-Checksum: {checksum}", expect=expect)[0]

    def test_checksums(self):
        self.daemon = self.start()
        headers, _ = self.ask("/api/uploads", "-X", "OPTIONS", "-H", "Tus-Resumable: 1.0.0", expect=204)
        self.assertIn("checksum", headers["tus-extension"].split(","))
        algorithms = headers["tus-checksum-algorithm"].split(",")
        self.assertIn("sha1", algorithms)  # as tus wants it
        metadata = "Upload-Metadata: filename " + base64.b64encode(NAME.encode()).decode()
        headers, _ = self.ask("/api/uploads", "-X", "POST", "-H", "Tus-Resumable: 1.0.0", "-H", metadata, "-H", "Content-Length: 0",
                              "-H", f"Upload-Length: {len(CONTENT) * len(algorithms)}", expect=201)
        location = headers["location"]

        def offset():
            return int(self.ask(location, "--head", "-H", "Tus-Resumable: 1.0.0")[0]["upload-offset"])

        for number, algorithm in enumerate(algorithms):
            with self.subTest(algorithm):
                digest = base64.b64encode(hashlib.new(algorithm, CONTENT).digest()).decode()
                at = number * len(CONTENT)
                for wrong in (f"md4 {digest}", f"{algorithm} not base64!"):
                    self.append(location, at, CONTENT, wrong, 400)
                self.append(location, at, CONTENT[:-1] + b"x", f"{algorithm} {digest}", 460)
                self.assertEqual(offset(), at)  # nothing of it is kept
                headers = self.append(location, at, CONTENT, f"{algorithm} {digest}", 204)
                self.assertEqual(int(headers["upload-offset"]), at + len(CONTENT))
        self.assertEqual(self.ask("/files/" + urllib.parse.quote(NAME))[1], CONTENT * len(algorithms))



if __name__ == "__main__":
    unittest.main()
