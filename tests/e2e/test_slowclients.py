# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that send or read as slowly as they can (as slowhttptest does) delay nobody else."""
import os
import resource
import time
import unittest

from daemon import DaemonTest

EACH = 80  # of three kinds


class SlowClients(DaemonTest):
    def latencies(self, daemon, count=150):
        """Seconds of requests of an honest client, sorted; each on a connection of its own."""
        taken = []
        for _ in range(count):
            started = time.monotonic()
            self.assertEqual(daemon.get("/health/live")[0], 200)
            taken.append(time.monotonic() - started)
        return sorted(taken)

    def trickle(self, clients, piece):
        for client in clients:
            try:
                client.sendall(piece)
            except OSError:
                pass  # given up by the server, which is its right

    def test_slow_heads_bodies_and_readers(self):
        daemon = self.start("--set", "limits.connections_per_address=0")
        quiet = self.latencies(daemon)
        heads, bodies, readers = ([daemon.connect() for _ in range(EACH)] for _ in range(3))
        self.trickle(heads, b"GET /health HTTP/1.1\r\nHost: x\r\nX-A: ")
        self.trickle(bodies, b"POST /api/documents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                             b"Content-Length: 100000\r\n\r\n{")
        # Many large answers that nobody reads, pipelined.
        self.trickle(readers, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        busy = []
        for _ in range(3):
            self.trickle(heads, b"x")
            self.trickle(bodies, b" ")
            busy += self.latencies(daemon, 50)
        busy.sort()
        p99 = [taken[int(len(taken) * 0.99)] * 1000 for taken in (quiet, busy)]
        print(f"p99 alone {p99[0]:.2f} ms, beside {3 * EACH} slow clients {p99[1]:.2f} ms")
        # Wide, for machines that are shared; a server that waits for one of them would take seconds.
        self.assertLess(p99[1], max(100, 10 * p99[0]))
        for client in heads + bodies + readers:
            client.close()
        self.assertEqual(daemon.stop(), 0)

    def test_a_slow_head_is_refused_in_time(self):
        daemon = self.start("--set", "limits.head_timeout=1s")
        client = daemon.connect()
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        started = time.monotonic()
        self.assertTrue(client.makefile("rb").read().startswith(b"HTTP/1.1 408 "))
        self.assertTrue(0.7 < time.monotonic() - started < 4)


class Scarcity(DaemonTest):
    @staticmethod
    def metrics(client):
        client.recv(4096)
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return client.makefile("rb").read()

    def test_more_clients_than_descriptors(self):
        daemon = self.start(before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96)))

        def cpu_seconds():
            with open(f"/proc/{daemon.process.pid}/stat", encoding="ascii") as file:
                return sum(map(int, file.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")

        served = daemon.connect()
        served.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(served.recv(12), b"HTTP/1.1 200")
        clients = [daemon.connect() for _ in range(150)]
        before = cpu_seconds()
        time.sleep(1)
        self.assertLess(cpu_seconds() - before, 0.3)
        # Those that are connected are served whole, the database and its files included.
        served.recv(4096)
        served.sendall(b"GET /api/tasks HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(served.recv(12), b"HTTP/1.1 200")
        # Those beyond have been closed at once.
        self.assertIn(b"godwit_connections_refused_total 103\n", self.metrics(served))
        for client in clients:
            client.close()
        served.close()
        self.assertEqual(daemon.stop(), 0)

    def test_a_database_that_may_not_grow(self):
        daemon = self.start(before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
        body = {"title": "t", "body": "word " * 20000}
        statuses = [daemon.request("POST", "/api/documents", body)[0] for _ in range(20)]
        self.assertEqual(set(statuses), {201, 500})
        self.assertEqual(daemon.get("/health/live")[0], 200)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
