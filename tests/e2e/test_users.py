# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The routes of users by a real client."""
import unittest

from daemon import DaemonTest

ROUTES = (("GET", "/api/users"), ("POST", "/api/users"), ("POST", "/api/users/lookup"),
          ("GET", "/api/users/1"), ("GET", "/api/users/0"), ("PATCH", "/api/users/1"), ("DELETE", "/api/users/1"),
          ("GET", "/api/users/1/overview"),
          ("GET", "/api/users/1/preferences"), ("PUT", "/api/users/1/preferences"),
          ("GET", "/api/users/1/activity"), ("GET", "/api/users/1/connections"),
          ("GET", "/api/users/1/connections/2"), ("PUT", "/api/users/1/connections/2"),
          ("DELETE", "/api/users/1/connections/2"))


class Users(DaemonTest):
    def test_nobody_sees_or_changes_users(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        for method, path in ROUTES:
            with self.subTest(f"{method} {path}"):
                status, headers, problem = daemon.request(method, path, {"name": "x"} if method != "GET" else None)
                self.assertEqual(status, 401)
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                self.assertIn("Bearer", headers["WWW-Authenticate"])
                self.assertEqual(problem["request_id"], headers["X-Request-Id"])

    def test_a_forged_token_is_nobody(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        for value in ("Bearer x", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwicm9sZSI6ImFkbWluIn0.", "Basic YTpi"):
            for method, path in ROUTES:
                body = {"name": "x"} if method != "GET" else None
                self.assertEqual(daemon.request(method, path, body, {"Authorization": value})[0], 401)


if __name__ == "__main__":
    unittest.main()
