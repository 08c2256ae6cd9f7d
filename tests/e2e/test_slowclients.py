# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that send or read as slowly as they can (as slowhttptest does) delay nobody else."""
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


if __name__ == "__main__":
    unittest.main()
