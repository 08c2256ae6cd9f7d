# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rate limits by a real client. Whether a route wants a login is not their matter: any answer but 429 is one allowed."""
import time
import unittest

from daemon import DaemonTest

PASSWORD = "a good password"


class Limits(DaemonTest):
    def refused_after(self, daemon, method, path, most=100):
        """How many answers came before the first 429, and that one."""
        for count in range(most):
            status, headers, body = daemon.request(method, path, {} if method == "POST" else None)
            if status == 429:
                return count, headers, body
            self.assertRegex(headers["RateLimit-Policy"], r'^"[a-z-]+";q=\d+;w=\d+$')
            self.assertRegex(headers["RateLimit"], r'^"[a-z-]+";r=\d+;t=\d+$')
        return most, headers, body

    def test_each_limit_refuses_with_its_numbers(self):
        daemon = self.start(GODWIT_LIMITS_RATE="on")
        for method, path, name, burst, interval in (("GET", "/api/tasks", "anonymous", 20, 0.1),
                                                    ("GET", "/api/search?q=x", "search", 4, 0.5),
                                                    ("POST", "/api/auth/login", "login", 5, 12)):
            with self.subTest(name):
                began = time.monotonic()
                count, headers, problem = self.refused_after(daemon, method, path)
                self.assertGreaterEqual(count, burst)
                self.assertLessEqual(count, burst + 1 + (time.monotonic() - began) / interval)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                self.assertGreaterEqual(int(headers["Retry-After"]), 1)
                self.assertIn(f'"{name}";r=0;', headers["RateLimit"])
                decider = problem["decider"]
                self.assertEqual((decider["kind"], decider["name"], decider["limit"], decider["used"]),
                                 ("rate_limit", name, burst, burst))
                self.assertTrue(0 < decider["retry_after"] <= interval, decider)
                time.sleep(min(decider["retry_after"], 1))
                if interval < 1:
                    self.assertNotEqual(daemon.request(method, path)[0], 429)
        for path in ("/health", "/metrics", "/", "/docs", "/openapi.json"):
            for _ in range(30):
                status, headers, _ = daemon.get(path)
                self.assertEqual(status, 200)
                self.assertNotIn("RateLimit", headers)

    def test_rates_are_settings(self):
        daemon = self.start("--set", "limits.rate_anonymous=1", GODWIT_LIMITS_RATE="on")
        self.assertEqual(self.refused_after(daemon, "GET", "/nowhere")[0], 2)

    def log_in(self, daemon, name):
        made = daemon.request("POST", "/api/users", {"name": name, "password": PASSWORD, "role": "member"}, daemon.local())
        self.assertEqual(made[0], 201, made)
        tokens = daemon.request("POST", "/api/auth/login", {"user": name, "password": PASSWORD})[2]
        return {"Authorization": f"Bearer {tokens['access_token']}"}

    def test_each_user_has_a_rate_of_their_own(self):
        daemon = self.start("--set=limits.rate_user=4", "--set=limits.rate_user_search=2", "--set=limits.rate_anonymous=1",
                            GODWIT_LIMITS_RATE="on", GODWIT_AUTH_MODE="token")
        ada, bob = self.log_in(daemon, "ada"), self.log_in(daemon, "bob")
        for path, name, policy in (("/api/tasks", "user", '"user";q=8;w=2'),
                                   ("/api/search?q=x", "user-search", '"user-search";q=4;w=2')):
            with self.subTest(name):
                answers = [daemon.request("GET", path, headers=ada) for _ in range(60)]
                refused = [answer for answer in answers if answer[0] == 429]
                self.assertTrue(refused)
                self.assertEqual({answer[0] for answer in answers}, {200, 429})
                for status, headers, problem in refused:
                    self.assertEqual((problem["decider"]["kind"], problem["decider"]["name"]), ("rate_limit", name))
                    self.assertEqual(headers["RateLimit-Policy"], policy)
                    self.assertIn(f'"{name}";r=0;', headers["RateLimit"])
                    self.assertGreaterEqual(int(headers["Retry-After"]), 1)
                # Not so bob, from the same address; and ada's limit is hers from wherever she comes.
                self.assertEqual(daemon.request("GET", path, headers=bob)[0], 200)
                self.assertEqual(daemon.parts("limiter")[name]["figures"]["refused"], len(refused))

    def test_logins_of_a_name_are_throttled(self):
        daemon = self.start("--set=auth.logins_per_name=3", "--set=limits.rate_login=1000", GODWIT_LIMITS_RATE="on",
                            GODWIT_AUTH_MODE="token")
        self.log_in(daemon, "ada")
        answers = [daemon.request("POST", "/api/auth/login", {"user": "ada", "password": "a guess"}) for _ in range(6)]
        self.assertEqual(answers[0][0], 401)
        status, headers, problem = answers[-1]
        self.assertEqual((status, problem["decider"]["kind"]), (429, "rate_limit"))
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        self.assertEqual(daemon.request("POST", "/api/auth/login", {"user": "bob", "password": "a guess"})[0], 401)

    def test_off(self):
        daemon = self.start(GODWIT_LIMITS_RATE="off")
        for _ in range(100):
            status, headers, _ = daemon.get("/nowhere")
            self.assertEqual(status, 404)
            self.assertNotIn("RateLimit", headers)


if __name__ == "__main__":
    unittest.main()
