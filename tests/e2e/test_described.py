# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes over WebSockets and event streams against the AsyncAPI description that the daemon serves: every command and
event of godwit.chat.v1, every event of the log's topics, and no member that is not described."""
import json
import unittest

from chatclient import ChatClient
from daemon import DaemonTest, EventStream, WebSocket
from schema import Description

TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "7", "Upload-Metadata": "filename YS50eHQ=",
       "Content-Type": "application/offset+octet-stream"}


class Described(DaemonTest):
    def begin(self, *arguments, **variables):
        self.daemon = self.start("--set=sensors.iio_root=", "--set=sensors.thermal_root=", *arguments, **variables)
        self.description = Description(self.daemon.get("/asyncapi.json")[2], strict=True)

    def payloads(self, operation, key="type"):
        """The payloads that an operation names, by the value that tells them apart."""
        messages = map(self.description.resolve, self.description.document["operations"][operation]["messages"])
        return {payload["properties"][key]["const"]: payload for payload in (message["payload"] for message in messages)}

    def message(self, channel, name):
        return self.description.resolve(self.description.document["channels"][channel]["messages"][name])["payload"]

    def check(self, schema, value):
        self.assertEqual(self.description.faults(schema, value), [], value)

    # ---- godwit.chat.v1

    def client(self, user):
        client = ChatClient(self.daemon, user)
        self.addCleanup(client.close)
        receive, events = client.receive_json, self.payloads("happen")

        def checked():
            event = receive()
            self.assertIn(event["type"], events)
            self.check(events[event["type"]], event)
            self.seen.setdefault(event["type"], set()).update(event)
            return event
        client.receive_json = checked
        return client

    def command(self, client, kind, answer, **members):
        command = {"type": kind, "room": "lab", "ref": f"of {kind}", **members}
        self.check(self.commands[kind], command)
        self.used.add(kind)
        client.send(json.dumps(command))
        if answer is not None:
            event = client.wait_for(answer)
            while event.get("ref") != command["ref"]:
                event = client.wait_for(answer)
            return event

    def test_every_command_and_event_of_chat(self):
        self.begin()
        self.seen, self.used, self.commands = {}, set(), self.payloads("command")
        ada, bob = self.client("ada"), self.client("bob")
        epoch = self.command(bob, "join", "joined")["epoch"]
        self.command(ada, "join", "joined")
        self.command(ada, "post", "acked", message="hello @bob", client_id="c1")
        self.command(ada, "post", "acked", message="hello @bob", client_id="c1")
        self.assertEqual(self.daemon.request("POST", "/api/uploads?user=ada", b"content", TUS)[0], 201)
        self.command(ada, "post", "acked", file="a.txt")
        self.command(ada, "edit", "acked", offset=1, message="hello again @bob")
        self.command(ada, "delete", "acked", offset=2)
        self.command(bob, "read", "unread", offset=1)
        self.command(bob, "history", "history", limit=10)
        self.command(bob, "typing", None)
        bob.wait_for("typing")
        self.command(bob, "leave", "left")
        self.command(bob, "typing", "refused")
        self.command(bob, "recover", "joined", epoch=epoch, offset=1)
        self.command(bob, "leave", "left")
        self.command(bob, "recover", "gap", epoch="another", offset=1)
        ada.wait_for("presence")
        bob.send(json.dumps({"type": "post", "room": "lab", "message": "", "client_id": "c2"}))
        bob.wait_for("refused")
        self.assertEqual(self.used, set(self.commands))
        events = self.payloads("happen")
        self.assertEqual(set(self.seen), set(events))
        for kind, payload in events.items():
            unseen = set(payload["properties"]) - self.seen[kind]
            self.assertLessEqual(unseen, {"retry_after"}, kind)  # of a rate that this daemon has switched off

    def test_other_websockets(self):
        self.begin()
        for path, channel, name, words in (("/ws/chat?room=lab&user=ada", "chat", "message", ["hello"]),
                                           ("/ws/session?user=ada", "session", "welcome", []),
                                           ("/ws/realtime?interval=10", "realtime", "sample", [])):
            with self.subTest(path):
                socket = WebSocket(self.daemon, path)
                self.addCleanup(socket.close)
                for word in words:
                    socket.send(word)
                self.check(self.message(channel, name), socket.receive_json())
        session = WebSocket(self.daemon, "/ws/session?user=ada")
        self.addCleanup(session.close)
        session.receive_json()
        session.send("a word")
        self.check(self.message("session", "echo"), session.receive_json())

    # ---- Event streams

    def stream(self, path):
        stream = EventStream(self.daemon, path)
        self.addCleanup(stream.close)
        self.assertEqual(stream.answer.status, 200)
        return stream

    def ask(self, method, path, body=None, headers=None):
        status, _, content = self.daemon.request(method, path, body, headers)
        self.assertLess(status, 300, content)
        return content

    def test_events_of_the_log(self):
        self.begin("--set=sensors.interval=50ms")
        topics = "tasks,users,files,alerts,room:lab"
        stream = self.stream(f"/api/stream?topics={topics}&last_event_id=gone")
        messages = self.description.document["channels"]["events"]["messages"]
        events = {name: self.message("events", name) for name in messages}
        events = {payload["properties"]["type"]["const"]: payload for name, payload in events.items() if name != "gap"}

        def wait_for(*kinds):
            kinds = list(kinds)
            while kinds:
                event = stream.next()
                self.assertIn("id", event)
                data = json.loads(event["data"])
                if event["event"] == "gap":
                    self.check(self.message("events", "gap"), data)
                    gaps.append(data["topic"])
                    continue
                self.assertIn(event["event"], topics.split(","))
                self.check(events[data["type"]], data)
                seen.add(data["type"])
                if data["type"] in kinds:
                    kinds.remove(data["type"])
        gaps, seen = [], set()
        user = self.ask("POST", "/api/users", {"name": "eve", "password": "a good password", "role": "member"})
        self.ask("DELETE", f"/api/users/{user['id']}")
        wait_for("user", "user_removed")
        self.ask("POST", "/api/uploads", b"content", TUS)
        self.ask("DELETE", "/api/files/a.txt")
        wait_for("file", "file_removed")
        task = self.ask("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}})
        self.until(lambda: self.daemon.get(f"/api/tasks/{task['id']}")[2]["status"] == "completed")
        self.ask("DELETE", f"/api/tasks/{task['id']}")
        wait_for("task", "task_removed")
        self.ask("POST", "/api/readings", {"readings": [{"series": "room", "value": 31}]})
        for rule in ({"condition": "above", "threshold": 30}, {"condition": "no_data", "for": 1}):
            rule = self.ask("POST", "/api/alerts/rules", {"name": "warm", "series": "room", **rule})
            wait_for("alert")
            self.ask("DELETE", f"/api/alerts/rules/{rule['id']}")
            wait_for("alert")
        ada = ChatClient(self.daemon, "ada", "lab")
        self.addCleanup(ada.close)
        ada.post("hello @bob")
        ada.command("edit", offset=1, message="bye @bob")
        ada.command("delete", offset=1)
        wait_for("posted", "edited", "deleted")
        self.assertEqual(seen, set(events))
        self.assertEqual(sorted(gaps), sorted(topics.split(",")))

    def test_other_streams(self):
        self.begin()
        task = self.ask("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}})
        for path, channel, names in ((f"/api/tasks/{task['id']}/events", "task", ["progress", "end"]),
                                     ("/api/metrics/stream", "metrics", ["metrics", "metrics"]),
                                     ("/api/logs/stream?level=info", "logs", ["log"])):
            with self.subTest(path):
                stream = self.stream(path)
                for name in names:
                    event = stream.next()
                    while event["event"] != name:
                        event = stream.next()
                    self.check(self.message(channel, name), json.loads(event["data"]))
        time = self.stream("/api/events/time?interval=0.05").next()["data"]
        self.check(self.message("time", "time"), time)


if __name__ == "__main__":
    unittest.main()
