# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the toolkit does while things go wrong, as /api/runtime shows it; the answers themselves are test_faults.py's."""
import itertools
import json
import threading
import unittest

from daemon import DaemonTest, EventStream


class Resilience(DaemonTest):
    def setUp(self):
        super().setUp()
        self.numbers = itertools.count()

    def start_with(self, **settings):
        arguments = [f"--set={section}.{key}={value}" for section, keys in settings.items() for key, value in keys.items()]
        return self.start("--allow-faults", *arguments, GODWIT_AUTH_MODE="token")

    def search(self, daemon):
        """One that no cache knows: (status, headers, body)."""
        return daemon.request("GET", f"/api/search?q=word{next(self.numbers)}", headers=daemon.local())

    def together(self, count, work):
        """Runs work() again and again in so many threads; what is returned ends them and has all that work() returned."""
        stop, results = threading.Event(), []

        def client():
            while not stop.is_set():
                results.append(work())

        clients = [threading.Thread(target=client) for _ in range(count)]
        for thread in clients:
            thread.start()

        def end():
            stop.set()
            for thread in clients:
                thread.join()
            return results
        return end

    def check_decider(self, answer, kind, name):
        status, headers, problem = answer
        self.assertIn(status, (429, 503))
        decider = problem["decider"]
        self.assertEqual((decider["kind"], decider["name"]), (kind, name))
        self.assertIsInstance(decider["limit"], (int, float))
        self.assertIsInstance(decider["used"], (int, float))
        self.assertGreaterEqual(decider["retry_after"], 0)
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)

    def test_the_breaker_in_all_its_states(self):
        daemon = self.start_with(faults={"database_hangs": 100}, search={"deadline": "300ms"},
                                 database={"breaker_open_for": "300ms"})
        stream = EventStream(daemon, "/api/runtime/stream?kind=breaker", daemon.local())
        self.addCleanup(stream.close)

        def breaker():
            return daemon.parts("breaker")["database"]

        self.assertEqual(breaker()["state"], "closed")
        self.assertEqual(daemon.parts("faults")["the database"]["state"], "on")
        end = self.together(2, lambda: self.search(daemon))
        try:
            opened = self.until(lambda: (part := breaker())["state"] == "open" and part)
            self.assertGreaterEqual(opened["figures"]["failures"], opened["limits"]["failures"])
            self.assertGreaterEqual(opened["figures"]["opened"], 1)
            self.until(lambda: breaker()["figures"]["refused"] > 0)
            self.until(lambda: breaker()["state"] == "half_open")  # a trial hangs until its deadline
            self.until(lambda: breaker()["figures"]["opened"] > opened["figures"]["opened"])  # and has failed
            self.assertEqual(daemon.act("faults", "the database", "stop")[0], 204)
            self.until(lambda: breaker()["state"] == "closed")
        finally:
            answers = end()
        refused = [answer for answer in answers if answer[0] == 503]
        self.assertTrue(refused)
        for answer in refused:
            self.check_decider(answer, "circuit_breaker", "database")
        self.assertEqual(self.search(daemon)[0], 200)
        faults = daemon.parts("faults")["the database"]
        self.assertEqual(faults["state"], "off")
        self.assertGreater(faults["figures"]["suffered"], 0)
        # Whoever watched has seen it too.
        seen = set()

        def watch():
            for part in json.loads(stream.next()["data"])["items"]:
                if (part["kind"], part["name"]) == ("breaker", "database"):
                    seen.add(part["state"])
            return {"open", "closed"} <= seen
        self.until(watch)

    def test_retries_spend_their_budget(self):
        daemon = self.start_with(faults={"database_errors": 100}, database={"breaker_failures": 1000})

        def budget():
            return daemon.parts("retry_budget")["database"]

        full = budget()
        self.assertEqual(full["state"], "available")
        self.search(daemon)
        self.assertLess(budget()["figures"]["available"], full["figures"]["available"])
        self.until(lambda: self.search(daemon) and budget()["state"] == "spent")
        self.assertEqual(daemon.act("faults", "the database", "stop")[0], 204)
        self.until(lambda: self.search(daemon)[0] == 200 and budget()["state"] == "available")

    def test_shedding(self):
        daemon = self.start_with(faults={"database_latency": "20ms"}, limits={"connections_per_address": 0},
                                 database={"shedding_target": "50ms", "shedding_interval": "300ms"})

        def shedder():
            return daemon.parts("shedder")["database readers"]

        self.assertEqual((shedder()["state"], shedder()["figures"]["shed"]), ("idle", 0))
        end = self.together(40, lambda: self.search(daemon))
        try:
            self.until(lambda: shedder()["state"] == "shedding")
            self.until(lambda: shedder()["figures"]["shed"] > 0)
            self.until(lambda: daemon.parts("pool")["database"]["figures"]["queued"] > 0)
        finally:
            answers = end()
        shed = [answer for answer in answers if answer[0] == 503]
        for answer in shed:
            self.check_decider(answer, "shedding", "database readers")
        self.assertEqual(shedder()["figures"]["shed"], len(shed))
        self.assertIn(200, {answer[0] for answer in answers})

    def test_a_limiter(self):
        daemon = self.start("--set=limits.rate_anonymous=1", GODWIT_AUTH_MODE="token", GODWIT_LIMITS_RATE="on")
        answers = [daemon.get("/api/tasks") for _ in range(20)]
        refused = [answer for answer in answers if answer[0] == 429]
        self.assertTrue(refused)
        for answer in refused:
            self.check_decider(answer, "rate_limit", "anonymous")
            self.assertIn('"anonymous";r=0;', answer[1]["RateLimit"])
        limiter = daemon.parts("limiter")["anonymous"]
        self.assertEqual(limiter["figures"]["refused"], len(refused))
        self.assertEqual(limiter["figures"]["allowed"], len(answers) - len(refused))
        self.assertEqual((limiter["figures"]["keys"], limiter["limits"]["per_second"]), (1, 1))

    def test_a_bulkhead(self):
        daemon = self.start_with(auth={"logins_per_name": 0}, limits={"connections_per_address": 0})

        def passwords():
            return daemon.parts("bulkhead")["passwords"]

        self.assertEqual(passwords()["state"], "idle")
        places = passwords()["limits"]["concurrency"] + passwords()["limits"]["queue"]
        end = self.together(places + 8, lambda: daemon.request(
            "POST", "/api/auth/login", {"user": "nobody", "password": "a wrong password"}))
        try:
            self.until(lambda: passwords()["state"] == "full")
            self.until(lambda: passwords()["figures"]["refused"] > 0)
            self.assertEqual(self.search(daemon)[0], 200)  # a storm of logins starves nobody
        finally:
            answers = end()
        refused = [answer for answer in answers if answer[0] != 401]
        for answer in refused:
            self.check_decider(answer, "bulkhead", "passwords")
        self.assertEqual(passwords()["figures"]["refused"], len(refused))
        self.assertEqual(passwords()["figures"]["admitted"], len(answers) - len(refused))

    def test_a_cache_outlives_its_database(self):
        daemon = self.start_with()
        made = daemon.request("POST", "/api/users", {"name": "ada", "password": "a good password", "role": "member"},
                              daemon.local())[2]
        known, unknown = f"/api/users/{made['id']}", "/api/users/999"
        self.assertEqual(daemon.request("GET", known, headers=daemon.local())[0], 200)
        daemon.act("breaker", "database", "trip")
        hits = daemon.parts("cache")["users"]["figures"]["hits"]
        self.assertEqual(daemon.request("GET", known, headers=daemon.local())[0], 200)
        self.assertEqual(daemon.parts("cache")["users"]["figures"]["hits"], hits + 1)
        self.check_decider(daemon.request("GET", unknown, headers=daemon.local()), "circuit_breaker", "database")


if __name__ == "__main__":
    unittest.main()
