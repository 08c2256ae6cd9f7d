# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGTERM: nothing in flight is cut, nothing hangs."""
import fcntl
import http.client
import json
import os
import signal
import socket
import sys
import termios
import threading
import time
import unittest

import test_durability
from daemon import DaemonTest, EventStream, WebSocket


class Load(threading.Thread):
    """Asks over one connection, again and again, until the server has closed it."""

    def __init__(self, daemon):
        super().__init__(daemon=True)
        self.port = daemon.port
        self.answered = 0
        self.faults = []

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while True:
            try:
                connection.request("GET", "/api/search?q=godwit")
                answer = connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionError):
                return  # closed between two requests: not a byte of an answer had come
            try:
                answer.read()
            except http.client.HTTPException as error:
                self.faults.append(f"cut: {error!r}")
                return
            if answer.status == 200:
                self.answered += 1
            elif answer.status != 503:
                self.faults.append(f"status {answer.status}")
            if answer.will_close:
                return


class Writer(threading.Thread):
    """Writes documents until the server refuses or closes; keeps what was acknowledged."""

    def __init__(self, daemon, name):
        super().__init__(daemon=True)
        self.port, self.name = daemon.port, name
        self.acknowledged, self.faults = {}, []

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for number in range(1_000_000):
            title = f"{self.name} {number}"
            try:
                connection.request("POST", "/api/documents", json.dumps({"title": title, "body": "b"}),
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                document = json.loads(answer.read())
            except (http.client.RemoteDisconnected, ConnectionError):
                return
            if answer.status == 201:
                self.acknowledged[document["id"]] = title
            elif answer.status != 503 or answer.headers["Retry-After"] not in ("1", "2", "3"):
                self.faults.append((answer.status, document))
            if answer.will_close:
                return


class Download(threading.Thread):
    """Asks for a file again and again, by `piece` bytes, until the server refuses or closes; none may be cut."""

    def __init__(self, daemon, path, content, piece):
        super().__init__(daemon=True)
        self.server, self.path, self.content, self.piece = daemon, path, content, piece
        self.begun, self.whole, self.faults = threading.Event(), 0, []

    def run(self):
        while True:
            client = socket.socket()
            if self.piece < 65536:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            client.settimeout(20)
            try:
                client.connect(("127.0.0.1", self.server.port))
                client.sendall(f"GET {self.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                answer = http.client.HTTPResponse(client)
                answer.begin()
            except (http.client.RemoteDisconnected, ConnectionError):
                return client.close()  # not a byte of an answer had come
            try:
                got = bytearray()
                while piece := answer.read(self.piece):
                    got += piece
                    self.begun.set()
                if answer.status == 200 and got == self.content:
                    self.whole += 1
                elif answer.status != 503:
                    self.faults.append((answer.status, len(got)))
            except (OSError, http.client.HTTPException) as error:
                self.faults.append(repr(error))
            client.close()


def wait_until_stuck(client):
    """Until nothing more arrives for a client that does not read: all buffers on the way are full."""
    seen, calm = 0, 0
    while calm < 20:
        time.sleep(0.05)
        arrived = int.from_bytes(fcntl.ioctl(client, termios.FIONREAD, bytes(4)), sys.byteorder)
        calm = calm + 1 if arrived and arrived == seen else 0
        seen = arrived


class Drain(DaemonTest):
    def test_under_load_nothing_is_cut(self):
        daemon = self.start()
        streams = [EventStream(daemon, path) for path in ("/api/metrics/stream", "/api/events/time?interval=0.05")]
        chat = WebSocket(daemon, "/ws/chat?room=a&user=b")
        self.assertEqual(chat.status, 101)
        load = [Load(daemon) for _ in range(24)]
        for client in load:
            client.start()
        while sum(client.answered for client in load) < 200:
            time.sleep(0.01)
        started = time.monotonic()
        daemon.terminate()
        for stream in streams:
            while (event := stream.next()) is not None:
                self.assertNotEqual(event.get("event"), "end")  # upon which no EventSource would come back
            self.assertTrue(500 <= stream.retry <= 3000, stream.retry)  # milliseconds
        opcode, payload = chat.receive()
        self.assertEqual((opcode, payload[:2]), (WebSocket.CLOSE, b"\x03\xe9"))  # 1001
        self.assertRegex(payload[2:].decode(), r"^restarting; come back in [0-3]\.\d\d s$")
        chat.send(payload[:2], WebSocket.CLOSE)
        self.assertEqual(daemon.wait(), 0)
        print(f"drained in {time.monotonic() - started:.2f} s")
        for client in load:
            client.join(10)
            self.assertFalse(client.is_alive())
            self.assertEqual(client.faults, [])
        with self.assertRaises(ConnectionError):
            daemon.connect()

    def test_under_load_what_was_acknowledged_is_kept(self):
        daemon = self.start()
        big = os.urandom(1_000_000) * 8  # more than the kernel keeps for a connection
        with open(os.path.join(self.data, "files", "big.bin"), "wb") as file:
            file.write(big)
        streams = [EventStream(daemon, path) for path in ("/api/metrics/stream", "/api/events/time?interval=0.05")]
        tasks = [daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 600}})[2]["id"]
                 for _ in range(8)]
        streams.append(EventStream(daemon, f"/api/tasks/{tasks[0]}/events"))
        self.until(lambda: daemon.get(f"/api/tasks/{tasks[0]}")[2]["status"] == "running")
        chatters = [test_durability.Chatter(daemon, f"user{i}") for i in range(4)]
        writers = [Writer(daemon, f"writer{i}") for i in range(4)]
        downloads = [Download(daemon, "/files/big.bin", big, piece) for piece in (2048, 1 << 20, 1 << 20)]
        for thread in chatters + writers + downloads:
            thread.start()
        self.until(lambda: all(len(chatter.seen) > 10 for chatter in chatters)
                   and all(len(writer.acknowledged) > 10 for writer in writers)
                   and all(download.begun.is_set() for download in downloads)
                   and any(download.whole for download in downloads), 60)
        daemon.terminate()
        for stream in streams:
            while (event := stream.next()) is not None:
                self.assertNotEqual(event.get("event"), "end")
            self.assertTrue(500 <= stream.retry <= 3000, stream.retry)
            stream.close()
        self.assertEqual(daemon.wait(40), 0)
        for thread in chatters + writers + downloads:
            thread.join(20)
            self.assertFalse(thread.is_alive())
            self.assertEqual(getattr(thread, "faults", []), [])
        for chatter in chatters:
            chatter.socket.close()
        self.assertGreater(downloads[0].whole, 0)  # the slow one, too

        again = self.start()
        kept = test_durability.Durability.history(self, again)
        for chatter in chatters:
            for identity, message in chatter.seen.items():
                self.assertEqual(kept.get(identity), message)
        for writer in writers:
            for identity, title in writer.acknowledged.items():
                self.assertEqual(again.get(f"/api/documents/{identity}")[2]["title"], title)
        for task in tasks:
            self.assertIn(again.get(f"/api/tasks/{task}")[2]["status"], ("queued", "running"))
        self.assertEqual(again.stop(), 0)

    def test_a_request_whose_body_is_on_its_way_is_answered(self):
        daemon = self.start()
        client = daemon.connect()
        body = b'{"title": "late", "body": "but whole"}'
        client.sendall(b"POST /api/documents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                       b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])
        self.assertEqual(daemon.get("/health/live")[0], 200)  # by now the head has been read as well
        daemon.terminate()
        time.sleep(0.1)
        client.sendall(body[10:])
        answer = client.makefile("rb").read()
        self.assertRegex(answer[:12], rb"HTTP/1.1 (201|503)")
        self.assertIn(b"\r\nConnection: close\r\n", answer)
        self.assertEqual(daemon.wait(), 0)

    def test_a_slow_reader_gets_its_answer_whole(self):
        daemon = self.start()
        size = 7_000_000  # more than the kernel keeps for a connection
        self.assertEqual(daemon.request("POST", "/api/documents", {"title": "t", "body": "x" * size})[0], 201)
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        client.settimeout(20)
        client.connect(("127.0.0.1", daemon.port))
        client.sendall(b"GET /api/documents/1 HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = client.recv(1000)
        daemon.terminate()
        time.sleep(1.5)  # longer than a client may take to say goodbye
        answer += client.makefile("rb").read()
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "))
        self.assertGreater(len(answer), size)
        self.assertEqual(daemon.wait(), 0)
        client.close()

    def test_a_task_that_runs_is_kept(self):
        daemon = self.start()
        _, _, task = daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 600}})
        address = f"/api/tasks/{task['id']}"
        while daemon.get(address)[2]["status"] != "running":
            time.sleep(0.01)
        started = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(time.monotonic() - started, 10)
        again = self.start()
        while (kept := again.get(address)[2])["status"] != "running":
            self.assertEqual(kept["status"], "queued")
            time.sleep(0.01)
        self.assertGreaterEqual(kept["attempts"], 1)
        self.assertEqual(again.stop(), 0)

    def test_a_task_that_does_not_stop_is_left_behind(self):
        path = os.path.join(os.path.dirname(self.data), "held.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("not to be read")
        # Whoever opens a leased file waits in the kernel, in our daemon on a thread of the pool, for up to 45 s.
        signal.signal(signal.SIGIO, signal.SIG_IGN)
        lease = os.open(path, os.O_RDWR)
        try:
            fcntl.fcntl(lease, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        except OSError as error:
            self.skipTest(f"no leases on this file system: {error}")
        daemon = self.start("--set", "server.drain_timeout=1s")
        _, _, task = daemon.request("POST", "/api/tasks", {"kind": "import", "params": {"paths": [path]}})
        address = f"/api/tasks/{task['id']}"
        while fcntl.fcntl(lease, fcntl.F_GETLEASE) == fcntl.F_WRLCK:  # until somebody wants it
            time.sleep(0.01)
        self.assertEqual(daemon.get(address)[2]["status"], "running")
        started = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        took = time.monotonic() - started
        self.assertTrue(0.8 < took < 5, took)
        self.assertIn("a task does not stop", daemon.log_text())
        os.close(lease)
        again = self.start()
        while (kept := again.get(address)[2])["status"] in ("queued", "running"):
            time.sleep(0.01)
        self.assertEqual((kept["status"], kept["attempts"]), ("completed", 2))
        self.assertEqual(again.stop(), 0)

    def test_who_never_says_goodbye_is_not_waited_for(self):
        daemon = self.start()
        rude = WebSocket(daemon, "/ws/chat?room=a&user=b")
        self.assertEqual(rude.status, 101)
        started = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(time.monotonic() - started, 10)
        rude.close()

    def test_who_never_reads_is_cut_at_the_timeout(self):
        daemon = self.start("--set", "server.drain_timeout=1s", "--set", "limits.rate=off")
        client = daemon.connect()
        client.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 2000)  # some 30 MB of answers
        self.assertEqual(daemon.get("/health/live")[0], 200)
        wait_until_stuck(client)
        started = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        took = time.monotonic() - started
        self.assertTrue(0.8 < took < 5, took)
        self.assertIn("drain timeout: 1 connections are cut", daemon.log_text())
        client.close()

    def test_a_second_signal_ends_at_once(self):
        daemon = self.start()
        rude = WebSocket(daemon, "/ws/chat?room=a&user=b")
        daemon.terminate()
        self.assertEqual(rude.receive()[0], WebSocket.CLOSE)  # it drains now
        started = time.monotonic()
        daemon.terminate()
        self.assertEqual(daemon.wait(), 1)
        self.assertLess(time.monotonic() - started, 1)
        rude.close()


if __name__ == "__main__":
    unittest.main()
