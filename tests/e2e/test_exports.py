# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports and files of any size pass in constant memory, also where nobody reads them.

GODWIT_LONG=1: ten million rows, and a file of 10 GiB."""
import csv
import io
import os
import socket
import subprocess
import time
import unittest

from daemon import DaemonTest

IS_LONG = bool(os.environ.get("GODWIT_LONG"))
ROWS = 10_000_000 if IS_LONG else 500_000
FILE_SIZE = (10 << 30) if IS_LONG else (512 << 20)
# That is allowed, in bytes. AddressSanitizer keeps what is freed for a while.
GROWTH = (128 if "ASAN_OPTIONS" in os.environ else 16) << 20


class Memory(DaemonTest):
    @staticmethod
    def resident(daemon, with_files=True):
        """In bytes; or without pages of mapped files, which the kernel may take back: the database is one."""
        with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as file:
            resident, shared = map(int, file.read().split()[1:3])
        return (resident - (0 if with_files else shared)) * os.sysconf("SC_PAGE_SIZE")

    def ask(self, daemon, path, receive_buffer=None):
        client = socket.socket()
        self.addCleanup(client.close)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.settimeout(60)
        client.connect(("127.0.0.1", daemon.port))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return client

    def read_all(self, client, look):
        """(bytes of the content, as they came; the head); look() is called now and then."""
        head, received, size, count = b"", bytearray(1 << 20), 0, 0
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        head, _, rest = head.partition(b"\r\n\r\n")
        size = len(rest)
        while True:
            got = client.recv_into(received)
            if got == 0:
                return size, head
            size += got
            count += 1
            if count % 100 == 0:
                look()

    def growth_while(self, daemon, read, with_files=True):
        """Of its memory at the most, in bytes."""
        before = self.resident(daemon, with_files)
        most = [before]
        result = read(lambda: most.append(self.resident(daemon, with_files)))
        most.append(self.resident(daemon, with_files))
        return max(most) - before, result

    def test_many_rows(self):
        daemon = self.start("--set", "runtime.workers=2")
        daemon.get("/api/export/sequence.csv?rows=100000")  # what the first one takes
        client = self.ask(daemon, f"/api/export/sequence.csv?rows={ROWS}")
        started = time.monotonic()
        growth, (size, head) = self.growth_while(daemon, lambda look: self.read_all(client, look))
        print(f"{ROWS} rows, {size >> 20} MiB in {time.monotonic() - started:.1f} s, memory {growth >> 10} KiB more")
        self.assertTrue(head.startswith(b"HTTP/1.1 200 "))
        self.assertGreater(size, sum(len(f"row_{i},value_{2 * i},data_{3 * i}\r\n") for i in range(0, ROWS, 1000)) * 900)
        self.assertLess(growth, GROWTH)

    def test_a_large_file(self):
        daemon = self.start()
        with open(os.path.join(self.data, "files", "sparse.bin"), "wb") as file:
            file.truncate(FILE_SIZE)
        client = self.ask(daemon, "/files/sparse.bin")
        started = time.monotonic()
        growth, (size, head) = self.growth_while(daemon, lambda look: self.read_all(client, look))
        print(f"a file of {size >> 20} MiB in {time.monotonic() - started:.1f} s, memory {growth >> 10} KiB more")
        self.assertIn(f"Content-Length: {FILE_SIZE}\r\n".encode(), head)
        self.assertEqual(size, FILE_SIZE)
        self.assertLess(growth, GROWTH)

    def curl(self, daemon, path, *options):
        client = subprocess.Popen(["curl", "-sS", "--fail", "--max-time", "100", *options, daemon.url + path], stdout=subprocess.PIPE)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        return client

    @staticmethod
    def last_row(rows):
        return f"\r\nrow_{rows - 1},value_{2 * rows - 2},data_{3 * rows - 3}\r\n".encode()

    def test_a_slow_curl(self):
        daemon = self.start()
        daemon.get("/api/export/sequence.csv?rows=100000")
        rows, path = max(ROWS, 1_500_000), os.path.join(self.folder, "rows")

        def read(look):
            client = self.curl(daemon, f"/api/export/sequence.csv?rows={rows}", "--limit-rate", "25M", "-o", path)
            self.until(lambda: look() or client.poll() is not None, 100)
            return client.returncode

        growth, code = self.growth_while(daemon, read)
        self.assertEqual(code, 0)
        self.assertLess(growth, GROWTH)
        with open(path, "rb") as file:
            file.seek(-100, os.SEEK_END)
            self.assertTrue(file.read().endswith(self.last_row(rows)))

    def test_a_curl_whose_output_nobody_takes(self):
        """It stops reading when the pipe is full, and gets the rest when it goes on."""
        daemon = self.start()
        self.fill(daemon, 300, 100_000)
        rows = max(ROWS, 4_000_000)

        def queued():
            return [part["queue_bytes"] for part in daemon.parts("connection").values() if part["figures"]["route"] == "/api/export/{file}"]

        def begin(look):
            client = self.curl(daemon, f"{path}{rows}")
            self.until(lambda: look() or any(now := queued()) and now == queued())
            return client

        for path, end in (("/api/export/sequence.csv?rows=", self.last_row(rows)), ("/api/export/documents.json?rows=", b'Z"}\n]\n')):
            with self.subTest(path):
                daemon.get(path + "100000")
                growth, client = self.growth_while(daemon, begin, with_files="sequence" in path)
                self.assertLess(growth, GROWTH)
                tail = b""
                while part := client.stdout.read(1 << 20):
                    tail = (tail + part)[-200:]
                self.assertTrue(tail.endswith(end), tail)
                self.assertEqual(client.wait(), 0)

    def fill(self, daemon, count, size=20_000):
        for i in range(count):
            body = {"title": f"title {i}", "body": f"line {i}, \"quoted\"\n=SUM(A1) ä " + "x" * size}
            self.assertEqual(daemon.request("POST", "/api/documents", body)[0], 201)

    def test_readers_that_stop(self):
        daemon = self.start("--set", "limits.write_timeout=4s", "--set", "exports.concurrency=1")
        with open(os.path.join(self.data, "files", "sparse.bin"), "wb") as file:
            file.truncate(FILE_SIZE)
        self.fill(daemon, 300)  # 6 MB: more than sockets and blocks hold
        paths = [f"/api/export/sequence.json?rows={ROWS}", "/files/sparse.bin", "/api/export/documents.json"]
        before = self.resident(daemon)
        clients = [self.ask(daemon, path, receive_buffer=4096) for path in paths for _ in range(3)]

        def places():
            parts = daemon.get("/api/runtime?kind=bulkhead")[2]["items"]
            return next(part["figures"] for part in parts if part["name"] == "exports")

        for _ in range(1000):
            if places()["running"] == 1 and places()["waiting"] > 0:
                break
            time.sleep(0.01)
        else:
            self.fail("none holds a connection while others wait for it")
        self.assertLess(self.resident(daemon) - before, GROWTH)
        self.assertEqual(daemon.get("/api/documents/1")[0], 200)  # a connection is left
        # Whoever takes nothing is cut off after the write timeout, and the next has its place.
        for _ in range(3000):
            now = places()
            if now["running"] == now["waiting"] == 0 and now["admitted"] == 3:
                break
            time.sleep(0.01)
        else:
            self.fail(f"they stay: {now}")
        self.assertEqual(daemon.get("/api/runtime?kind=export")[2]["items"], [])
        for client in clients:
            client.close()
        self.assertEqual(daemon.stop(), 0)

    def test_what_a_spreadsheet_reads(self):
        daemon = self.start()
        texts = ["plain", "a,b", "say \"hi\"", "two\nlines", "=1+1", "+1", "-1", "@x", "\t=1", " =1", "\n@x", "＝1", "ä€😀",
                 "'quoted'"]
        for text in texts:
            self.assertEqual(daemon.request("POST", "/api/documents", {"title": text, "body": text})[0], 201)
        status, headers, body = daemon.get("/api/export/documents.csv")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/csv; charset=utf-8"))
        self.assertEqual(headers["Content-Disposition"], 'attachment; filename="documents.csv"')
        rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
        self.assertEqual([row["body"] for row in rows],
                         ["'" + text if text.strip()[0] in "=+-@＝" else text for text in texts])
        self.assertEqual([row["body"] for row in daemon.get("/api/export/documents.json")[2]], texts)

    def test_a_client_that_leaves_ends_the_statement(self):
        daemon = self.start()
        self.fill(daemon, 300)
        client = self.ask(daemon, "/api/export/documents.ndjson", receive_buffer=4096)
        client.recv(10)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        for _ in range(1000):
            pools = daemon.get("/api/runtime?kind=pool")[2]["items"]
            busy = next(part for part in pools if part["name"] == "database")["figures"]["busy"]
            if busy == 0 and not daemon.get("/api/runtime?kind=export")[2]["items"]:
                break
            time.sleep(0.01)
        else:
            self.fail("it goes on")


if __name__ == "__main__":
    unittest.main()
