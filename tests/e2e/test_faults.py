# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database that is made to fail: what the breaker, the retries and the shedding do, by the answers that they cause."""
import itertools
import subprocess
import threading
import time
import unittest

from daemon import GODWITD, DaemonTest, environment


class Faults(DaemonTest):
    def setUp(self):
        super().setUp()
        self.numbers = itertools.count()

    def start_failing(self, **settings):
        arguments = [f"--set={section}.{key}={value}" for section, keys in settings.items() for key, value in keys.items()]
        return self.start("--allow-faults", *arguments)

    def search(self, daemon):
        """A search that no cache knows: (status, headers, body)."""
        return daemon.get(f"/api/search?q=word{next(self.numbers)}")

    def figure(self, daemon, name):
        for line in daemon.get("/metrics")[2].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        self.fail(f"no figure {name}")

    def test_only_with_leave(self):
        ended = subprocess.run([GODWITD, "--set", "faults.database_errors=1", "--data", self.data, "--listen", "127.0.0.1:0"],
                               capture_output=True, text=True, timeout=60, env=environment())
        self.assertEqual(ended.returncode, 2)
        self.assertIn("--allow-faults", ended.stderr)

    def test_the_breaker_opens_and_recovers(self):
        daemon = self.start_failing(faults={"database_errors": 100, "lasting": "5s"},
                                    database={"breaker_open_for": "500ms"})
        self.assertIn("faults were asked for", daemon.log_text())
        # First the database's own words, after three attempts; then the breaker's.
        status, headers, problem = self.search(daemon)
        self.assertEqual(status, 503)
        self.assertIn("does not answer", problem["detail"])
        refused = self.until(lambda: (answer := self.search(daemon))[2].get("decider") and answer)
        status, headers, problem = refused
        self.assertEqual(status, 503)
        self.assertEqual((problem["decider"]["kind"], problem["decider"]["name"]), ("circuit_breaker", "database"))
        self.assertTrue(0 <= problem["decider"]["retry_after"] <= 0.5)
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        # A load balancer is told to look elsewhere, but not to restart us; writes are refused as well.
        not_ready = self.until(lambda: (self.search(daemon), (answer := daemon.get("/health/ready"))[0] == 503 and answer)[1])
        self.assertEqual(not_ready[2]["decider"]["name"], "database")
        self.assertEqual(daemon.get("/health/live")[0], 200)
        self.until(lambda: daemon.request("POST", "/api/documents", {"title": "a", "body": "b"})[2]
                   .get("decider", {}).get("kind") == "circuit_breaker")
        # The faults end, and a trial finds out.
        self.until(lambda: self.search(daemon)[0] == 200)
        for _ in range(20):
            self.assertEqual(self.search(daemon)[0], 200)
        self.assertEqual(daemon.get("/health/ready")[0], 200)
        self.assertGreaterEqual(self.figure(daemon, "godwit_database_breaker_opened_total"), 1)

    def test_retries_succeed(self):
        daemon = self.start_failing(faults={"database_errors": 10}, database={"breaker_failures": 1000})
        answers = [self.search(daemon)[0] for _ in range(100)]
        retried = self.figure(daemon, "godwit_database_retried_total")
        # One in ten fails, three in a row one in a thousand; the budget allows ten retries at once and one more every
        # ten reads, twice what is needed.
        self.assertGreater(retried, 0)
        self.assertGreaterEqual(answers.count(200), 95)
        self.assertLessEqual(set(answers), {200, 503})

    def test_a_hang_ends_at_the_deadline(self):
        daemon = self.start_failing(faults={"database_hangs": 100}, search={"deadline": "200ms"})
        began = time.monotonic()
        status, _, problem = self.search(daemon)
        self.assertEqual((status, problem["decider"]["kind"]), (408, "deadline"))
        self.assertLess(time.monotonic() - began, 5)
        for _ in range(4):
            self.search(daemon)
        self.assertEqual(self.search(daemon)[2]["decider"]["kind"], "circuit_breaker")

    def test_reads_are_shed_while_too_many_wait(self):
        daemon = self.start_failing(faults={"database_latency": "20ms"},
                                    database={"shedding_target": "50ms", "shedding_interval": "300ms"},
                                    limits={"connections_per_address": "0"})
        deciders, served = [], []
        end = time.monotonic() + 3

        def client():
            while time.monotonic() < end:
                began = time.monotonic()
                status, _, body = self.search(daemon)
                if status == 200:
                    served.append(time.monotonic() - began)
                else:
                    deciders.append(body["decider"])

        clients = [threading.Thread(target=client) for _ in range(40)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        self.assertTrue(deciders)
        self.assertEqual({(decider["kind"], decider["name"], decider["limit"]) for decider in deciders},
                         {("shedding", "database readers", 0.05)})
        self.assertTrue(all(decider["used"] >= 0.05 for decider in deciders))
        self.assertGreater(len(served), 50)  # and those that are served are so without a queue of 40 before them
        self.assertEqual(self.figure(daemon, "godwit_database_shed_total"), len(deciders))
        self.until(lambda: self.search(daemon)[0] == 200)


if __name__ == "__main__":
    unittest.main()
