# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of endpoint by a real client."""
import json
import random
import time
import unittest
import urllib.parse

from daemon import DaemonTest, EventStream, WebSocket


class Endpoints(DaemonTest):
    def setUp(self):
        super().setUp()
        self.daemon = self.start()

    def test_health(self):
        status, headers, health = self.daemon.get("/health")
        self.assertEqual(status, 200)
        self.assertIn("X-Request-Id", headers)
        self.assertEqual(set(health), {"status", "metrics", "timestamp"})
        self.assertEqual(set(health["metrics"]),
                         {"total_requests", "average_response_time_ms", "error_count", "error_rate_percent"})
        self.assertEqual(self.daemon.get("/health/live")[0], 200)
        self.assertEqual(self.daemon.get("/health/ready")[0], 200)
        _, _, later = self.daemon.get("/health")
        self.assertEqual(later["metrics"]["total_requests"], 3)

    def test_pages_and_descriptions(self):
        for path, mark in (("/", b"Godwit"), ("/docs", b"/openapi.json")):
            status, headers, page = self.daemon.get(path)
            self.assertEqual(status, 200)
            self.assertTrue(headers["Content-Type"].startswith("text/html"))
            self.assertIn(mark, page)
        self.assertEqual(self.daemon.get("/openapi.json")[2]["openapi"], "3.1.0")
        self.assertEqual(self.daemon.get("/asyncapi.json")[2]["asyncapi"], "3.0.0")

    def test_prometheus(self):
        self.daemon.get("/health")
        status, headers, text = self.daemon.get("/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        self.assertIn(b'godwit_http_requests_total{method="GET",route="/health",status="2xx"} 1\n', text)
        self.assertIn(b"godwit_build_info{version=", text)

    def test_pages_of_strangers(self):
        """A browser on this machine asks for them; nobody has logged in."""
        _, _, task = self.daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 600}})
        address = f"/api/tasks/{task['id']}"
        self.assertEqual(self.daemon.get("/api/tasks", Host="evil.example:8420")[0], 403)  # its name means 127.0.0.1 now
        self.assertEqual(self.daemon.get("/api/tasks", Host="localhost:8420")[0], 200)
        cancel = ("POST", address + "/cancel", b"")
        self.assertEqual(self.daemon.request(*cancel, {"Origin": "https://evil.example"})[0], 403)
        self.assertEqual(self.daemon.request(*cancel, {"Origin": self.daemon.url})[0], 200)

    def test_what_no_handler_saw_is_counted(self):
        for nonsense in (b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 40000):
            client = self.daemon.connect()
            client.sendall(nonsense)
            self.assertIn(client.recv(100)[:13], (b"HTTP/1.1 400 ", b"HTTP/1.1 431 "))
            client.close()
        self.assertIn(b"\ngodwit_http_refused_total 3\n", self.daemon.get("/metrics")[2])

    def test_problems(self):
        status, headers, problem = self.daemon.get("/nowhere", X_Request_Id="mine-1")
        self.assertEqual(status, 404)
        self.assertEqual(headers["Content-Type"], "application/problem+json")
        self.assertEqual(headers["X-Request-Id"], "mine-1")
        self.assertEqual(problem["request_id"], "mine-1")
        status, headers, _ = self.daemon.request("DELETE", "/health")
        self.assertEqual(status, 405)
        self.assertIn("GET", headers["Allow"])

    def test_search_finds_messages(self):
        chat = WebSocket(self.daemon, "/ws/chat?room=lab&user=ada")
        chat.send("a kittiwake <b>")
        chat.receive_json()
        chat.close()
        deadline = time.monotonic() + 10  # within a second, it is promised
        while not (hits := self.daemon.get("/api/search?q=kittiwake%20kind:message")[2]):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)
        self.assertEqual(hits[0]["kind"], "message")
        self.assertEqual(hits[0]["title"], "ada · lab")
        self.assertEqual(hits[0]["snippet"], "a <mark>kittiwake</mark> &lt;b&gt;")
        self.assertEqual(self.daemon.get("/api/search?q=kittiwake&kind=document")[2], [])

    def test_no_query_reaches_the_database_as_syntax(self):
        self.daemon.request("POST", "/api/documents", {"title": "x", "body": "y"})
        rng = random.Random(3)
        pieces = ['"', "*", "-", "^", "(", ")", ":", "NEAR(", " AND ", " OR ", "'", ";", "--", "%", "title:", "kind:",
                  "\\", "{a b}:", "x", "\0", "é", "𐐀", "kind:task", "rowid:1", "/*", "\r\n"]
        for i in range(300):
            if i % 2:
                text = urllib.parse.quote(bytes(rng.randrange(256) for _ in range(rng.randrange(1, 30))))
            else:
                text = urllib.parse.quote("".join(rng.choice(pieces) for _ in range(rng.randrange(1, 12))))
            mode = rng.choice(["sequential", "concurrent"])
            status = self.daemon.get(f"/api/search?q={text}&mode={mode}")[0]
            self.assertIn(status, (200, 400), text)

    def test_documents_and_search(self):
        status, headers, made = self.daemon.request("POST", "/api/documents",
                                                    {"title": "Godwits", "body": "They fly eleven days without landing."})
        self.assertEqual(status, 201)
        address = f"/api/documents/{made['id']}"
        self.assertEqual(headers["Location"], address)
        self.assertEqual(self.daemon.get(address)[2]["title"], "Godwits")
        status, headers, hits = self.daemon.get("/api/search?q=eleven")
        self.assertEqual(status, 200)
        self.assertEqual(headers["X-Cache"], "miss")
        self.assertEqual(hits[0]["id"], made["id"])
        self.assertTrue(0 < hits[0]["relevance"] <= 1)
        self.assertIn("<mark>eleven</mark>", hits[0]["snippet"])
        self.assertEqual(self.daemon.get("/api/search?q=eleven")[1]["X-Cache"], "hit")
        self.assertEqual(self.daemon.get("/api/search?q=eleven&mode=concurrent")[1]["X-Cache"], "hit")
        self.assertEqual(self.daemon.get("/api/search?q=eleven&limit=0")[0], 400)
        self.assertEqual(self.daemon.get("/api/search?q=eleven&mode=both")[0], 400)
        self.assertIn("document", self.daemon.get("/api/search?q=eleven&kind=bird")[2]["detail"])
        status, headers, hits = self.daemon.get("/api/search?q=elevn")
        self.assertEqual((status, hits, headers["X-Suggestion"]), (200, [], "eleven"))
        self.assertNotIn("X-Suggestion", self.daemon.get("/api/search?q=eleven")[1])
        self.assertEqual(self.daemon.request("PUT", address, {"title": "Gone", "body": "elsewhere"})[0], 200)
        self.assertEqual(self.daemon.get("/api/search?q=eleven")[2], [])
        self.assertEqual(self.daemon.request("DELETE", address)[0], 204)
        self.assertEqual(self.daemon.get(address)[0], 404)
        self.assertEqual(self.daemon.request("POST", "/api/documents", b"{", {"Content-Type": "application/json"})[0], 400)

    def test_time_stream(self):
        stream = EventStream(self.daemon, "/api/events/time?interval=0.05")
        self.assertEqual(stream.answer.getheader("Content-Type"), "text/event-stream")
        self.assertIn("no-store", stream.answer.getheader("Cache-Control"))
        for number in ("1", "2", "3"):
            event = stream.next()
            self.assertEqual(event["id"], number)
            self.assertRegex(event["data"], r"^Current time: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        stream.close()
        self.assertEqual(self.daemon.get("/api/events/time?interval=0")[0], 400)

    def test_metrics_stream_recovers(self):
        stream = EventStream(self.daemon, "/api/metrics/stream")
        first = stream.next()
        self.assertEqual(first["event"], "metrics")
        sample = json.loads(first["data"])
        for name in ("timestamp", "cpu_usage", "memory_usage", "requests_per_second", "counter"):
            self.assertIn(name, sample)
        second = stream.next()
        stream.close()
        again = EventStream(self.daemon, "/api/metrics/stream", {"Last-Event-ID": first["id"]})
        self.assertEqual(again.next()["id"], second["id"])
        again.close()

    def test_tasks(self):
        status, headers, task = self.daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0.3}})
        self.assertEqual(status, 202)
        address = f"/api/tasks/{task['id']}"
        self.assertEqual(headers["Location"], address)
        stream = EventStream(self.daemon, address + "/events")
        events = []
        while (event := stream.next()) is not None:
            events.append(event)
        self.assertEqual([event["event"] for event in events[-2:]], ["progress", "end"])
        last = json.loads(events[-2]["data"])
        self.assertEqual((last["task_id"], last["progress"], last["status"]), (task["id"], 100, "completed"))
        # An EventSource that was not closed comes again, and is told that there is nothing more.
        again = self.daemon.get(address + "/events", Last_Event_ID=events[-2]["id"])
        self.assertEqual((again[0], again[2]), (204, b""))
        self.assertEqual(self.daemon.get(address + "/events", Last_Event_ID=events[0]["id"])[0], 200)
        self.assertEqual(self.daemon.get(address)[2]["status"], "completed")
        self.assertEqual([item["id"] for item in self.daemon.get("/api/tasks?status=completed")[2]["items"]], [task["id"]])
        self.assertEqual(self.daemon.request("POST", address + "/cancel")[0], 409)

        _, _, endless = self.daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 600}})
        address = f"/api/tasks/{endless['id']}"
        self.assertEqual(self.daemon.request("POST", address + "/cancel")[0], 200)
        stream = EventStream(self.daemon, address + "/events")
        while (event := stream.next()) is not None:
            events.append(event)
        self.assertEqual(json.loads(events[-2]["data"])["status"], "cancelled")
        self.assertEqual(self.daemon.request("DELETE", address)[0], 204)
        self.assertEqual(self.daemon.request("POST", "/api/tasks", {"kind": "fly"})[0], 422)

    def test_chat(self):
        anna, bert = (WebSocket(self.daemon, f"/ws/chat?room=birds&user={user}") for user in ("anna", "bert"))
        self.assertEqual(anna.status, 101)
        anna.send("hello")
        for member in (anna, bert):
            message = member.receive_json()
            self.assertEqual((message["user"], message["message"], message["room"], message["offset"]),
                             ("anna", "hello", "birds", 1))
        anna.close()
        bert.close()
        status, headers, _ = self.daemon.get("/ws/chat?room=birds&user=anna", Connection="close")
        self.assertEqual(status, 426)
        self.assertEqual(headers["Upgrade"], "websocket")  # RFC 9110, 15.5.22, and 7.8 asks to name it in Connection
        self.assertEqual(headers["Connection"], "close, upgrade")
        _, _, page = self.daemon.get("/api/rooms/birds/messages")
        self.assertEqual([item["message"] for item in page["items"]], ["hello"])


if __name__ == "__main__":
    unittest.main()
