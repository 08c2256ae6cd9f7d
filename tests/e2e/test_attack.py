# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile values in every parameter of every path that the API description names: each ends in an answer or in a clear
refusal, none in an error of the server's, and nothing is let in, lost or broken."""
import http.client
import json
import os
import sqlite3
import unittest
import urllib.parse

from daemon import DaemonTest

TEXTS = [
    "", " ", "0", "-1", "1e999", "NaN", "99999999999999999999999999", "0x10", "1;2", "true", "null", "[]", "{}",
    "' OR '1'='1", "'; DROP TABLE users; --", "1 UNION SELECT password FROM users", "\" OR \"\"=\"", "1); DELETE FROM documents;--",
    "title:* NEAR(a b, 99999)", "a* OR b* AND NOT", "\"unclosed", "^x {a b} : -", "*", "(((((((((((((((", "-a -b",
    "../../../../etc/passwd", "..\\..\\etc\\passwd", "/etc/passwd", "file:///etc/passwd", "%2e%2e%2f", "....//", "a/../../b",
    "a\r\nX-Injected: 1\r\n\r\n", "a\nSet-Cookie: a=b", "a\x00b", "\x01\x02\x7f", "\u202egnp.exe", "a\u0301\u0301\u0301",
    "\u0430dmin", "\ufeffadmin", "\U0001f4a9" * 50, "<script>alert(1)</script>", "${jndi:ldap://127.0.0.1/a}", "{{7*7}}",
    "$(id)", "`id`", "| id", "=1+1", "A" * 5_000, "\u00e9" * 2_000, "%s%n%x", "%", "%%%", "%zz",
]
RAW = [b"%ff%fe", b"%c0%ae%c0%ae%c0%af", b"%ed%a0%80", b"%00", b"%0d%0aX-Injected:%201", b"%252e%252e%252f", b"..%2f..%2fetc%2fpasswd",
       b"..%5c..%5c", b"%u002e", b"+", b"%F0%9F%92%A9"]
VALUES = [None, True, 0, -1, 1.5, 2**53 + 1, -2**63, 10**30, "", "' OR 1=1 --", "a\x00b", "../../etc/passwd", "\ud800", "x" * 100_000,
          [], {}, [[]], [None], [0] * 2_000, ["' OR 1=1 --"], {"a": {"b": {}}}, {"$gt": ""}]
BODIES = [
    b"", b" ", b"{", b"null", b"[]", b"1", b"\"a\"", b"{}", b"{\"a\":}", b"{'a':1}", b"\xff\xfe{\x00}\x00", b"{\"a\": \"\xff\"}",
    b"{\"a\": NaN}", b"{\"a\": 1e999}", b"{\"name\": \"a\", \"name\": \"b\"}", b"[" * 10_000 + b"]" * 10_000,
    b"{\"a\":" * 10_000 + b"1" + b"}" * 10_000, b"{\"a\": " + b"9" * 50_000 + b"}", b"\xef\xbb\xbf{}", b"{}{}", b"{}\x00",
    b"<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
]
HEADERS = [
    ("X-Request-Id", "a\tb"), ("X-Request-Id", "x" * 2_000), ("X-Request-Id", "' OR 1=1"), ("traceparent", "00-zz-zz-01"),
    ("traceparent", "ff-" + "0" * 32 + "-" + "0" * 16 + "-00"), ("Last-Event-ID", "' OR 1=1"), ("Last-Event-ID", "9" * 100),
    ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Accept", "*" * 3_000),
    ("X-Forwarded-For", "' OR 1=1"), ("Forwarded", "for=\"_bad"), ("Range", "bytes=0-,0-,0-"), ("If-None-Match", "\"" * 500),
    ("Origin", "null"), ("Origin", "http://attacker.example"), ("Cookie", "a=b; " * 500), ("Expect", "100-continue"),
]


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def path_of(target):
    return target.split("?")[0]


def is_field_value(text):
    return all(" " <= c <= "~" or "\x80" <= c <= "\xff" for c in text)


class Attack(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(GODWIT_AUTH_MODE="token")
        self.headers = self.daemon.local()
        self.connection = None
        self.addCleanup(self.disconnect)
        self.description = self.daemon.get("/openapi.json")[2]
        self.count = 0

    def disconnect(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def resolve(self, node):
        while "$ref" in node:
            target = self.description
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def operations(self):
        for path, item in self.description["paths"].items():
            for method, operation in item.items():
                if method.upper() in METHODS:
                    parameters = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
                    yield method.upper(), path, parameters, operation

    def schema_of_body(self, operation):
        content = self.resolve(operation.get("requestBody", {})).get("content", {})
        return self.resolve(content.get("application/json", {}).get("schema", {})) if content else None

    def send(self, method, target, body=None, headers=None):
        """The answer's status; checks that it is one, and clear. @p target: as it goes over the wire."""
        self.count += 1
        sent = dict(self.headers, **(headers or {}))
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        for attempt in (1, 2):
            fresh = self.connection is None
            if fresh:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.daemon.port, timeout=20)
            try:
                self.connection.putrequest(method, target, skip_accept_encoding=True)
                for name, value in sent.items():
                    self.connection.putheader(name, value)
                if body is not None:
                    self.connection.putheader("Content-Length", str(len(body)))
                self.connection.endheaders(body)
                answer = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.disconnect()
                if fresh or attempt == 2:
                    raise
        what = f"{method} {target[:200]} {str(body)[:200]} {headers}"
        if answer.getheader("Content-Type", "").startswith("text/event-stream") or answer.status == 101:
            self.disconnect()
            return answer.status
        content = answer.read()
        if answer.will_close:
            self.disconnect()
        refusals = (507,) if path_of(target).startswith("/api/uploads") else (501,) if method not in METHODS else ()
        self.assertTrue(answer.status < 500 or answer.status in refusals, f"{what}: {answer.status} {content[:300]}")
        self.assertIsNone(answer.getheader("X-Injected"), what)
        self.assertIsNone(answer.getheader("Set-Cookie"), what)
        self.assertNotIn(b"root:x:0:0", content, what)
        if answer.status >= 400 and method != "HEAD":
            self.assertEqual(answer.getheader("Content-Type"), "application/problem+json", what)
            problem = json.loads(content)
            self.assertEqual(problem["status"], answer.status, what)
            for field in ("type", "title", "detail", "request_id"):
                self.assertTrue(problem[field], f"{what}: no {field}")
            for word in ("SQL", "sqlite", "syntax error", "fts5"):
                self.assertNotIn(word, problem["detail"].replace(target, ""), what)
        elif content and "json" in answer.getheader("Content-Type", ""):
            json.loads(content)
        return answer.status

    def filled(self, method, path, name=None, value=None):
        """The path with a good value for each parameter, but for the one named."""
        good = {"id": "99999" if method == "DELETE" else "1", "friend_id": "2", "room": "hall", "kind": "cache", "name": "users", "action": "nothing"}
        for key, text in good.items():
            path = path.replace("{" + key + "}", value if key == name else text)
        return path

    def bodies_of(self, schema):
        good = dict(self.resolve(schema).get("example") or {})
        for name, node in schema.get("properties", {}).items():
            if name in schema.get("required", []):
                kind = self.resolve(node).get("type")
                good.setdefault(name, {"string": "abc", "integer": 1, "number": 1, "array": [], "object": {}}.get(kind))
        for name in [*schema.get("properties", {}), "' OR 1=1 --", "__proto__"]:
            for value in VALUES:
                yield json.dumps({**good, name: value}).encode()

    def figures(self):
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    def rows(self):
        with sqlite3.connect(f"file:{self.data}/godwit.db?mode=ro", uri=True) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone()[0], "ok")
            return {(name, database.execute(f"SELECT count(*) FROM {name} WHERE {where}").fetchone()[0])
                    for name, where in (("users", "name = 'victim'"), ("documents", "title = 'precious'"),
                                        ("chat_messages", "1"))}

    def test_every_parameter(self):
        call = lambda method, path, body: self.daemon.request(method, path, body, self.headers)
        victim = call("POST", "/api/users", {"name": "victim", "password": "a good password", "role": "viewer"})[2]["id"]
        for _ in range(10):  # so that the 1 and the 2 of hostile paths are others than these
            precious = call("POST", "/api/documents", {"title": "precious", "body": "kept"})[2]["id"]
        self.assertGreater(precious, 2)
        before, memory = self.rows(), self.figures()

        for method, path, parameters, operation in self.operations():
            with self.subTest(f"{method} {path}"):
                body = b"{}" if operation.get("requestBody") else None
                for parameter in parameters:
                    if parameter["in"] == "header":
                        for text in filter(is_field_value, TEXTS):
                            self.send(method, self.filled(method, path), body, {parameter["name"]: text})
                        continue
                    hostile = [urllib.parse.quote(text.encode(), safe="") for text in TEXTS] + [raw.decode() for raw in RAW]
                    for value in hostile:
                        if parameter["in"] == "query":
                            self.send(method, f"{self.filled(method, path)}?{parameter['name']}={value}", body)
                        elif value:
                            status = self.send(method, self.filled(method, path, parameter["name"], value), body)
                            if method not in ("GET", "HEAD", "OPTIONS") and "{room}" not in path and value not in ("0", "+"):
                                self.assertGreaterEqual(status, 400, f"{method} {path} took {value}")
                self.send(method, self.filled(method, path) + "?unknown=1&unknown=2&=&&" + "a=1&" * 500, body)
                schema = self.schema_of_body(operation)
                if schema is not None and path not in ("/api/auth/logout",):
                    for hostile in [*BODIES, *self.bodies_of(schema)]:
                        self.send(method, self.filled(method, path, "id", "99999"), hostile)

        for name, value in HEADERS:
            for path in ("/api/users", "/api/search?q=a", "/health", "/api/events/time"):
                with self.subTest(f"{name}: {value[:40]}"):
                    self.send("GET", path, headers={name: value})
        for path in ("/../../etc/passwd", "/docs/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/docs%00.html",
                     "/api//users", "/api/users/", "/API/USERS", "/api/users;a=b", "/./api/users", "/api/users/%31%00"):
            with self.subTest(path):
                self.assertIn(self.send("GET", path), (400, 404))
        for method in ("TRACE", "CONNECT", "PROPFIND", "X" * 40):
            with self.subTest(method):
                self.assertIn(self.send(method, "/api/users"), (400, 404, 405, 501))

        # All is as it was.
        self.assertEqual(call("GET", f"/api/users/{victim}", None)[2]["name"], "victim")
        self.assertEqual(call("GET", f"/api/documents/{precious}", None)[2]["body"], "kept")
        self.assertEqual(self.rows(), before)
        self.assertLess(self.figures() - memory, self.memory_allowed(), "kB more after the attack")
        self.assertEqual(self.daemon.get("/api/users")[0], 401)
        log = self.daemon.log_text()
        for line in log.splitlines():
            self.assertNotIn("unexpected", line)
        self.assertGreater(self.count, 2_000)
        self.assertEqual(self.daemon.stop(), 0)

    def memory_allowed(self):
        # A build with AddressSanitizer keeps what was freed for a while.
        with open(self.daemon.process.args[0], "rb") as program:
            return 600_000 if b"__asan_init" in program.read() else 64_000

    def test_nobody_gets_in(self):
        """Every path but the public ones refuses who has no token, whatever else they send."""
        tricks = [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic YWRtaW46YWRtaW4="}, {"X-Forwarded-For": "127.0.0.1"},
                  {"X-Original-URL": "/health"}, {"X-HTTP-Method-Override": "GET"}, {"X-User": "admin"}, {"Cookie": "token=admin"}]
        public = set()
        for method, path, _, operation in self.operations():
            if operation.get("security") == []:
                public.add((method, path))
                continue
            for headers in tricks:
                for query in ("", "?user=admin", "?ticket=", "?ticket=gwk_" + "A" * 43, "?token=admin"):
                    with self.subTest(f"{method} {path}{query} {headers}"):
                        status, answer, _ = self.daemon.request(method, self.filled(method, path) + query,
                                                                {} if operation.get("requestBody") else None, headers)
                        self.assertEqual(status, 401)
                        self.assertIn("Bearer", answer["WWW-Authenticate"])
        self.assertEqual({path for method, path in public if method != "OPTIONS"},
                         {"/", "/docs", "/openapi.json", "/asyncapi.json", "/health", "/health/live", "/health/ready", "/metrics",
                          "/api/auth/login", "/api/auth/refresh", "/api/auth/logout", "/api/events/time"})


if __name__ == "__main__":
    unittest.main()
