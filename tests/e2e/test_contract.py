# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract line by line: statuses, headers and fields, and every answer against the API description that the daemon
serves. What a line means in depth has tests of its own beside this."""
import http.client
import json
import threading
import unittest
import urllib.parse

from chatclient import ChatClient
from daemon import DaemonTest, EventStream
from schema import Description

PASSWORD = "a good password"


class Contract(DaemonTest):
    def begin(self, *arguments, **variables):
        self.daemon = self.start(*arguments, **{"GODWIT_AUTH_MODE": "token", **variables})
        self.description = Description(self.daemon.get("/openapi.json")[2], strict=True)
        self.headers = self.daemon.local()

    def ask(self, method, pattern, expect, body=None, query="", headers=None, **parameters):
        """(headers, body) of an answer with that status, which is as it is described, as is the request."""
        path = pattern
        described = self.description.parameters(method, pattern)
        for name in urllib.parse.parse_qs(query.lstrip("?"), keep_blank_values=True):
            self.assertIn(name, described, f"{method} {pattern}{query}: not described")
        for name, value in parameters.items():
            path = path.replace("{" + name + "}", str(value))
        status, answer, content = self.daemon.request(method, path + query, body, self.headers if headers is None else headers)
        what = f"{method} {path}{query}: {status} {content}"
        self.assertEqual(status, expect, what)
        self.assertTrue(answer["X-Request-Id"], what)
        if status >= 400:
            self.check_problem(what, path, status, answer, content)
        described = self.description.answer(method, pattern, status)
        if described is None and status >= 400:
            return answer, content  # those that any route may give: described once, at Problem
        self.assertIsNotNone(described, f"{what}: not described")
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            self.assertEqual(self.description.faults(schema, content), [], what)
        return answer, content

    def check_problem(self, what, path, status, answer, problem):
        self.assertEqual(answer["Content-Type"], "application/problem+json", what)
        schema = {"$ref": "#/components/schemas/Problem"}
        self.assertEqual(self.description.faults(schema, problem), [], what)
        self.assertLessEqual({"type", "title", "status", "detail", "instance", "request_id"}, set(problem), what)
        self.assertEqual((problem["status"], problem["request_id"]), (status, answer["X-Request-Id"]), what)
        self.assertTrue(problem["instance"].startswith(path.split("?")[0]), what)
        if status in (429, 503):
            self.assertGreaterEqual(int(answer["Retry-After"]), 1, what)
        if status == 401:
            self.assertIn("Bearer", answer["WWW-Authenticate"], what)

    def make_user(self, name, role="member"):
        _, user = self.ask("POST", "/api/users", 201, {"name": name, "password": PASSWORD, "role": role})
        _, tokens = self.ask("POST", "/api/auth/login", 200, {"user": name, "password": PASSWORD}, headers={})
        return user["id"], {"Authorization": f"Bearer {tokens['access_token']}"}

    # ---- Errors

    def test_errors(self):
        self.begin("--set=limits.body=1KiB")
        _, bob = self.make_user("bob")
        document = {"title": "a", "body": "b"}
        for status, method, pattern, more in (
                (400, "POST", "/api/documents", {"body": b"{", "headers": {**self.headers, "Content-Type": "application/json"}}),
                (415, "POST", "/api/documents", {"body": b"title"}),
                (400, "GET", "/api/search", {"query": "?q=a&limit=none"}),
                (422, "POST", "/api/documents", {"body": {"title": 1}}),
                (401, "GET", "/api/users", {"headers": {}}),
                (403, "GET", "/api/runtime", {"headers": bob}),
                (404, "GET", "/api/documents/{id}", {"id": 99999}),
                (409, "POST", "/api/users", {"body": {"name": "bob", "password": PASSWORD, "role": "member"}}),
                (413, "POST", "/api/documents", {"body": {"title": "a", "body": "b" * 2_000}}),
                (405, "PUT", "/api/users", {"body": document})):
            with self.subTest(f"{status} {method} {pattern}"):
                if status == 405:
                    answered, headers, problem = self.daemon.request(method, pattern, document, self.headers)
                    self.assertEqual((answered, problem["status"]), (405, 405))
                    self.assertEqual({"GET", "POST"} - set(headers["Allow"].replace(" ", "").split(",")), set())
                else:
                    self.ask(method, pattern, status, **more)
        answer, _ = self.ask("POST", "/api/documents", 413, {"title": "a", "body": "b" * 2_000},
                             headers={**self.headers, "X-Request-Id": "mine-2"})
        self.assertEqual(answer["X-Request-Id"], "mine-2")  # though no handler has seen it
        _, problem = self.ask("POST", "/api/documents", 422, {"title": 1})
        self.assertIn("title", problem["detail"])
        self.assertEqual(problem["decider"]["kind"], "validation")

    def test_what_is_not_known_is_refused(self):
        """A member that is misspelt is no member that was left out."""
        self.begin()
        user = {"name": "carl", "password": PASSWORD}
        identity, _ = self.make_user("dora")
        _, document = self.ask("POST", "/api/documents", 201, {"title": "a", "body": "b"})
        _, schedule = self.ask("POST", "/api/schedules", 201, {"name": "n", "cron": "@daily", "kind": "sleep"})
        for method, pattern, body, more in (
                ("POST", "/api/documents", {"title": "a", "body": "b"}, {}),
                ("PUT", "/api/documents/{id}", {"title": "a", "body": "b"}, {"id": document["id"]}),
                ("POST", "/api/users", user, {}),
                ("PATCH", "/api/users/{id}", {"role": "viewer"}, {"id": identity}),
                ("POST", "/api/users/lookup", {"ids": []}, {}),
                ("POST", "/api/auth/tokens", {"user": "dora"}, {}),
                ("POST", "/api/tasks", {"kind": "sleep"}, {}),
                ("POST", "/api/tasks", {"kind": "sleep", "params": {"tytle": 1}}, {}),
                ("POST", "/api/schedules", {"name": "n", "cron": "@daily", "kind": "sleep"}, {}),
                ("PATCH", "/api/schedules/{id}", {"name": "m"}, {"id": schedule["id"]}),
                ("POST", "/api/alerts/rules", {"name": "n", "series": "a", "condition": "above", "threshold": 1}, {})):
            with self.subTest(f"{method} {pattern} {body}"):
                given = body if "params" in body else {**body, "tytle": 1}
                _, problem = self.ask(method, pattern, 422, given, **more)
                self.assertIn('"tytle"', problem["detail"])
        _, problem = self.ask("POST", "/api/tasks", 422, {"kind": "slep"})
        self.assertIn("sleep", problem["detail"].split(", not ")[0])
        _, problem = self.ask("POST", "/api/schedules", 422, {"name": "n", "cron": "@daily", "kind": "sleep", "time_zone": "Europe/Berin"})
        self.assertIn("Europe/Berin", problem["detail"])

    def test_every_parameter_that_is_described_is_read(self):
        """Each is refused where it is wrong; what is passed over would not be."""
        self.begin("--set=sensors.iio_root=", "--set=sensors.thermal_root=")
        self.ask("POST", "/api/readings", 200, {"readings": [{"series": "room", "value": 1}]})
        self.ask("POST", "/api/tasks", 202, {"kind": "sleep", "params": {"seconds": 0}})
        needed = {"/api/search": {"q": "a"}, "/api/stream": {"topics": "tasks"}, "/api/readings": {"series": "room"}}
        tried = 0
        for pattern, operations in self.description.document["paths"].items():
            if "get" not in operations or pattern.startswith("/ws/"):
                continue
            path = pattern.replace("{room}", "lab").replace("{file}", "readings.csv").replace("{id}", "1")
            for name, schema in self.description.parameters("GET", pattern).items():
                schema = self.description.resolve(schema)
                is_free = schema["type"] == "string" and not {"enum", "format", "pattern"} & set(schema)
                query = {**needed.get(pattern, {}), name: "\0" if is_free else "No such!"}
                of = path.replace("readings", "sequence") if name == "rows" else path
                with self.subTest(f"{of} {query}"):
                    status, _, problem = self.daemon.request("GET", f"{of}?{urllib.parse.urlencode(query)}", headers=self.headers)
                    self.assertIn(status, (400, 404))
                    self.assertIn("No such!" if status == 404 else f'"{name}"', problem["detail"])
                tried += 1
        self.assertGreater(tried, 40)

    def test_what_was_sent_is_repeated_shortly(self):
        self.begin()
        for method, pattern, body, beginning in (
                ("POST", "/api/tasks", {"kind": "x" * 100_000}, '"kind" must be one of'),
                ("POST", "/api/tasks", {"kind": "import", "params": {"paths": ["/" + "x" * 100_000]}}, '"paths" must exist'),
                ("POST", "/api/schedules", {"name": "n", "cron": "x" * 100_000, "kind": "sleep"}, '"cron" must not be longer')):
            with self.subTest(beginning):
                _, problem = self.ask(method, pattern, 422, body)
                self.assertTrue(problem["detail"].startswith(beginning), problem["detail"][:200])
                self.assertLessEqual(len(problem["detail"]), 1_000)

    def test_every_fault_says_where_it_is(self):
        self.begin()
        schedule = {"name": "n", "cron": "@daily", "kind": "sleep"}
        for status, method, pattern, query, body, detail in (
                (400, "GET", "/api/stream", "?topics=tasks,room:", None, '"topics" names "room:": "room" must not be empty'),
                (400, "GET", "/api/stream", "?topics=tasks,rooms", None, '"topics" names "rooms", which is none of '),
                (400, "GET", "/api/tasks", "?cursor=x", None, '"cursor" must be a whole number'),
                (422, "POST", "/api/tasks", "", {"kind": "fetch", "params": {"urls": ["http://a.b/", "ftp://a.b/"]}}, '"urls"[1]: '),
                (422, "POST", "/api/tasks", "", {"kind": "export", "params": {"dataset": "tasks", "name": "a/b"}}, '"name": the file'),
                (422, "POST", "/api/schedules", "", {**schedule, "name": "a\nb"}, '"name" must have 1 to 100 characters that can'),
                (422, "POST", "/api/schedules", "", {**schedule, "time_zone": ""}, '"time_zone" must be one that the server knows'),
                (422, "POST", "/api/schedules", "", {**schedule, "cron": "0 24 * * *"}, '"cron": the hour "24" is none'),
                (422, "POST", "/api/readings", "", {"readings": [], "reading": 1}, '"reading" is not known here')):
            with self.subTest(detail):
                _, problem = self.ask(method, pattern, status, body, query)
                self.assertTrue(problem["detail"].startswith(detail), problem["detail"])
        _, batch = self.ask("POST", "/api/readings", 200, {"readings": [{"series": "a", "value": 1, "tytle": "x"}]})
        self.assertIn('"tytle" is not known here', batch["results"][0]["detail"])

    def test_request_ids(self):
        self.begin()
        for given, kept in (("mine-1", True), ("x" * 500, False), ("a b", False), ("", False)):
            with self.subTest(given[:20]):
                answer, problem = self.ask("GET", "/api/documents/{id}", 404, id=7, headers={**self.headers, "X-Request-Id": given})
                self.assertEqual(answer["X-Request-Id"] == given, kept)
                self.assertEqual(problem["request_id"], answer["X-Request-Id"])

    def test_deadlines(self):
        """Too late is 408 on a search and 504 elsewhere; what is hung gives way."""
        self.begin("--allow-faults", "--set=faults.database_hangs=100", "--set=search.deadline=200ms", "--set=server.deadline=200ms",
                   "--set=database.breaker_failures=1000")
        _, problem = self.ask("GET", "/api/search", 408, query="?q=word")
        self.assertEqual((problem["decider"]["kind"], problem["decider"]["limit"]), ("deadline", 0.2))
        _, problem = self.ask("GET", "/api/documents/{id}", 504, id=1)
        self.assertEqual(problem["decider"]["kind"], "deadline")
        _, problem = self.ask("GET", "/api/users/{id}", 504, id=1)  # its own second
        self.assertEqual(problem["decider"]["limit"], 1)

    def test_an_unexpected_error_keeps_its_details(self):
        """What the database says is for the log."""
        self.begin()
        self.daemon.act("breaker", "database", "trip")
        _, problem = self.ask("GET", "/api/search", 503, query="?q=a")
        self.assertEqual(problem["decider"]["name"], "database")
        self.daemon.act("breaker", "database", "reset")

    def test_draining_is_503(self):
        self.begin("--set=server.drain_timeout=30s")
        stream = EventStream(self.daemon, "/api/events/time?interval=0.05", self.headers)
        self.addCleanup(stream.close)
        self.assertIsNotNone(stream.next())
        late = self.daemon.connect()  # while it drains, nobody new is listened to
        self.addCleanup(late.close)
        late.sendall(b"GET /api/users HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")
        self.until(lambda: len(self.daemon.parts("connection")) >= 3)  # has been read
        self.daemon.terminate()
        while stream.next() is not None:
            pass
        late.sendall(b"1\r\n\r\n")
        answer = http.client.HTTPResponse(late)
        answer.begin()
        problem = json.loads(answer.read())
        self.check_problem("while draining", "/api/users", 503, answer.headers, problem)
        self.assertEqual((answer.status, problem["decider"]["kind"], problem["decider"]["name"]), (503, "shedding", "drain"))
        self.assertIn(int(answer.headers["Retry-After"]), (1, 2, 3))
        self.assertEqual(self.daemon.wait(), 0)

    # ---- Authentication

    def test_authentication(self):
        self.begin()
        identity, bob = self.make_user("bob")
        _, tokens = self.ask("POST", "/api/auth/login", 200, {"user": "bob", "password": PASSWORD}, headers={})
        self.assertEqual((tokens["token_type"], set(tokens)), ("Bearer", {"access_token", "refresh_token", "token_type", "expires_in"}))
        self.ask("POST", "/api/auth/login", 401, {"user": "bob", "password": "wrong"}, headers={})
        self.ask("POST", "/api/auth/login", 401, {"user": "nobody", "password": "wrong"}, headers={})
        for authorization, word in (("Basic Ym9iOnB3", "must be Bearer"), ("Bearer", "must be Bearer"), ("Bearer x", "malformed")):
            _, problem = self.ask("GET", "/api/users", 401, headers={"Authorization": authorization})
            self.assertIn(word, problem["detail"])
        _, me = self.ask("GET", "/api/auth/me", 200, headers=bob)
        self.assertEqual((me["id"], me["name"], me["role"]), (identity, "bob", "member"))
        _, ticket = self.ask("POST", "/api/auth/ticket", 200, headers=bob)
        _, next_tokens = self.ask("POST", "/api/auth/refresh", 200, {"refresh_token": tokens["refresh_token"]}, headers={})
        self.ask("POST", "/api/auth/refresh", 401, {"refresh_token": tokens["refresh_token"]}, headers={})  # reuse ...
        self.ask("POST", "/api/auth/refresh", 401, {"refresh_token": next_tokens["refresh_token"]}, headers={})  # ... ends all
        self.ask("GET", "/api/auth/me", 401, headers={"Authorization": f"Bearer {next_tokens['access_token']}"})
        self.ask("GET", "/api/auth/me", 200, headers=bob)  # another login of the same user
        _, tokens = self.ask("POST", "/api/auth/login", 200, {"user": "bob", "password": PASSWORD}, headers={})
        self.ask("POST", "/api/auth/logout", 204, {"refresh_token": tokens["refresh_token"]}, headers={})
        self.ask("GET", "/api/auth/me", 401, headers={"Authorization": f"Bearer {tokens['access_token']}"})
        self.assertTrue(ticket["ticket"].startswith("gwk_"))

    # ---- Search

    def test_search(self):
        self.begin()
        for number in range(3):
            answer, made = self.ask("POST", "/api/documents", 201, {"title": f"bird {number}", "body": "a godwit " * (number + 1)})
            self.assertEqual(answer["Location"], f"/api/documents/{made['id']}")
        for mode in ("sequential", "concurrent"):
            with self.subTest(mode):
                query = f"?q=godwit&limit=2&mode={mode}&kind=document"
                answer, hits = self.ask("GET", "/api/search", 200, query=query)
                self.assertEqual(len(hits), 2)
                self.assertGreaterEqual(hits[0]["relevance"], hits[1]["relevance"])
                for hit in hits:
                    self.assertTrue(0 < hit["relevance"] <= 1)
                    self.assertLessEqual({"id", "kind", "title", "snippet", "relevance"}, set(hit))
                self.until(lambda query=query: self.ask("GET", "/api/search", 200, query=query)[0]["X-Cache"] == "hit")
        self.ask("PUT", "/api/documents/{id}", 200, {"title": "other", "body": "words"}, id=made["id"])
        answer, hits = self.ask("GET", "/api/search", 200, query="?q=godwit&kind=document")
        self.assertEqual((answer["X-Cache"], len(hits)), ("miss", 2))
        self.ask("DELETE", "/api/documents/{id}", 204, id=made["id"])
        self.ask("GET", "/api/documents/{id}", 404, id=made["id"])
        for query, found in (('"a godwit"', 2), ("god*", 2), ("godwit -bird", 0), ("title:bird", 2), ("title:godwit", 0)):
            with self.subTest(query):
                self.assertEqual(len(self.ask("GET", "/api/search", 200, query="?kind=document&q=" + query.replace(" ", "+"))[1]), found)
        self.assertEqual(self.ask("GET", "/api/search", 200, query="?q=godwti")[0]["X-Suggestion"], "godwit")

    # ---- Users

    def test_users(self):
        self.begin()
        bob, headers = self.make_user("bob")
        eve, _ = self.make_user("eve")
        _, page = self.ask("GET", "/api/users", 200, query="?limit=1")
        self.assertEqual(len(page["items"]), 1)
        self.assertLessEqual({"id", "name"}, set(page["items"][0]))
        _, rest = self.ask("GET", "/api/users", 200, query=f"?after={page['next']}")
        self.assertNotIn(page["items"][0]["id"], [user["id"] for user in rest["items"]])
        _, problem = self.ask("GET", "/api/users/{id}", 400, id=0)
        self.assertEqual(problem["detail"], "User ID cannot be zero")
        self.ask("GET", "/api/users/{id}", 404, id=99999)
        self.ask("PATCH", "/api/users/{id}", 403, {"role": "admin"}, id=bob, headers=headers)
        _, changed = self.ask("PATCH", "/api/users/{id}", 200, {"name": "robert"}, id=bob)
        self.assertEqual(self.ask("GET", "/api/users/{id}", 200, id=bob)[1]["name"], changed["name"])  # write-through
        self.ask("PUT", "/api/users/{id}/preferences", 200, {"theme": "dark"}, id=eve)
        self.assertEqual(self.ask("GET", "/api/users/{id}/preferences", 200, id=eve)[1], {"theme": "dark"})
        pair = {"id": eve, "friend_id": bob}
        status = self.daemon.request("PUT", f"/api/users/{eve}/connections/{bob}", None, self.headers)[0]
        self.assertIn(status, (200, 201, 204))
        self.ask("GET", "/api/users/{id}/connections/{friend_id}", 200, **pair)
        _, all_of_eve = self.ask("GET", "/api/users/{id}/overview", 200, id=eve)
        self.assertEqual(set(all_of_eve), {"basic_info", "preferences", "recent_activity", "social_connections"})
        self.assertEqual((all_of_eve["basic_info"]["id"], all_of_eve["preferences"]), (eve, {"theme": "dark"}))
        self.assertEqual(len(all_of_eve["social_connections"]), 1)
        self.ask("GET", "/api/users/{id}/activity", 200, id=eve)
        self.ask("DELETE", "/api/users/{id}/connections/{friend_id}", 204, **pair)
        self.ask("GET", "/api/users/{id}/connections/{friend_id}", 404, **pair)
        _, batch = self.ask("POST", "/api/users/lookup", 200, {"ids": [eve, 99999, 0, bob, eve]})
        self.assertEqual([result.get("id", result.get("status")) for result in batch["results"]], [eve, 404, 400, bob, eve])
        self.ask("DELETE", "/api/users/{id}", 204, id=bob)
        self.ask("GET", "/api/users/{id}", 404, id=bob)

    def test_an_overview_asks_at_the_same_time(self):
        self.begin("--allow-faults", "--set=faults.database_latency=200ms")
        user, _ = self.make_user("bob")
        self.daemon.act("cache", "users", "flush")
        answer, _ = self.ask("GET", "/api/users/{id}/overview", 200, id=user)

        def mine():
            found = self.ask("GET", "/api/traces", 200)[1]["items"]
            return next((trace for trace in found if trace.get("request_id") == answer["X-Request-Id"]), None)
        trace = self.until(mine)
        _, detail = self.ask("GET", "/api/traces/{id}", 200, id=trace["trace_id"])
        branches = [span for span in detail["spans"] if span["name"] == "branch"]
        self.assertEqual(len(branches), 4, detail)
        # All have begun before one has ended.
        self.assertLessEqual(max(span["start_us"] for span in branches),
                             min(span["start_us"] + span["duration_us"] for span in branches))
        looked_up = {span["id"] for span in detail["spans"] if span["name"] == "cache" and span["parent"] in
                     {branch["id"] for branch in branches}}
        self.assertEqual(len(looked_up), 1)
        self.assertLessEqual({span["parent"] for span in detail["spans"] if span["name"] == "database wait"},
                             {span["id"] for span in branches} | looked_up)

    # ---- Tasks, schedules and rooms

    def test_tasks(self):
        self.begin()
        answer, task = self.ask("POST", "/api/tasks", 202, {"kind": "sleep", "params": {"seconds": 60}, "priority": 1,
                                                            "max_attempts": 2, "timeout": 90})
        self.assertEqual(answer["Location"], f"/api/tasks/{task['id']}")
        _, other = self.ask("POST", "/api/tasks", 202, {"kind": "sleep", "params": {"seconds": 0}})
        _, page = self.ask("GET", "/api/tasks", 200, query="?limit=1")
        self.assertEqual([item["id"] for item in page["items"]], [other["id"]])
        _, rest = self.ask("GET", "/api/tasks", 200, query=f"?limit=1&cursor={page['next']}")
        self.assertEqual([item["id"] for item in rest["items"]], [task["id"]])
        self.until(lambda: self.ask("GET", "/api/tasks/{id}", 200, id=other["id"])[1]["status"] == "completed")
        self.assertEqual(len(self.ask("GET", "/api/tasks", 200, query="?status=completed")[1]["items"]), 1)
        self.ask("GET", "/api/tasks/{id}/log", 200, id=other["id"])
        self.ask("DELETE", "/api/tasks/{id}", 409, id=task["id"])
        self.ask("POST", "/api/tasks/{id}/retry", 409, id=task["id"])
        self.ask("POST", "/api/tasks/{id}/cancel", 200, id=task["id"])
        self.until(lambda: self.ask("GET", "/api/tasks/{id}", 200, id=task["id"])[1]["status"] == "cancelled")
        self.ask("POST", "/api/tasks/{id}/cancel", 409, id=task["id"])
        answer, again = self.ask("POST", "/api/tasks/{id}/retry", 202, id=task["id"])
        self.assertEqual((answer["Location"], again["id"]), (f"/api/tasks/{task['id']}", task["id"]))
        self.ask("DELETE", "/api/tasks/{id}", 204, id=other["id"])
        for method, pattern in (("GET", "/api/tasks/{id}"), ("DELETE", "/api/tasks/{id}"), ("GET", "/api/tasks/{id}/log"),
                                ("POST", "/api/tasks/{id}/cancel"), ("POST", "/api/tasks/{id}/retry"),
                                ("GET", "/api/tasks/{id}/events")):
            self.ask(method, pattern, 404, id=other["id"])

    def test_schedules(self):
        self.begin()
        answer, made = self.ask("POST", "/api/schedules", 201, {
            "name": "n", "cron": "*/5 8-17 * * mon-fri", "time_zone": "Europe/Berlin", "kind": "sleep", "params": {"seconds": 1},
            "catch_up": True, "overlap": "queue", "priority": 2, "max_attempts": 3, "timeout": 5})
        self.assertEqual(answer["Location"], f"/api/schedules/{made['id']}")
        self.assertEqual(self.ask("GET", "/api/schedules/{id}", 200, id=made["id"])[1], made)
        self.assertEqual(self.ask("GET", "/api/schedules", 200)[1]["items"], [made])
        _, changed = self.ask("PATCH", "/api/schedules/{id}", 200, {"enabled": False}, id=made["id"])
        self.assertEqual((changed["enabled"], changed["next_at"]), (False, None))
        self.ask("PATCH", "/api/schedules/{id}", 422, {"cron": "* *"}, id=made["id"])
        self.ask("DELETE", "/api/schedules/{id}", 204, id=made["id"])
        self.ask("GET", "/api/schedules/{id}", 404, id=made["id"])
        self.ask("PATCH", "/api/schedules/{id}", 404, {"name": "m"}, id=made["id"])
        self.ask("DELETE", "/api/schedules/{id}", 404, id=made["id"])

    def test_rooms(self):
        self.begin(GODWIT_AUTH_MODE="open")
        for room in ("lab", "yard"):
            ada = ChatClient(self.daemon, "ada", room)
            self.addCleanup(ada.close)
            for number in range(3):
                ada.post(f"word {number} @bob", room)
            ada.command("edit", room, offset=1, message="another")
            ada.wait_for("acked")
            ada.command("delete", room, offset=2)
            ada.wait_for("acked")
        _, page = self.ask("GET", "/api/rooms", 200, query="?limit=1")
        _, rest = self.ask("GET", "/api/rooms", 200, query=f"?after={page['next']}")
        self.assertEqual([room["name"] for room in page["items"] + rest["items"]], ["lab", "yard"])
        _, page = self.ask("GET", "/api/rooms/{room}/messages", 200, query="?limit=2", room="lab")
        self.assertEqual([message["offset"] for message in page["items"]], [2, 3])
        _, rest = self.ask("GET", "/api/rooms/{room}/messages", 200, query=f"?before={page['next']}", room="lab")
        self.assertEqual(([message["offset"] for message in rest["items"]], rest["next"]), ([1], None))
        _, found = self.ask("GET", "/api/rooms/{room}/messages", 200, query="?q=word", room="lab")
        self.assertEqual([message["offset"] for message in found["items"]], [3])
        self.ask("GET", "/api/rooms/{room}/messages", 400, query="?limit=501", room="lab")
        self.ask("GET", "/ws/chat", 426, query="?room=lab")

    # ---- Sensors

    def test_sensors(self):
        self.begin("--set=sensors.iio_root=", "--set=sensors.thermal_root=")
        _, batch = self.ask("POST", "/api/readings", 200, {"readings": [
            {"series": "temperature", "value": 31}, {"series": "room", "value": 1, "unit": "V"}, {"series": "Bad"}]})
        self.assertEqual([result.get("status", 200) for result in batch["results"]], [200, 200, 422])
        _, listed = self.ask("GET", "/api/readings/series", 200)
        self.assertLessEqual({"temperature", "room"}, {item["series"] for item in listed["items"]})
        _, history = self.ask("GET", "/api/readings", 200, query="?series=room")
        self.assertEqual([(item["min"], item["count"]) for item in history["items"]], [(1, 1)])
        for query, status in (("?series=none", 404), ("?series=room&step=0", 400), ("?series=room&from=x", 400)):
            self.ask("GET", "/api/readings", status, query=query)
        self.ask("POST", "/api/readings", 422, {"readings": {}})
        rule = {"name": "warm", "series": "temperature", "condition": "above", "threshold": 30}
        answer, made = self.ask("POST", "/api/alerts/rules", 201, rule)
        self.assertEqual(answer["Location"], f"/api/alerts/rules/{made['id']}")
        self.assertEqual(self.ask("GET", "/api/alerts/rules/{id}", 200, id=made["id"])[1]["name"], "warm")
        self.ask("GET", "/api/alerts/rules/{id}", 404, id=made["id"] + 1)
        self.until(lambda: self.ask("GET", "/api/alerts", 200, query="?state=firing")[1]["items"])
        self.ask("GET", "/api/alerts/rules", 200)
        self.ask("DELETE", "/api/alerts/rules/{id}", 204, id=made["id"])
        self.ask("DELETE", "/api/alerts/rules/{id}", 404, id=made["id"])
        self.assertEqual(len(self.ask("GET", "/api/alerts", 200, query="?state=resolved")[1]["items"]), 1)
        self.ask("POST", "/api/alerts/rules", 422, {})
        self.ask("GET", "/ws/realtime", 426)

    # ---- Operations

    def test_operations(self):
        self.begin()
        _, health = self.ask("GET", "/health", 200, headers={})
        self.assertEqual(set(health["metrics"]), {"total_requests", "average_response_time_ms", "error_count", "error_rate_percent"})
        self.ask("GET", "/health/live", 200, headers={})
        self.ask("GET", "/health/ready", 200, headers={})
        self.daemon.act("breaker", "database", "trip")
        self.ask("GET", "/health/ready", 503, headers={})
        self.ask("GET", "/health/live", 200, headers={})
        self.daemon.act("breaker", "database", "reset")
        status, headers, text = self.daemon.get("/metrics")
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        self.assertIn(b'godwit_http_request_duration_seconds_bucket{', text)
        self.assertIn(b'route="/health/ready"', text)
        _, room = self.ask("GET", "/api/runtime", 200)
        kinds = {part["kind"] for part in room["items"]}
        self.assertLessEqual({"worker", "pool", "cache", "breaker", "limiter", "queue", "connection", "bulkhead", "shedder", "settings"}, kinds)
        for part in room["items"]:
            self.assertLessEqual({"kind", "name", "state", "figures", "limits", "queue_bytes", "actions"}, set(part))
        parent = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
        answer, _ = self.ask("GET", "/health", 200, headers={"traceparent": parent})
        self.until(lambda: any("ab" * 16 in json.dumps(trace) for trace in self.ask("GET", "/api/traces", 200)[1]["items"]))
        self.ask("GET", "/api/traces/{id}", 404, id="0" * 32)
        stream = EventStream(self.daemon, "/api/logs/stream?level=info", self.headers)
        self.addCleanup(stream.close)
        self.assertEqual(stream.answer.status, 200)
        reader = threading.Thread(target=lambda: self.daemon.act("cache", "users", "flush"))
        reader.start()
        self.until(lambda: "flush" in stream.next()["data"])
        reader.join()
        for path in ("/", "/docs", "/openapi.json", "/asyncapi.json"):
            self.assertEqual(self.daemon.get(path)[0], 200)

    # ---- Files and exports

    def test_files(self):
        self.begin()
        tus = {**self.headers, "Tus-Resumable": "1.0.0"}
        self.ask("OPTIONS", "/api/uploads", 204, headers={})
        self.ask("POST", "/api/uploads", 412, headers={**self.headers, "Upload-Length": "5"})
        new = {**tus, "Upload-Length": "5", "Upload-Metadata": "filename YS50eHQ="}
        answer, upload = self.ask("POST", "/api/uploads", 201, headers=new)
        self.assertEqual(answer["Location"], f"/api/uploads/{upload['id']}")
        of_it = {"pattern": "/api/uploads/{id}", "id": upload["id"]}
        content = {**tus, "Content-Type": "application/offset+octet-stream"}
        self.ask("PATCH", expect=409, body=b"hello", headers={**content, "Upload-Offset": "1"}, **of_it)
        self.ask("PATCH", expect=415, body=b"hello", headers={**tus, "Upload-Offset": "0"}, **of_it)
        self.ask("PATCH", expect=400, body=b"hello", headers={**content, "Upload-Offset": "0", "Upload-Checksum": "sha1"}, **of_it)
        self.ask("PATCH", expect=204, body=b"hello", headers={**content, "Upload-Offset": "0"}, **of_it)
        _, upload = self.ask("GET", expect=200, **of_it)
        self.assertEqual((upload["offset"], upload["file"]), (5, "/files/a.txt"))
        self.ask("POST", "/api/uploads", 409, headers=new)
        _, listed = self.ask("GET", "/api/files", 200)
        self.assertEqual([file["name"] for file in listed["items"]], ["a.txt"])
        answer, content = self.ask("GET", "/files/{name}", 200, name="a.txt")
        self.assertEqual(content, b"hello")
        self.ask("GET", "/files/{name}", 304, name="a.txt", headers={**self.headers, "If-None-Match": answer["ETag"]})
        _, part = self.ask("GET", "/files/{name}", 206, name="a.txt", headers={**self.headers, "Range": "bytes=1-2"})
        self.assertEqual(part, b"el")
        answer, _ = self.ask("GET", "/files/{name}", 416, name="a.txt", headers={**self.headers, "Range": "bytes=5-"})
        self.assertEqual(answer["Content-Range"], "bytes */5")
        self.ask("DELETE", "/api/files/{name}", 204, name="a.txt")
        self.ask("GET", "/files/{name}", 404, name="a.txt")
        self.ask("DELETE", expect=204, headers=tus, **of_it)
        self.ask("GET", expect=404, **of_it)

    def test_exports(self):
        self.begin()
        for dataset in ("sequence", "documents", "messages", "tasks", "users"):
            self.ask("GET", "/api/export/{file}", 200, file=f"{dataset}.json", query="?rows=10")
            for suffix, kind in ((".csv", "text/csv; charset=utf-8"), (".ndjson", "application/x-ndjson")):
                status, headers, _ = self.daemon.request("GET", f"/api/export/{dataset}{suffix}?rows=10", headers=self.headers)
                self.assertEqual((status, headers["Content-Type"]), (200, kind))
        _, member = self.make_user("anna")
        self.ask("GET", "/api/export/{file}", 403, file="users.csv", headers=member)
        self.ask("GET", "/api/export/{file}", 404, file="nothing.csv")
        self.ask("GET", "/api/export/{file}", 400, file="sequence.csv", query="?rows=-1")


if __name__ == "__main__":
    unittest.main()
