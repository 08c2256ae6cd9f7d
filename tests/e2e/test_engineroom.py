# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine room: what is done by hand is done, is seen, is for operators, and is in the audit log."""
import sqlite3
import threading
import unittest

from daemon import DaemonTest, EventStream, WebSocket

PASSWORD = "a good password"


class EngineRoom(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start(GODWIT_AUTH_MODE="token")

    def headers(self, token):
        return {"Authorization": f"Bearer {token}"} if token else self.daemon.local()

    def call(self, method, path, body=None, token=None):
        return self.daemon.request(method, path, body, self.headers(token))

    def log_in(self, name, role):
        status, _, user = self.call("POST", "/api/users", {"name": name, "password": PASSWORD, "role": role})
        self.assertEqual(status, 201, user)
        return self.daemon.request("POST", "/api/auth/login", {"user": name, "password": PASSWORD})[2]["access_token"]

    def act(self, kind, name, action, token=None, expect=204):
        status, answer = self.daemon.act(kind, name, action, self.headers(token))
        self.assertEqual(status, expect, answer)
        return answer

    def test_a_breaker_is_tripped_and_reset(self):
        self.assertEqual(self.daemon.parts("breaker")["database"]["state"], "closed")
        self.act("breaker", "database", "trip")
        breaker = self.daemon.parts("breaker")["database"]
        self.assertEqual((breaker["state"], breaker["figures"]["opened"]), ("open", 1))
        status, headers, problem = self.call("GET", "/api/search?q=word")
        self.assertEqual((status, problem["decider"]["kind"], problem["decider"]["name"]), (503, "circuit_breaker", "database"))
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        self.assertEqual(self.daemon.get("/health/ready")[0], 503)
        self.assertGreaterEqual(self.daemon.parts("breaker")["database"]["figures"]["refused"], 1)
        self.act("breaker", "database", "reset")
        self.assertEqual(self.daemon.parts("breaker")["database"]["state"], "closed")
        self.assertEqual(self.call("GET", "/api/search?q=word")[0], 200)
        self.assertEqual(self.daemon.get("/health/ready")[0], 200)

    def test_a_cache_is_flushed(self):
        me = self.call("POST", "/api/users", {"name": "ada", "password": PASSWORD, "role": "member"})[2]["id"]

        def hits_and_misses():
            figures = self.daemon.parts("cache")["users"]["figures"]
            return figures["hits"], figures["misses"]

        self.call("GET", f"/api/users/{me}")
        hits, misses = hits_and_misses()
        self.call("GET", f"/api/users/{me}")
        self.assertEqual(hits_and_misses(), (hits + 1, misses))
        self.assertGreaterEqual(self.daemon.parts("cache")["users"]["figures"]["entries"], 1)
        self.act("cache", "users", "flush")
        self.assertEqual(self.daemon.parts("cache")["users"]["figures"]["entries"], 0)
        self.call("GET", f"/api/users/{me}")
        self.assertEqual(hits_and_misses(), (hits + 1, misses + 1))

    def test_a_pool_is_drained(self):
        self.call("GET", "/api/search?q=word")
        self.assertGreaterEqual(self.daemon.parts("pool")["database"]["figures"]["connections"], 1)
        self.act("pool", "database", "drain")
        # New connections take the place of the old ones, and nobody notices.
        for _ in range(5):
            self.assertEqual(self.call("GET", "/api/search?q=other")[0], 200)
        self.assertEqual(self.call("POST", "/api/documents", {"title": "a", "body": "b"})[0], 201)

    def test_tasks_are_paused_and_resumed(self):
        self.act("queue", "tasks", "pause")
        self.assertEqual(self.daemon.parts("queue")["tasks"]["state"], "paused")
        refused = self.act("queue", "tasks", "pause", expect=409)
        self.assertIn("paused already", refused["detail"])
        status, headers, task = self.call("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}})
        self.assertEqual(status, 202, task)
        figures = self.daemon.parts("queue")["tasks"]["figures"]
        self.assertEqual((figures["running"], figures["waiting"]), (0, 1))
        self.assertEqual((figures["sleep_running"], figures["sleep_waiting"], figures["import_waiting"]), (0, 1, 0))
        self.assertEqual(self.call("GET", headers["Location"])[2]["status"], "queued")
        self.act("queue", "tasks", "resume")
        self.until(lambda: self.call("GET", headers["Location"])[2]["status"] == "completed")
        self.assertIn("not paused", self.act("queue", "tasks", "resume", expect=409)["detail"])

    def test_a_connection_is_kicked(self):
        stream = EventStream(self.daemon, "/api/metrics/stream", self.daemon.local())
        self.addCleanup(stream.close)
        self.assertEqual(stream.next()["event"], "metrics")
        ticket = self.call("POST", "/api/auth/ticket")[2]["ticket"]
        chat = WebSocket(self.daemon, f"/ws/chat?room=hall&ticket={ticket}")
        self.addCleanup(chat.close)
        self.assertEqual(chat.status, 101)

        def connections(protocol):
            return [part for part in self.daemon.parts("connection").values() if part["figures"]["protocol"] == protocol]

        for protocol, ended in (("sse", lambda: stream.next() is None), ("websocket", lambda: chat.receive() is None)):
            with self.subTest(protocol):
                found = self.until(lambda protocol=protocol: connections(protocol))
                self.assertEqual(len(found), 1)
                self.assertEqual((found[0]["figures"]["user"], found[0]["actions"]), ("local", ["kick"]))
                self.act("connection", found[0]["name"], "kick")
                try:
                    self.assertTrue(ended())
                except OSError:
                    pass  # a reset is an end as well
                self.until(lambda protocol=protocol: not connections(protocol))
                self.assertIn("no connection", self.act("connection", found[0]["name"], "kick", expect=404)["detail"])

    def test_it_is_for_operators(self):
        for role, may in (("viewer", False), ("member", False), ("operator", True), ("admin", True)):
            with self.subTest(role):
                token = self.log_in(role + "-user", role)
                self.assertEqual(self.call("GET", "/api/runtime", token=token)[0], 200 if may else 403)
                problem = self.act("cache", "users", "flush", token=token, expect=204 if may else 403)
                if not may:
                    self.assertIn("operator", problem["detail"])
        self.assertEqual(self.daemon.request("POST", "/api/runtime/cache/users/flush")[0], 401)

    def test_what_there_is_not_is_named(self):
        for path, named in (("nothing/database/drain", "nothing"), ("pool/nothing/drain", "nothing"),
                            ("pool/database/nothing", "nothing"), ("pool/blocking/drain", "drain"),
                            ("connection/0/kick", "0"), ("connection/18446744073709551616/kick", "connection"),
                            ("connection/1/nothing", "nothing"), ("worker/io-0/kick", "worker")):
            with self.subTest(path):
                self.assertIn(named, self.act(*path.split("/"), expect=404)["detail"])

    def test_it_is_audited(self):
        token = self.log_in("grace", "operator")
        self.act("breaker", "database", "trip", token=token)
        self.act("breaker", "database", "reset", token=token)
        self.act("queue", "tasks", "resume", token=token, expect=409)
        self.act("pool", "\x1b[2J", "drain", token=token, expect=404)
        self.daemon.stop()
        with sqlite3.connect(f"file:{self.data}/godwit.db?mode=ro", uri=True) as database:
            kept = database.execute("SELECT actor, subject FROM audit_log WHERE event = 'by_hand' ORDER BY id").fetchall()
        database.close()
        self.assertEqual(kept[:3], [("grace", 'trip of breaker "database": done'), ("grace", 'reset of breaker "database": done'),
                                ("grace", 'resume of queue "tasks": the tasks are not paused')])
        self.assertIn('\\x1b[2J', log := self.daemon.log_text())  # and nothing that a terminal would obey
        self.assertNotIn('\x1b', log)
        self.assertIn('godwit.audit: by_hand actor=grace subject=trip of breaker "database": done', log)

    def test_the_stream_shows_it(self):
        stream = EventStream(self.daemon, "/api/runtime/stream", self.daemon.local())
        self.addCleanup(stream.close)

        def says(state):
            event = stream.next()
            self.assertIsNotNone(event)
            return f'"state":"{state}"' in event["data"].replace(" ", "")

        self.assertFalse(says("paused"))
        self.act("queue", "tasks", "pause")
        self.until(lambda: says("paused"))
        self.act("queue", "tasks", "resume")
        self.until(lambda: not says("paused"))

    def test_actions_under_load_break_nothing(self):
        answers, stop = [], threading.Event()

        def client(number):
            count = 0
            while not stop.is_set():
                count += 1
                answers.append(self.call("GET", f"/api/search?q=w{number}x{count}")[0])

        clients = [threading.Thread(target=client, args=(number,)) for number in range(4)]
        for thread in clients:
            thread.start()
        try:
            for _ in range(10):
                self.act("pool", "database", "drain")
                self.act("cache", "users", "flush")
            self.until(lambda: len(answers) > 40)
        finally:
            stop.set()
            for thread in clients:
                thread.join()
        self.assertEqual(set(answers), {200})


if __name__ == "__main__":
    unittest.main()
