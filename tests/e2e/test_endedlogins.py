# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is open when a login ends ends with it; what belongs to another stays."""
import struct
import unittest

from daemon import DaemonTest, EventStream, WebSocket

PASSWORD = "a good password"


class EndedLogins(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(GODWIT_AUTH_MODE="token")
        self.ada, self.bob = self.add("ada", "operator"), self.add("bob", "member")

    def admin(self, method, path, body=None, expect=(200, 201, 204)):
        status, _, answer = self.daemon.request(method, path, body, self.daemon.local())
        self.assertIn(status, expect, answer)
        return answer

    def add(self, name, role):
        return self.admin("POST", "/api/users", {"name": name, "password": PASSWORD, "role": role})["id"]

    def log_in(self, name):
        return self.daemon.request("POST", "/api/auth/login", {"user": name, "password": PASSWORD})[2]

    def headers(self, token):
        return {"Authorization": f"Bearer {token}"}

    def stream(self, token):
        stream = EventStream(self.daemon, "/api/metrics/stream", self.headers(token))
        self.addCleanup(stream.close)
        self.assertEqual(stream.next()["event"], "metrics")
        return stream

    def socket(self, token, path="/ws/chat?room=hall"):
        ticket = self.daemon.request("POST", "/api/auth/ticket", headers=self.headers(token))[2]["ticket"]
        socket = WebSocket(self.daemon, f"{path}&ticket={ticket}")
        self.addCleanup(socket.close)
        self.assertEqual(socket.status, 101)
        return socket

    def check_ended(self, stream, socket):
        events = []
        try:
            while event := stream.next():
                events.append(event)
        except OSError:
            pass  # a reset is an end as well
        self.assertNotIn("end", [event.get("event") for event in events])  # so that an EventSource comes again
        opcode, payload = socket.receive()
        self.assertEqual((opcode, struct.unpack(">H", payload[:2])[0]), (WebSocket.CLOSE, 1008))
        self.assertEqual(payload[2:], b"the login has ended")

    def check_open(self, stream, socket):
        self.assertIsNotNone(stream.next())
        socket.send("still here")
        self.assertEqual(socket.receive_json()["message"], "still here")

    def open_of(self, token):
        socket = self.socket(token)
        return self.stream(token), socket

    def test_a_logout_ends_its_own(self):
        here, there, bob = self.log_in("ada"), self.log_in("ada"), self.log_in("bob")
        ended = self.open_of(here["access_token"])
        kept = self.stream(there["access_token"]), self.socket(there["access_token"], "/ws/chat?room=other")
        others = self.stream(bob["access_token"]), self.socket(bob["access_token"], "/ws/chat?room=third")
        self.daemon.request("POST", "/api/auth/logout", {"refresh_token": here["refresh_token"]})
        self.check_ended(*ended)
        self.check_open(*kept)
        self.check_open(*others)
        again = EventStream(self.daemon, "/api/metrics/stream", self.headers(here["access_token"]))
        self.addCleanup(again.close)
        self.assertEqual(again.answer.status, 401)

    def test_a_user_who_goes_or_changes(self):
        for what, change in (("another password", lambda: self.admin("PATCH", f"/api/users/{self.ada}", {"password": PASSWORD})),
                             ("another role", lambda: self.admin("PATCH", f"/api/users/{self.ada}", {"role": "viewer"})),
                             ("removed", lambda: self.admin("DELETE", f"/api/users/{self.ada}"))):
            with self.subTest(what):
                ended = self.open_of(self.log_in("ada")["access_token"])
                change()
                self.check_ended(*ended)

    def test_a_programs_token(self):
        made = self.admin("POST", "/api/auth/tokens", {"user": "bob"})
        ended = self.open_of(made["token"])
        kept = self.log_in("bob")
        kept = self.stream(kept["access_token"]), self.socket(kept["access_token"], "/ws/chat?room=other")
        self.admin("DELETE", f"/api/auth/tokens/{made['id']}")
        self.check_ended(*ended)
        self.check_open(*kept)

    def test_reuse_of_a_refresh_token(self):
        tokens = self.log_in("ada")
        after = self.daemon.request("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})[2]
        ended = self.open_of(after["access_token"])
        self.daemon.request("POST", "/api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
        self.check_ended(*ended)

    def test_an_expired_token_ends_nothing(self):
        """Nobody has ended that login: its holder renews the token for what is opened next."""
        self.daemon.stop()
        self.daemon = self.start("--set=auth.access_lifetime=5s", GODWIT_AUTH_MODE="token")
        token = self.log_in("ada")["access_token"]
        opened = self.open_of(token)
        self.until(lambda: self.daemon.request("GET", "/api/auth/me", headers=self.headers(token))[0] == 401)
        self.daemon.request("POST", "/api/auth/logout", {"refresh_token": self.log_in("bob")["refresh_token"]})  # all are looked at
        self.check_open(*opened)

    def test_the_local_token_stays(self):
        local = self.daemon.local()["Authorization"].split()[1]
        opened = self.open_of(local)
        self.admin("DELETE", f"/api/users/{self.bob}")
        self.check_open(*opened)


if __name__ == "__main__":
    unittest.main()
