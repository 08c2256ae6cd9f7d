# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restart on a listening socket that outlives the daemon, as systemd keeps one: nobody is refused, nothing is cut."""
import http.client
import json
import os
import socket
import threading
import time
import unittest

from daemon import DaemonTest, EventStream, WebSocket

# A connection that was idle for longer when the server stopped may have been closed when its next request comes.
KEPT_IDLE = 0.4


class Client(threading.Thread):
    """Writes documents one after the other until it is told to stop; counts what is acknowledged."""

    def __init__(self, port, name, keeps):
        super().__init__(daemon=True)
        self.port, self.name, self.keeps = port, name, keeps
        self.acknowledged, self.faults, self.closed = {}, [], 0
        self.stops = threading.Event()

    def run(self):
        connection, answered = None, 0.0
        number = 0
        while not self.stops.is_set():
            fresh = connection is None
            if fresh:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            idle = time.monotonic() - answered
            title = f"{self.name}-{number}"
            try:
                connection.request("POST", "/api/documents", json.dumps({"title": title, "body": "b"}),
                                   {"Content-Type": "application/json"})
                answer = connection.getresponse()
                document = json.loads(answer.read())
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                connection = None
                if fresh or idle < KEPT_IDLE:
                    self.faults.append(f"{title}: {'a new connection' if fresh else f'{idle:.3f} s idle'}: {error!r}")
                continue
            answered = time.monotonic()
            number += 1
            if answer.status == 201:
                self.acknowledged[title] = document["id"]
            else:
                self.faults.append(f"{title}: {answer.status} {document}")
            self.closed += answer.will_close
            if answer.will_close or not self.keeps:
                connection.close()
                connection = None
        if connection:
            connection.close()


class Restart(DaemonTest):
    def setUp(self):
        super().setUp()
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.addCleanup(self.listening.close)
        self.port = self.listening.getsockname()[1]

    def begin(self, *more, **options):
        return self.start(inherited=[self.listening, *more], **options)

    def test_no_request_is_lost(self):
        daemon = self.begin(GODWIT_RUNTIME_WORKERS="3")
        self.assertEqual(daemon.port, self.port)  # and not that of --listen
        clients = [Client(self.port, f"client{i}", keeps=i % 2 == 0) for i in range(12)]
        for client in clients:
            client.start()
        for _ in range(3):
            before = [len(client.acknowledged) for client in clients]
            self.until(lambda: all(len(client.acknowledged) > count + 3 for client, count in zip(clients, before)), 60)
            self.assertEqual(daemon.stop(), 0, daemon.log_text())
            daemon = self.begin(GODWIT_RUNTIME_WORKERS="3")
        before = [len(client.acknowledged) for client in clients]
        self.until(lambda: all(len(client.acknowledged) > count + 3 for client, count in zip(clients, before)), 60)
        for client in clients:
            client.stops.set()
        for client in clients:
            client.join(40)
            self.assertFalse(client.is_alive())
            self.assertEqual(client.faults, [])
        # Who kept a connection was told to leave it, with an answer.
        self.assertGreater(sum(client.closed for client in clients if client.keeps), 0)
        for client in clients:
            title, identity = list(client.acknowledged.items())[len(client.acknowledged) // 2]
            self.assertEqual(daemon.get(f"/api/documents/{identity}")[2]["title"], title)
        self.assertEqual(daemon.stop(), 0)

    def test_who_comes_meanwhile_waits(self):
        waiting = [socket.create_connection(("127.0.0.1", self.port), 20) for _ in range(20)]
        for client in waiting:
            client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        daemon = self.begin()
        for client in waiting:
            self.assertTrue(client.makefile("rb").read().startswith(b"HTTP/1.1 200 "))
            client.close()
        self.assertEqual(daemon.stop(), 0)

    def test_what_was_open_is_told_when_to_come_back(self):
        daemon = self.begin()
        stream = EventStream(daemon, "/api/events/time?interval=0.05")
        self.assertIsNotNone(stream.next())
        chat = WebSocket(daemon, "/ws/chat?room=a&user=b")
        self.assertEqual(chat.status, 101)
        daemon.terminate()
        while stream.next() is not None:
            pass
        self.assertTrue(500 <= stream.retry <= 3000)
        self.assertEqual(chat.receive()[1][:2], b"\x03\xe9")  # 1001
        stream.close()
        chat.close()
        again = socket.create_connection(("127.0.0.1", self.port), 20)  # before there is a new daemon
        again.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        self.assertEqual(daemon.wait(), 0)
        daemon = self.begin()
        self.assertTrue(again.makefile("rb").read().startswith(b"HTTP/1.1 200 "))
        again.close()
        self.assertEqual(daemon.stop(), 0)

    def test_connections_are_spread(self):
        """Also those of a quiet hour, of which the kernel would wake the same reactor for each."""
        daemon = self.begin(GODWIT_RUNTIME_WORKERS="4")
        streams = [EventStream(daemon, "/api/events/time?interval=3600") for _ in range(40)]
        self.assertEqual([part["figures"]["streaming"] for part in daemon.parts("worker").values()], [10] * 4)
        for stream in streams:
            stream.close()
        self.assertEqual(daemon.stop(), 0)

    def test_a_unix_socket_stays(self):
        path = os.path.join(self.folder, "socket")
        with socket.socket(socket.AF_UNIX) as unix:
            unix.bind(path)
            unix.listen()
            for _ in range(2):
                daemon = self.begin(unix)
                self.assertEqual(daemon.process.stdout.readline(), f"listening on unix:{path}\n")
                with socket.socket(socket.AF_UNIX) as client:
                    client.settimeout(20)
                    client.connect(path)
                    client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                    self.assertTrue(client.makefile("rb").read().startswith(b"HTTP/1.1 200 "))
                self.assertEqual(daemon.stop(), 0)
                self.assertTrue(os.path.exists(path))

    def test_sockets_of_another_process_are_not_taken(self):
        daemon = self.start(LISTEN_PID="1", LISTEN_FDS="1")
        self.assertNotEqual(daemon.port, self.port)
        self.assertEqual(daemon.stop(), 0)

    def test_what_does_not_listen_is_refused(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            with self.assertRaisesRegex(AssertionError, "descriptor 4, which was inherited, is no socket that listens"):
                self.begin(bound)

    def test_open_mode_is_for_this_machine(self):
        with socket.create_server(("0.0.0.0", 0)) as everywhere:
            with self.assertRaisesRegex(AssertionError, "reached from other machines"):
                self.begin(everywhere)


if __name__ == "__main__":
    unittest.main()
