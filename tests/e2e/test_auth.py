# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authentication under attack: what is not good ends in a clear 401, 403 or 429, and nothing is let in."""
import base64
import hashlib
import hmac
import json
import os
import stat
import time
import unittest

from daemon import DaemonTest, EventStream, WebSocket

PASSWORD = "a good password"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make_jwt(header, claims, secret, digest=hashlib.sha256):
    signed = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
    signature = hmac.new(secret, signed.encode(), digest).digest() if secret is not None else b""
    return signed + "." + b64(signature)


def parts(token):
    return [json.loads(unb64(part)) for part in token.split(".")[:2]]


class Auth(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(GODWIT_AUTH_MODE="token")
        self.local = self.read("local-token")

    def read(self, name):
        with open(os.path.join(self.data, name), encoding="ascii") as file:
            return file.read().strip()

    def call(self, method, path, token=None, body=None, daemon=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return (daemon or self.daemon).request(method, path, body, headers)

    def add(self, name, role="member"):
        status, _, user = self.call("POST", "/api/users", self.local, {"name": name, "password": PASSWORD, "role": role})
        self.assertEqual(status, 201, user)
        return user["id"]

    def log_in(self, name, password=PASSWORD, daemon=None):
        status, headers, tokens = self.call("POST", "/api/auth/login", None, {"user": name, "password": password}, daemon)
        self.assertEqual(status, 200, tokens)
        self.assertEqual((headers["Cache-Control"], tokens["token_type"]), ("no-store", "Bearer"))
        return tokens

    def me(self, token, daemon=None):
        return self.call("GET", "/api/auth/me", token, daemon=daemon)

    def assert_refused(self, token, why=None):
        status, headers, problem = self.me(token)
        self.assertEqual(status, 401, problem)
        self.assertIn('error="invalid_token"', headers["WWW-Authenticate"])
        if why:
            self.assertIn(why, problem["detail"])

    def test_the_first_start(self):
        for name in ("local-token", "admin-password", "auth-keys", "godwit.db"):
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.data, name)).st_mode), 0o600, name)
        self.assertRegex(self.local, r"^gwl_[0-9a-f]{64}$")
        password = self.read("admin-password")
        self.assertEqual(self.daemon.log_text().count(password), 1)
        self.assertEqual(self.me(self.local)[2], {"id": 0, "name": "local", "role": "admin"})
        admin = self.me(self.log_in("ADMIN", password)["access_token"])[2]
        self.assertEqual((admin["name"], admin["role"]), ("admin", "admin"))
        status = self.call("PATCH", f"/api/users/{admin['id']}", self.local, {"password": PASSWORD})[0]
        self.assertEqual(status, 200)
        self.assertFalse(os.path.exists(os.path.join(self.data, "admin-password")))  # it is not good any more

    def test_forged_tokens(self):
        self.add("ada")
        good = self.log_in("ada")["access_token"]
        header, claims = parts(good)
        self.assertEqual(header["alg"], "HS256")
        key = unb64(json.loads(self.read("auth-keys"))["keys"][-1]["secret"])
        self.assertEqual(self.me(make_jwt(header, claims, key))[0], 200)  # so what follows is refused for its own fault
        as_admin = {**claims, "role": "admin"}
        first, second, third = good.split(".")
        now = int(time.time())
        cases = {
            "another key": (make_jwt(header, as_admin, os.urandom(32)), "signature"),
            "no signature": (make_jwt(header, as_admin, None), "malformed"),
            "claims of another": (first + "." + b64(json.dumps(as_admin).encode()) + "." + third, "signature"),
            "alg none": (make_jwt({**header, "alg": "none"}, as_admin, None), "malformed"),
            "alg none, signed": (make_jwt({**header, "alg": "none"}, claims, key), "algorithm"),
            "alg None": (make_jwt({**header, "alg": "None"}, claims, key), "algorithm"),
            "HS512 with the right key": (make_jwt({**header, "alg": "HS512"}, claims, key, hashlib.sha512), "algorithm"),
            "RS256": (make_jwt({**header, "alg": "RS256"}, claims, key), "algorithm"),
            "no alg": (make_jwt({"kid": header["kid"], "typ": "JWT"}, claims, key), "algorithm"),
            "unknown kid": (make_jwt({**header, "kid": "0" * 16}, claims, key), "key"),
            "kid of a path": (make_jwt({**header, "kid": "../../dev/null"}, claims, b""), "key"),
            "kid of SQL": (make_jwt({**header, "kid": "' OR 1=1 --"}, claims, key), "key"),
            "crit": (make_jwt({**header, "crit": ["x"]}, claims, key), "kind"),
            "expired": (make_jwt(header, {**claims, "iat": now - 100, "exp": now - 1}, key), "expired"),
            "of the future": (make_jwt(header, {**claims, "iat": now + 3600, "exp": now + 7200}, key), "future"),
            "no exp": (make_jwt(header, {n: v for n, v in claims.items() if n != "exp"}, key), "claims"),
            "another issuer": (make_jwt(header, {**claims, "iss": "x"}, key), "claims"),
            "sub of text": (make_jwt(header, {**claims, "sub": "1 OR 1=1"}, key), "claims"),
            "unknown user": (make_jwt(header, {**claims, "sub": "999"}, key), "removed"),
            "old generation": (make_jwt(header, {**claims, "gen": 99}, key), "changed"),
            "truncated": (good[:-1], None),
            "two parts": (first + "." + second, "malformed"),
            "four parts": (good + ".x", "malformed"),
            "padding": (good + "=", "malformed"),
            "empty parts": ("..", "malformed"),
            "oversized": ("a" * 3000 + "." + second + "." + third, "malformed"),
            "another local token": ("gwl_" + "0" * 64, "local token"),
            "half a local token": (self.local[:-1], "local token"),
        }
        for name, (token, why) in cases.items():
            with self.subTest(name):
                self.assert_refused(token, why)
        # More of the role than the account has is not had either.
        self.assertEqual(self.me(make_jwt(header, as_admin, key))[2]["role"], "member")
        self.assertEqual(self.me(good)[0], 200)

    def test_fields_that_are_no_bearer_token(self):
        for value in ("Basic YWRtaW46YWRtaW4=", "Bearer", "Bearer ", "bearer\t" + self.local, self.local,
                      "Bearer " + self.local + ", Bearer x", "Bearer " + self.local + " x"):
            with self.subTest(value[:20]):
                self.assertEqual(self.daemon.get("/api/auth/me", Authorization=value)[0], 401)
        self.assertEqual(self.daemon.get("/api/auth/me", Authorization="bEARER  " + self.local)[0], 200)
        self.assertEqual(self.daemon.get("/api/auth/me", X_User="admin", X_Forwarded_User="admin")[0], 401)
        self.assertEqual(self.daemon.get("/api/auth/me?user=admin")[0], 401)
        self.assertEqual(self.daemon.get("/api/auth/me", Authorization="Bearer " + "a" * 40000)[0], 431)
        with self.daemon.connect() as raw:  # a bare line feed does not begin a field
            raw.sendall(b"GET /api/auth/me HTTP/1.1\r\nHost: x\r\nX: y\nAuthorization: Bearer " + self.local.encode() + b"\r\n\r\n")
            self.assertIn(b" 400 ", raw.recv(100))

    def test_bodies_that_are_no_login(self):
        login = "/api/auth/login"
        for body, expected in (({}, 422), ({"user": 1, "password": []}, 422), ({"user": "a"}, 422), (b"{", 400),
                               ({"user": "a", "password": "x" * 10000}, 422), ({"user": "a" * 10000, "password": "x"}, 422),
                               ({"user": "a", "password": "x" * 100000}, 413),
                               ({"user": "' OR '1'='1", "password": "' OR '1'='1"}, 401), ({"user": "a\x00b", "password": "x"}, 401)):
            with self.subTest(str(body)[:40]):
                status = self.daemon.request("POST", login, body, {"Content-Type": "application/json"})[0]
                self.assertEqual(status, expected)

    def test_refresh_tokens_are_good_once(self):
        self.add("ada")
        first = self.log_in("ada")
        other = self.log_in("ada")
        status, _, second = self.call("POST", "/api/auth/refresh", None, {"refresh_token": first["refresh_token"]})
        self.assertEqual(status, 200)
        self.assertEqual(self.me(second["access_token"])[0], 200)
        # The thief's or the owner's: it ends the login, also for the one who came first.
        status, _, problem = self.call("POST", "/api/auth/refresh", None, {"refresh_token": first["refresh_token"]})
        self.assertEqual(status, 401)
        self.assertIn("used before", problem["detail"])
        for token in (first["access_token"], second["access_token"]):
            self.assert_refused(token, "revoked")
        self.assertEqual(self.call("POST", "/api/auth/refresh", None, {"refresh_token": second["refresh_token"]})[0], 401)
        self.assertEqual(self.me(other["access_token"])[0], 200)
        self.assertIn("refresh_reused", self.daemon.log_text())
        # One that is made up ends nobody's login.
        forged = bytearray(unb64(other["refresh_token"][4:]))
        forged[20] ^= 1
        for token in ("gwr_" + b64(bytes(forged)), other["refresh_token"][:-1], other["access_token"], "gwr_", "x" * 5000):
            self.assertEqual(self.call("POST", "/api/auth/refresh", None, {"refresh_token": token})[0], 401)
        self.assertEqual(self.me(other["access_token"])[0], 200)
        self.assert_refused(other["refresh_token"])

    def test_tickets_are_good_once(self):
        ada = self.add("ada")
        token = self.log_in("ada")["access_token"]
        ticket = self.call("POST", "/api/auth/ticket", token)[2]["ticket"]
        self.assertEqual(self.call("POST", f"/api/tasks?ticket={ticket}", None, {"kind": "sleep"})[0], 401)  # of a GET only
        socket = WebSocket(self.daemon, f"/ws/session?ticket={ticket}")
        self.addCleanup(socket.close)
        self.assertEqual(socket.receive_json(), {"type": "welcome", "user_id": ada, "message": "Connected successfully"})
        socket.send("hi")
        self.assertEqual(socket.receive_json(), {"type": "echo", "user_id": ada, "original": "hi"})
        for target in (f"?ticket={ticket}", "?ticket=gwk_x", ""):
            refused = WebSocket(self.daemon, "/ws/session" + target)
            self.addCleanup(refused.close)
            self.assertEqual(refused.status, 401)
        stream = EventStream(self.daemon, "/api/metrics/stream?ticket=" + self.call("POST", "/api/auth/ticket", token)[2]["ticket"])
        self.addCleanup(stream.close)
        self.assertEqual(stream.answer.status, 200)
        # One that outlives its user is good for nothing.
        ticket = self.call("POST", "/api/auth/ticket", token)[2]["ticket"]
        self.assertEqual(self.call("DELETE", f"/api/users/{ada}", self.local)[0], 204)
        self.assertEqual(self.daemon.get(f"/api/auth/me?ticket={ticket}")[0], 401)

    def test_who_goes_or_changes_does_so_at_once(self):
        ada, bob = self.add("ada"), self.add("bob", "operator")
        token, bobs = self.log_in("ada")["access_token"], self.log_in("bob")
        for _ in range(3):
            self.assertEqual(self.me(token)[0], 200)  # it is in the cache now
        self.assertEqual(self.call("DELETE", f"/api/users/{ada}", self.local)[0], 204)
        self.assert_refused(token, "removed")
        self.call("PATCH", f"/api/users/{bob}", self.local, {"role": "viewer"})
        self.assert_refused(bobs["access_token"], "changed")
        renewed = self.call("POST", "/api/auth/refresh", None, {"refresh_token": bobs["refresh_token"]})[2]
        self.assertEqual(self.me(renewed["access_token"])[2]["role"], "viewer")
        self.call("PATCH", f"/api/users/{bob}", self.local, {"password": "another password"})
        self.assertEqual(self.call("POST", "/api/auth/refresh", None, {"refresh_token": renewed["refresh_token"]})[0], 401)
        tokens = self.log_in("bob", "another password")
        self.assertEqual(self.call("POST", "/api/auth/logout", tokens["access_token"])[0], 204)
        self.assert_refused(tokens["access_token"], "revoked")
        # Nor does a restart bring it back; the local token is another one.
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.start(GODWIT_AUTH_MODE="token")
        self.assert_refused(tokens["access_token"], "revoked")
        self.assert_refused(self.local, "another start")

    def test_roles(self):
        self.add("vera", "viewer"), self.add("max"), self.add("mia"), self.add("otto", "operator")
        vera, max_, mia, otto = (self.log_in(name)["access_token"] for name in ("vera", "max", "mia", "otto"))
        document, nap = {"title": "t", "body": "b"}, {"kind": "sleep", "params": {"seconds": 60}}
        self.assertEqual(self.call("GET", "/api/tasks", vera)[0], 200)
        self.assertEqual(self.call("POST", "/api/documents", vera, document)[0], 403)
        self.assertEqual(self.call("POST", "/api/documents", max_, document)[0], 201)
        self.assertEqual(self.call("POST", "/api/tasks", vera, nap)[0], 403)
        self.assertEqual(self.call("POST", "/api/tasks", max_, {"kind": "import", "params": {"paths": ["/etc"]}})[0], 403)
        self.assertEqual(self.call("POST", "/api/tasks", max_, {"kind": "fetch", "params": {"urls": ["http://127.0.0.1"]}})[0], 403)
        task = self.call("POST", "/api/tasks", max_, nap)[2]
        self.assertEqual(task["created_by"]["name"], "max")
        self.assertEqual(self.call("POST", f"/api/tasks/{task['id']}/cancel", mia)[0], 403)
        self.assertEqual(self.call("POST", f"/api/tasks/{task['id']}/cancel", max_)[0], 200)
        other = self.call("POST", "/api/tasks", max_, nap)[2]
        self.assertEqual(self.call("POST", f"/api/tasks/{other['id']}/cancel", otto)[0], 200)
        self.assertEqual(self.call("POST", "/api/users", otto, {"name": "x", "password": PASSWORD})[0], 403)
        self.assertEqual(self.call("GET", "/api/auth/tokens", otto)[0], 403)

    def test_chat_is_by_the_accounts_name(self):
        self.add("max"), self.add("vera", "viewer")
        def join(name, extra=""):
            ticket = self.call("POST", "/api/auth/ticket", self.log_in(name)["access_token"])[2]["ticket"]
            socket = WebSocket(self.daemon, f"/ws/chat?room=lab&ticket={ticket}{extra}")
            self.addCleanup(socket.close)
            return socket
        writer, reader = join("max", "&user=admin"), join("vera")
        writer.send("hello")
        self.assertEqual([socket.receive_json()["user"] for socket in (writer, reader)], ["max", "max"])
        reader.send("may I?")
        self.assertEqual(reader.receive()[0], WebSocket.CLOSE)
        nobody = WebSocket(self.daemon, "/ws/chat?room=lab&user=admin")
        self.addCleanup(nobody.close)
        self.assertEqual(nobody.status, 401)

    def test_tokens_of_programs(self):
        bob = self.add("bob", "operator")
        made = self.call("POST", "/api/auth/tokens", self.local, {"user": "bob", "label": "sensor", "role": "member"})[2]
        self.assertEqual(self.me(made["token"])[2], {"id": bob, "name": "bob", "role": "member"})
        self.call("PATCH", f"/api/users/{bob}", self.local, {"password": "another password"})
        self.assertEqual(self.me(made["token"])[0], 200)
        listed = self.call("GET", "/api/auth/tokens", self.local)[2]["items"]
        self.assertEqual([token["label"] for token in listed], ["sensor"])
        self.assertNotIn("token", listed[0])
        self.assertEqual(self.call("DELETE", f"/api/auth/tokens/{made['id']}", self.local)[0], 204)
        self.assert_refused(made["token"], "revoked")


class BruteForce(DaemonTest):
    def wrong(self, daemon, user):
        began = time.monotonic()
        status, headers, problem = daemon.request("POST", "/api/auth/login", {"user": user, "password": "guess"})
        return status, headers, problem, time.monotonic() - began

    def test_by_name(self):
        daemon = self.start("--set", "auth.logins_per_name=3", "--set", "limits.rate_login=1000", "--set", "limits.rate_anonymous=1000",
                            GODWIT_AUTH_MODE="token", GODWIT_LIMITS_RATE="on")
        answers = [self.wrong(daemon, name) for name in ("admin", "Admin", "ADMIN", "aDMIN", "admin")]
        self.assertEqual([answer[0] for answer in answers], [401, 401, 401, 429, 429])
        _, headers, problem, _ = answers[-1]
        self.assertEqual((problem["decider"]["kind"], problem["decider"]["name"]), ("rate_limit", "login-name"))
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        self.assertEqual(self.wrong(daemon, "somebody else")[0], 401)
        self.assertEqual(daemon.log_text().count("login_throttled"), 1)

    def test_by_address(self):
        daemon = self.start(GODWIT_AUTH_MODE="token", GODWIT_LIMITS_RATE="on")
        statuses = [self.wrong(daemon, f"user{i}")[0] for i in range(8)]
        self.assertEqual(statuses, [401] * 5 + [429] * 3)

    def test_an_unknown_user_is_answered_alike(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        known = [self.wrong(daemon, "admin") for _ in range(5)]
        unknown = [self.wrong(daemon, "nobody") for _ in range(5)]
        same = ("type", "title", "status", "detail", "instance")
        self.assertEqual({tuple(answer[2][name] for name in same) for answer in known + unknown}.__len__(), 1)
        # The least of each: the hash that is computed takes many times what is not computed.
        quickest = [min(answer[3] for answer in answers) for answers in (known, unknown)]
        self.assertLess(max(quickest), 3 * min(quickest))


class Open(DaemonTest):
    def test_names_are_believed(self):
        daemon = self.start(GODWIT_AUTH_MODE="open")
        self.assertEqual(daemon.get("/api/auth/me")[2], {"id": 0, "name": "anonymous", "role": "admin"})
        self.assertEqual(daemon.get("/api/auth/me?user=ada")[2]["name"], "ada")
        self.assertEqual(daemon.get("/api/auth/me?user=" + "x" * 65)[0], 400)
        self.assertFalse(os.path.exists(os.path.join(self.data, "admin-password")))


if __name__ == "__main__":
    unittest.main()
