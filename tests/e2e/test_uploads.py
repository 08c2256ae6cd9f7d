# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resumable uploads: interrupted, resumed, with the daemon killed in between, and under attack."""
import concurrent.futures
import hashlib
import os
import random
import resource
import sqlite3
import time
import unittest

from daemon import DaemonTest
from tus import Tus, checksum, metadata


def content_of(size, seed=1):
    return random.Random(seed).randbytes(size)


class UploadTest(DaemonTest):
    def files(self, *parts):
        return os.path.join(self.data, "files", *parts)

    def wait_for(self, condition):
        for _ in range(1000):
            if condition():
                return
            time.sleep(0.01)
        self.fail("did not come to be")

    def assert_file(self, daemon, name, content):
        status, _, body = daemon.get(f"/files/{name}?user=anna")
        self.assertEqual((status, hashlib.sha256(body).hexdigest()), (200, hashlib.sha256(content).hexdigest()))


class Uploads(UploadTest):
    def test_an_upload_in_pieces(self):
        daemon = self.start()
        tus = Tus(daemon)
        content = content_of(3_000_000)
        location = tus.begin("data.bin", len(content))
        self.assertEqual(tus.offset(location), 0)
        self.assertEqual(daemon.get("/files/data.bin")[0], 404)
        status, headers, _ = tus.append(location, 0, content[:1_000_000])
        self.assertEqual((status, headers["Upload-Offset"]), (204, "1000000"))
        self.assertTrue(headers["Upload-Expires"].endswith(" GMT"))
        status, headers, _ = tus.append(location, 1_000_000, content[1_000_000:])
        self.assertEqual((status, headers["Upload-Offset"]), (204, "3000000"))
        self.assertEqual(headers["Content-Location"], "/files/data.bin")
        self.assert_file(daemon, "data.bin", content)
        self.assertEqual(tus.offset(location), 3_000_000)  # for a client that has not heard the last answer
        listed = daemon.get("/api/files")[2]["items"]
        self.assertEqual([(item["name"], item["size"], item["owner"], item["sha256"]) for item in listed],
                         [("data.bin", 3_000_000, "anna", hashlib.sha256(content).hexdigest())])
        found = daemon.get("/api/search?q=data&kind=file")[2]
        self.assertEqual([(hit["kind"], hit["title"]) for hit in found], [("file", "data.bin")])
        self.assertEqual(daemon.stop(), 0)

    def test_killed_in_the_middle_and_resumed(self):
        content = content_of(40_000_000)
        daemon = self.start()
        location = Tus(daemon).begin("big.bin", len(content))
        connection = Tus(daemon).begin_append(location, 0, len(content))
        connection.send(content[:30_000_000])
        self.wait_for(lambda: os.path.getsize(self.files(".uploads", location.split("/")[-1])) > 25_000_000)
        daemon.kill()
        connection.close()

        daemon = self.start()
        tus = Tus(daemon)
        offset = tus.offset(location)
        self.assertGreaterEqual(offset, 16 * 1024 * 1024)  # noted on the way
        status, headers, _ = tus.append(location, offset, content[offset:])
        self.assertEqual((status, headers["Upload-Offset"]), (204, str(len(content))))
        self.assert_file(daemon, "big.bin", content)
        self.assertEqual(os.listdir(self.files(".uploads")), [])
        self.assertEqual(daemon.get("/api/files")[2]["items"][0]["sha256"], hashlib.sha256(content).hexdigest())
        self.assertEqual(daemon.stop(), 0)

    def test_what_came_before_the_client_left_is_kept(self):
        daemon = self.start()
        tus = Tus(daemon)
        location = tus.begin("a", 1000)
        connection = tus.begin_append(location, 0, 1000)
        connection.send(b"x" * 300)
        self.wait_for(lambda: os.path.exists(self.files(".uploads", location.split("/")[-1])))
        self.assertEqual(tus.append(location, 0, b"y" * 10)[0], 423)
        connection.close()
        self.wait_for(lambda: tus.offset(location) == 300)
        self.wait_for(lambda: tus.append(location, 300, b"z" * 700)[0] == 204)
        self.assert_file(daemon, "a", b"x" * 300 + b"z" * 700)

    def test_a_dead_connection_is_not_in_the_way(self):
        daemon = self.start("--set", "limits.body_timeout=1h")
        tus = Tus(daemon)
        location = tus.begin("a", 1000)
        dead = tus.begin_append(location, 0, 1000)
        self.addCleanup(dead.close)
        dead.send(b"x" * 300)
        part = self.files(".uploads", location.split("/")[-1])
        self.wait_for(lambda: os.path.exists(part) and os.path.getsize(part) == 300)
        # Its client comes again by another connection, as often as it needs.
        self.wait_for(lambda: tus.append(location, tus.offset(location), b"")[0] == 204)
        self.assertEqual(tus.offset(location), 300)
        self.assertEqual(dead.getresponse().status, 409)
        self.assertEqual(tus.append(location, 300, b"z" * 700)[0], 204)
        self.assert_file(daemon, "a", b"x" * 300 + b"z" * 700)

    def test_a_drain_waits_and_keeps(self):
        daemon = self.start("--set", "server.drain_timeout=2s")
        tus = Tus(daemon)
        location = tus.begin("a", 1000)
        connection = tus.begin_append(location, 0, 1000)
        connection.send(b"x" * 300)
        self.wait_for(lambda: os.path.exists(self.files(".uploads", location.split("/")[-1])))
        daemon.terminate()
        self.assertEqual(connection.getresponse().status, 503)
        self.assertEqual(daemon.wait(), 0)
        daemon = self.start()
        self.assertEqual(Tus(daemon).offset(location), 300)

    def test_ended_and_expired(self):
        daemon = self.start("--set", "files.upload_lifetime=1s")
        tus = Tus(daemon)
        location = tus.begin("a", 10)
        self.assertEqual(tus.append(location, 0, b"12345")[0], 204)
        self.assertEqual(tus.send("DELETE", location)[0], 204)
        self.assertEqual(tus.send("HEAD", location)[0], 404)
        self.assertEqual(os.listdir(self.files(".uploads")), [])
        location = tus.begin("b", 10)
        self.wait_for(lambda: tus.send("HEAD", location)[0] == 404)
        self.assertEqual(tus.append(location, 0, b"1")[0], 404)

    def test_creation_with_upload(self):
        daemon = self.start()
        tus = Tus(daemon)
        status, headers, body = tus.send("POST", "/api/uploads", b"hello", Upload_Length=10,
                                         Upload_Metadata=metadata(filename="ä (1).txt"),
                                         Content_Type="application/offset+octet-stream")
        self.assertEqual((status, headers["Upload-Offset"], body["name"]), (201, "5", "ä (1).txt"))
        self.assertEqual(tus.append(headers["Location"], 5, b"world")[0], 204)
        status, headers, body = daemon.get("/files/%C3%A4%20%281%29.txt")
        self.assertEqual((status, body, headers["Content-Type"]), (200, b"helloworld", "text/plain; charset=utf-8"))
        self.assertIn("filename*=UTF-8''%C3%A4%20%281%29.txt", headers["Content-Disposition"])
        self.assertEqual(tus.create("empty", 0)[0], 201)
        self.assert_file(daemon, "empty", b"")

    def test_clients_that_can_only_post(self):
        daemon = self.start()
        tus = Tus(daemon)
        location = tus.begin("a", 4)
        override = {"X_HTTP_Method_Override": "PATCH"}
        status, headers, _ = tus.send("POST", location, b"ab", Upload_Offset=0,
                                      Content_Type="application/offset+octet-stream", **override)
        self.assertEqual((status, headers["Upload-Offset"]), (204, "2"))
        status, _, problem = tus.send("POST", location)
        self.assertEqual((status, "X-HTTP-Method-Override" in problem["detail"]), (400, True))
        self.assertEqual(tus.send("POST", location, X_HTTP_Method_Override="DELETE")[0], 204)
        self.assertEqual(tus.send("HEAD", location)[0], 404)

    def test_pages_of_other_origins_read_the_answers(self):
        daemon = self.start("--set", "cors.origins=https://a.example")
        tus = Tus(daemon)
        preflight = daemon.request("OPTIONS", "/api/uploads", headers={
            "Origin": "https://a.example", "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "tus-resumable,upload-length,upload-metadata"})[1]
        allowed = preflight["Access-Control-Allow-Headers"].lower().split(", ")
        self.assertLessEqual({"tus-resumable", "upload-length", "upload-offset", "upload-metadata", "upload-checksum"},
                             set(allowed))
        headers = tus.create("a", 3, Origin="https://a.example")[1]
        exposed = headers["Access-Control-Expose-Headers"].split(", ")
        for name in ("Location", "Upload-Offset", "Upload-Length", "Upload-Expires", "Tus-Resumable", "Tus-Version",
                     "Tus-Extension", "Tus-Max-Size"):
            self.assertIn(name, exposed)

    def test_checksums(self):
        daemon = self.start()
        tus = Tus(daemon)
        content = content_of(500_000)
        location = tus.begin("a", len(content))
        status, _, _ = tus.append(location, 0, content[:100_000], Upload_Checksum=checksum(content[1:], "sha1"))
        self.assertEqual((status, tus.offset(location)), (460, 0))
        status, _, _ = tus.append(location, 0, content[:100_000], Upload_Checksum=checksum(content[:100_000], "sha1"))
        self.assertEqual((status, tus.offset(location)), (204, 100_000))
        self.assertEqual(tus.append(location, 100_000, b"x", Upload_Checksum="md5 AAAA")[0], 400)
        self.assertEqual(tus.append(location, 100_000, b"x", Upload_Checksum="sha1 not base64!")[0], 400)
        self.assertEqual(tus.append(location, 100_000, content[100_000:],
                                    Upload_Checksum=checksum(content[100_000:]))[0], 204)
        self.assert_file(daemon, "a", content)

    def test_names_are_not_taken_twice(self):
        daemon = self.start()
        tus = Tus(daemon)
        first, second = tus.begin("a.txt", 1), tus.begin("a.txt", 1)
        self.assertEqual(tus.append(first, 0, b"1")[0], 204)
        self.assertEqual(tus.create("a.txt", 1)[0], 409)
        self.assertEqual(tus.append(second, 0, b"2")[1]["Content-Location"], "/files/a%20%282%29.txt")
        self.assert_file(daemon, "a.txt", b"1")
        self.assert_file(daemon, "a%20%282%29.txt", b"2")

    def test_whose_it_is(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        with open(os.path.join(self.data, "local-token"), encoding="ascii") as file:
            local = file.read().strip()

        def user(name, role):
            password = {"password": "a good password"}
            admin = {"Authorization": f"Bearer {local}"}
            self.assertEqual(daemon.request("POST", "/api/users", {"name": name, "role": role, **password}, admin)[0], 201)
            tokens = daemon.request("POST", "/api/auth/login", {"user": name, **password})[2]
            return Tus(daemon, token=tokens["access_token"])

        anna, bert, eve = user("anna", "member"), user("bert", "member"), user("eve", "viewer")
        location = anna.begin("a", 10)
        for other in (bert, eve):
            for method in ("HEAD", "DELETE"):
                self.assertEqual(other.send(method, location)[0], 403)
            self.assertEqual(other.append(location, 0, b"x")[0], 403)
        self.assertEqual(eve.create("b", 1)[0], 403)
        self.assertEqual(anna.append(location, 0, b"0123456789")[0], 204)
        self.assertEqual(daemon.get("/files/a")[0], 401)
        self.assertEqual(eve.send("GET", "/files/a")[2], b"0123456789")
        for other in (bert, eve):
            self.assertEqual(other.send("DELETE", "/api/files/a")[0], 403)
        self.assertEqual(anna.send("DELETE", "/api/files/a")[0], 204)
        self.assertEqual(eve.send("GET", "/files/a")[0], 404)
        self.assertEqual(os.listdir(self.files()), [".uploads"])
        self.assertIn("file_removed actor=anna subject=a ", daemon.log_text())
        # Whoever is nobody is told so before he sends anything.
        client = daemon.connect()
        client.sendall(b"PATCH /api/uploads/x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999\r\n\r\n")
        self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 401 "))
        client.close()


class Attacks(UploadTest):
    def test_garbage(self):
        daemon = self.start("--set", "files.max_size=1MiB", "--set", "files.quota=3MiB",
                            "--set", "files.uploads_per_user=3", "--set", "files.announced_per_user=3MiB")
        tus = Tus(daemon)
        for length in ("-1", "1e3", "+1", "x", "", " ", "99999999999999999999", "0x10"):
            self.assertEqual(tus.create("a", length)[0], 400, length)
        self.assertEqual(tus.create("a", 2 ** 20 + 1)[0], 413)
        self.assertEqual(tus.create("a", 2 ** 63 - 1)[0], 413)
        for name in ("", ".", "..", ".hidden", "a/b", "../../etc/passwd", "a\\b", "a\0b", "a\nb", "\u202egnp.exe", " a",
                     "a ", "a.", "CON", "nul.txt", "com1", "x" * 300, "\ufffe"):
            self.assertEqual(tus.create(name, 1)[0], 400, repr(name))
        for field in ("", "filename", "filename !!!", "filename YQ==,filename Yg==", "filename /w==", "a,b,c", ",,,",
                      "filename " + "A" * 9000):
            self.assertEqual(tus.send("POST", "/api/uploads", Upload_Length=1, Upload_Metadata=field)[0], 400, field)
        self.assertEqual(tus.send("POST", "/api/uploads", Upload_Metadata=metadata(filename="a"))[0], 400)
        self.assertEqual(tus.send("POST", "/api/uploads", Upload_Defer_Length=1)[0], 400)
        status, headers, _ = daemon.request("POST", "/api/uploads", headers={"Upload-Length": "1"})
        self.assertEqual((status, headers["Tus-Version"]), (412, "1.0.0"))
        status, headers, _ = daemon.request("OPTIONS", "/api/uploads")
        self.assertEqual((status, headers["Tus-Max-Size"]), (204, "1048576"))

        location = tus.begin("a", 2 ** 20)
        self.assertEqual(tus.append(location, 1, b"x")[0], 409)
        self.assertEqual(tus.append(location, -1, b"x")[0], 400)
        self.assertEqual(tus.append(location, "", b"x")[0], 400)
        self.assertEqual(tus.append(location, 0, b"x" * (2 ** 20 + 1))[0], 413)
        self.assertEqual(tus.send("PATCH", location, b"x", Upload_Offset=0, Content_Type="text/plain")[0], 415)
        for path in ("/api/uploads/x", "/api/uploads/..%2f..%2fgodwit.db", "/api/uploads/%00"):
            self.assertIn(tus.append(path, 0, b"x")[0], (400, 404), path)
        self.assertEqual(tus.offset(location), 0)
        tus.begin("b", 2 ** 20), tus.begin("c", 2 ** 20)
        self.assertEqual(tus.create("d", 1)[0], 429)
        self.assertEqual(Tus(daemon, "bert").create("d", 1)[0], 507)  # the quota

    def test_one_user_cannot_fill_the_quota_by_announcing(self):
        daemon = self.start("--set", "files.quota=10MiB")
        anna, bert = Tus(daemon), Tus(daemon, "bert")
        for name in "abcde":
            anna.begin(name, 1 << 20)
        status, headers, problem = anna.create("f", 1)
        self.assertEqual((status, headers["Retry-After"]), (429, "60"))
        self.assertEqual(problem["decider"]["name"], "announced bytes of a user")
        location = bert.begin("f", 1 << 20)
        self.assertEqual(bert.append(location, 0, b"x" * (1 << 20))[0], 204)

    def test_one_user_cannot_hold_all_places(self):
        daemon = self.start("--set", "files.sending_per_user=3", "--set", "files.uploads=4")
        anna, bert = Tus(daemon), Tus(daemon, "bert")
        slow = [anna.begin_append(anna.begin(f"slow{i}", 10), 0, 10) for i in range(3)]
        self.wait_for(lambda: len(daemon.parts("upload")) == 3)
        status, headers, problem = anna.append(anna.begin("d", 1), 0, b"x")
        self.assertEqual((status, headers["Retry-After"]), (429, "1"))
        self.assertEqual((problem["decider"]["name"], problem["decider"]["limit"], problem["decider"]["used"]),
                         ("uploads of a user at a time", 3, 3))
        # One that is to begin with its first bytes has not begun.
        status, _, _ = anna.create("g", 5, Content_Type="application/offset+octet-stream")
        self.assertEqual(status, 429)
        with sqlite3.connect(os.path.join(self.data, "godwit.db")) as database:
            self.assertEqual(database.execute("SELECT count(*) FROM uploads WHERE name = 'g'").fetchone(), (0,))
        self.assertEqual(bert.append(bert.begin("e", 1), 0, b"x")[0], 204)
        for connection in slow:
            connection.close()
        self.wait_for(lambda: not daemon.parts("upload"))
        self.assertEqual(anna.append(anna.begin("f", 1), 0, b"x")[0], 204)

    def test_more_than_announced_in_chunks(self):
        daemon = self.start()
        tus = Tus(daemon)
        location = tus.begin("a", 100_000)
        client = daemon.connect()
        client.sendall(f"PATCH {location}?user=anna HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                       "Content-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for _ in range(100):
                client.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        except OSError:
            pass
        self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 413 "))
        client.close()
        # What had come before it was too much is kept, in whatever pieces it came.
        self.wait_for(lambda: tus.offset(location) <= 100_000)
        self.assertEqual(daemon.get("/files/a")[0], 404)

    def test_a_full_disk(self):
        daemon = self.start(before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
        tus = Tus(daemon)
        location = tus.begin("a", 3 << 20)
        self.assertEqual(tus.append(location, 0, b"x" * (3 << 20))[0], 507)
        offset = tus.offset(location)
        self.assertLessEqual(offset, 1 << 20)
        self.assertEqual(os.path.getsize(self.files(".uploads", location.split("/")[-1])), offset)
        self.assertEqual(daemon.get("/files/a")[0], 404)
        self.assertEqual(daemon.get("/health/live")[0], 200)
        self.assertEqual(daemon.stop(), 0)

    def test_a_hundred_at_once(self):
        daemon = self.start("--set", "files.sending_per_user=100")
        contents = {f"file{i}": content_of(200_000 + i, i) for i in range(100)}

        def upload(name):
            tus, content = Tus(daemon), contents[name]
            location = tus.begin(name, len(content))
            status = tus.append(location, 0, content[:100_000])[0]
            return status, tus.append(location, 100_000, content[100_000:])[0]

        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            self.assertEqual(set(pool.map(upload, contents)), {(204, 204)})
        for name, content in contents.items():
            self.assert_file(daemon, name, content)
        self.assertEqual(len(daemon.get("/api/files?limit=1000")[2]["items"]), 100)

    def test_slow_senders_hold_nobody_up(self):
        daemon = self.start("--set", "limits.body_timeout=1s", "--set", "files.uploads=4")
        tus = Tus(daemon)
        slow = [tus.begin_append(tus.begin(f"slow{i}", 10), 0, 10) for i in range(4)]
        content = content_of(1000)
        location = tus.begin("fast", len(content))
        self.assertEqual(tus.append(location, 0, content)[0], 204)  # waits for a place
        self.assertEqual({connection.getresponse().status for connection in slow}, {408})


if __name__ == "__main__":
    unittest.main()
