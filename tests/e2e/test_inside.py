# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator sees of a running daemon: waterfalls, the engine room, a user's activity, where the log goes."""
import os
import subprocess
import time
import unittest

from daemon import GODWITD, DaemonTest, WebSocket, environment


class Inside(DaemonTest):
    def spans_of(self, daemon, path, body=None):
        """Those of one request, by name; and its cache's outcomes in order."""
        status, headers, answer = daemon.request("POST" if body else "GET", path, body)
        self.assertEqual(status, 200, answer)
        items = daemon.get("/api/traces?request_id=" + headers["X-Request-Id"])[2]["items"]
        spans = daemon.get("/api/traces/" + items[0]["trace_id"])[2]["spans"]
        by_id = {span["id"]: span for span in spans}
        for span in spans[1:]:
            self.assertIn(span["parent"], by_id)
        named = {}
        for span in spans:
            named.setdefault(span["name"], []).append(span)
        return named, [span["attributes"]["outcome"] for span in named.get("cache", [])], by_id

    def part(self, daemon, kind, name):
        items = daemon.get("/api/runtime?kind=" + kind)[2]["items"]
        return next((item for item in items if item["name"] == name), None)

    def wait_for(self, condition, timeout=20):
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return value

    def test_a_search_shows_cache_queue_and_database(self):
        daemon = self.start()
        daemon.request("POST", "/api/documents", {"title": "Godwit", "body": "sequential, concurrent"})
        for mode in ("sequential", "concurrent"):
            with self.subTest(mode):
                path = f"/api/search?q=godwit+{mode}&mode={mode}"
                named, outcomes, by_id = self.spans_of(daemon, path)
                self.assertEqual(outcomes, ["miss"])
                self.assertEqual(named["cache"][0]["attributes"]["name"], "search")
                self.assertIn("database wait", named)
                self.assertIn("documents_fts MATCH", str(named["database read"][0]["attributes"]))
                if mode == "sequential":  # the query is the cache's, and ends before the answer does
                    self.assertEqual(by_id[named["database read"][0]["parent"]]["name"], "cache")
                self.assertEqual(self.spans_of(daemon, path)[1], ["hit"])

    def test_an_overview_and_a_lookup_show_their_fan_out(self):
        daemon = self.start()
        ids = [daemon.request("POST", "/api/users", {"name": f"user{i}", "password": "a good password"})[2]["id"]
               for i in range(3)]
        daemon.request("POST", "/api/runtime/cache/users/flush")
        named, outcomes, by_id = self.spans_of(daemon, f"/api/users/{ids[0]}/overview")
        self.assertEqual(len(named["branch"]), 4)
        self.assertEqual(outcomes, ["miss"])
        self.assertEqual(len(named["database read"]), 4)
        self.assertEqual(by_id[named["cache"][0]["parent"]]["name"], "branch")
        named, outcomes, by_id = self.spans_of(daemon, "/api/users/lookup", {"ids": ids})
        self.assertEqual(sorted(outcomes), ["hit", "miss", "miss"])
        self.assertEqual({by_id[span["parent"]]["name"] for span in named["cache"]}, {"item"})

    def test_retries_are_seen(self):
        daemon = self.start("--allow-faults", GODWIT_FAULTS_DATABASE_ERRORS="50")
        for number in range(100):
            request_id = f"search-{number}"
            daemon.get(f"/api/search?q=word{number}", X_Request_Id=request_id)
            items = daemon.get("/api/traces?request_id=" + request_id)[2]["items"]
            spans = daemon.get("/api/traces/" + items[0]["trace_id"])[2]["spans"]
            attempts = [span["attributes"].get("attempt") for span in spans if span["name"] == "database wait"]
            if "2" in attempts:
                return
        self.fail("none of 100 searches was tried again")

    def test_the_search_cache_is_as_configured(self):
        daemon = self.start(GODWIT_SEARCH_CACHE_LIFETIME="7s", GODWIT_SEARCH_CACHE_STALE="3s",
                            GODWIT_SEARCH_CACHE_ENTRIES="64", GODWIT_SEARCH_CACHE_SIZE="1MiB")
        for _ in range(3):
            daemon.get("/api/search?q=godwit")
        cache = self.part(daemon, "cache", "search")
        self.assertEqual(cache["limits"],
                         {"entries": 64, "bytes": 1 << 20, "time_to_live": 7, "stale_for": 3})
        self.assertEqual([cache["figures"][name] for name in ("entries", "hits", "misses", "stale")], [1, 2, 1, 0])
        self.assertGreater(cache["figures"]["bytes"], 0)
        self.assertEqual(daemon.request("POST", "/api/runtime/cache/search/flush")[0], 204)
        self.assertEqual(self.part(daemon, "cache", "search")["figures"]["entries"], 0)
        self.assertEqual(daemon.get("/api/search?q=godwit")[1]["X-Cache"], "miss")

    def test_rooms_are_seen_while_someone_is_in(self):
        daemon = self.start()
        self.assertEqual(daemon.get("/api/runtime?kind=room")[2]["items"], [])
        ada = WebSocket(daemon, "/ws/chat?room=lab&user=ada")
        bob = WebSocket(daemon, "/ws/chat?room=lab&user=bob")
        ada.send("hello")
        self.assertEqual(bob.receive_json()["offset"], 1)
        room = self.part(daemon, "room", "lab")
        self.assertEqual(room["figures"], {"members": 2, "last_offset": 1})
        self.assertEqual(room["queue_bytes"], 0)
        ada.close()
        bob.close()
        self.wait_for(lambda: self.part(daemon, "room", "lab") is None)

    def test_activity_tells_of_documents_and_tasks(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        with open(os.path.join(self.data, "local-token"), encoding="ascii") as file:
            local = {"Authorization": "Bearer " + file.read().strip()}
        login = {"user": "ada", "password": "a good password"}
        user = daemon.request("POST", "/api/users", {"name": "ada", "password": login["password"], "role": "member"}, local)[2]
        ada = {"Authorization": "Bearer " + daemon.request("POST", "/api/auth/login", login)[2]["access_token"]}
        document = {"title": "x" * 300, "body": ""}
        made = daemon.request("POST", "/api/documents", document, ada)[2]
        task = daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}}, ada)[2]
        # The local token is nobody's: it makes what no activity tells of.
        self.assertEqual(daemon.request("POST", "/api/documents", document, local)[0], 201)
        seen = daemon.request("GET", f"/api/users/{user['id']}/activity", headers=ada)[2]["items"]
        self.assertEqual([(one["kind"], one["detail"]) for one in seen[:2]],
                         [("task_created", f"sleep ({task['id']})"),
                          ("document_created", f"{'x' * 200} ({made['id']})")])
        self.assertEqual(seen[2]["kind"], "login")

    @unittest.skipIf(os.path.exists("/run/systemd/journal/socket"), "there is a journal here")
    def test_a_journal_that_is_not_there_is_named(self):
        done = subprocess.run([GODWITD, "--data", self.data, "--listen", "127.0.0.1:0"], capture_output=True, text=True,
                              env=environment(GODWIT_LOG_TARGET="journald"), timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("[log] target: there is no journal here", done.stderr)
        self.assertIn("/run/systemd/journal/socket", done.stderr)


if __name__ == "__main__":
    unittest.main()
