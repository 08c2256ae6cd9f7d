# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets by a client that others have written: npm's `ws`."""
import json
import os
import re
import unittest

from realclients import Node, NodeTest, Socket

KiB = 1024
RFC3339 = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


class Sockets(NodeTest):
    def assert_refused(self, socket, status):
        happened = socket.expect("refused")
        self.assertEqual((happened["status"], happened["headers"]["content-type"]), (status, "application/problem+json"))
        self.assertEqual(json.loads(happened["body"])["status"], status)
        return happened


class Chat(Sockets):
    def test_everyone_in_the_room_gets_it(self):
        daemon = self.start()
        anna, bert = (self.open(daemon, f"/ws/chat?room=birds&user={user}") for user in ("anna", "bert"))
        other = self.open(daemon, "/ws/chat?room=fish&user=carl")
        texts = ("hello", "grüß dich: 雁 🐦", "x" * 4000)
        for offset, text in enumerate(texts, 1):
            anna.do("send", text)
            for member in (anna, bert):
                message = member.message()
                self.assertEqual(set(message), {"user", "message", "timestamp", "room", "id", "offset"})
                self.assertEqual((message["user"], message["message"], message["room"], message["offset"]), ("anna", text, "birds", offset))
                self.assertRegex(message["timestamp"], RFC3339)
        other.do("send", "only here")
        self.assertEqual(other.message()["message"], "only here")  # nothing of the other room before it
        for member in (anna, bert, other):
            member.do("close", [1000, "bye"])
            self.assertEqual(member.closed(), (1000, "bye"))

    def test_names_that_are_none(self):
        daemon = self.start()
        for query in ("?user=anna", "?room=&user=anna", "?room=bi%0Ards&user=anna", "?room=" + "x" * 1000):
            with self.subTest(query[:20]):
                self.assert_refused(self.socket(daemon, "/ws/chat" + query), 400)

    def test_binary_is_no_message(self):
        socket = self.open(self.start(), "/ws/chat?room=birds&user=anna")
        socket.do("binary", "hello")
        self.assertEqual(socket.closed()[0], 1003)


class Realtime(Sockets):
    def test_a_sample_each_interval(self):
        daemon = self.start(f"--set=sensors.iio_root={self.folder}", f"--set=sensors.thermal_root={self.folder}",
                            "--set=sensors.interval=50ms")
        socket = self.open(daemon, "/ws/realtime?interval=10")
        sample = socket.message()
        while sample["source"] is None:  # it looks for sensors first
            sample = socket.message()
        self.assertEqual(set(sample), {"timestamp", "temperature", "humidity", "pressure", "source"})
        self.assertEqual(sample["source"], "simulated")
        self.assertRegex(sample["timestamp"], RFC3339)
        self.assertTrue(10 < sample["temperature"] < 35 and 0 < sample["humidity"] < 100 and 900 < sample["pressure"] < 1100, sample)
        daemon.request("POST", "/api/readings", {"readings": [{"series": "temperature", "value": 19.5}]})
        while (sample := socket.message())["source"] != "ingest":
            pass
        self.assertEqual((sample["temperature"], sample["humidity"]), (19.5, None))  # nothing is made up beside it

    def test_what_linux_measures_comes_first(self):
        folder = os.path.join(self.folder, "iio", "iio:device0")
        os.makedirs(folder)
        for name, content in (("name", "bme280"), ("in_temp_input", "22430"), ("in_humidityrelative_input", "45678"),
                              ("in_pressure_input", "101.325")):
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(content + "\n")
        daemon = self.start("--set=sensors.iio_root=" + os.path.dirname(folder), "--set=sensors.interval=50ms")
        daemon.request("POST", "/api/readings", {"readings": [{"series": "temperature", "value": 3}]})
        socket = self.open(daemon, "/ws/realtime?interval=10")
        while (sample := socket.message())["source"] != "iio":
            pass
        self.assertEqual((sample["temperature"], sample["humidity"], sample["pressure"]), (22.43, 45.678, 1013.25))

    def test_the_bounds_of_its_interval(self):
        daemon = self.start()
        for interval in ("9", "60001", "0", "-1", "soon"):
            with self.subTest(interval):
                self.assertIn("interval", self.assert_refused(self.socket(daemon, f"/ws/realtime?interval={interval}"), 400)["body"])
        for interval in ("10", "60000"):
            with self.subTest(interval):
                self.open(daemon, f"/ws/realtime?interval={interval}").message()

    def test_the_newest_to_who_does_not_read(self):
        daemon = self.start("--set=sensors.iio_root=", "--set=sensors.thermal_root=")

        def measure(value):
            self.assertEqual(daemon.request("POST", "/api/readings", {"readings": [{"series": "temperature", "value": value}]})[0], 200)

        measure(0)
        with daemon.connect_narrowly() as connection:
            port, descriptor = connection.getsockname()[1], connection.fileno()
            node = Node([descriptor])
            self.addCleanup(node.end)
            slow = Socket(node, daemon.url + "/ws/realtime?interval=10", descriptor=descriptor).opened()
        self.assertEqual(slow.message()["temperature"], 0)
        slow.do("pause")
        slow.expect("paused")

        def is_full():
            for _ in range(100):
                slow.do("ping", "x" * 125)  # answers fill it sooner than samples
            return any(part["figures"]["port"] == port and part["queue_bytes"] > 32 * KiB for part in daemon.parts("connection").values())

        self.until(is_full)
        reader = self.open(daemon, "/ws/realtime?interval=10")
        for value in range(1, 21):
            measure(value)
            while reader.message()["temperature"] != value:
                pass
        slow.do("resume")
        seen = [slow.message()["temperature"]]
        while seen[-1] != 20:
            seen.append(slow.message()["temperature"])
        self.assertEqual(seen, sorted(seen))
        self.assertFalse(set(range(1, 11)) & set(seen), seen)  # they were replaced before they could be sent
        slow.do("ping", "still open")
        while slow.expect("pong")["payload"] != "still open":
            pass

    def test_nothing_is_read_there(self):
        socket = self.open(self.start(), "/ws/realtime")
        socket.do("send", "hello")
        self.assertEqual(socket.closed()[0], 1008)


class Session(Sockets):
    def begin(self):
        self.daemon = self.start(GODWIT_AUTH_MODE="token")
        status, _, user = self.daemon.request("POST", "/api/users", {"name": "ada", "password": "a good password", "role": "member"},
                                              self.daemon.local())
        self.assertEqual(status, 201)
        _, _, login = self.daemon.request("POST", "/api/auth/login", {"user": "ada", "password": "a good password"})
        self.headers = {"Authorization": "Bearer " + login["access_token"]}
        return user["id"]

    def ticket(self):
        return self.daemon.request("POST", "/api/auth/ticket", headers=self.headers)[2]["ticket"]

    def test_welcome_and_echo(self):
        identity = self.begin()
        ticket = self.ticket()
        for socket in (self.open(self.daemon, "/ws/session", headers=self.headers), self.open(self.daemon, f"/ws/session?ticket={ticket}")):
            self.assertEqual(socket.message(), {"type": "welcome", "user_id": identity, "message": "Connected successfully"})
            for text in ("hi", '{"type": "welcome"}', "", "ü" * 1000):
                socket.do("send", text)
                self.assertEqual(socket.message(), {"type": "echo", "user_id": identity, "original": text})
        for query, token in ((f"?ticket={ticket}", ""), ("?ticket=gwk_made-up", ""), ("", ""), ("", "Bearer made.up.too")):
            headers = {"Authorization": token} if token else {}
            refused = self.assert_refused(self.socket(self.daemon, "/ws/session" + query, headers=headers), 401)
            self.assertIn("Bearer", refused["headers"]["www-authenticate"])

    def test_tickets_open_the_others_too(self):
        self.begin()
        for path in ("/ws/chat?room=birds&", "/ws/realtime?"):
            self.assert_refused(self.socket(self.daemon, path), 401)
            ticket = self.ticket()
            self.open(self.daemon, f"{path}ticket={ticket}")
            self.assert_refused(self.socket(self.daemon, f"{path}ticket={ticket}"), 401)


class All(Sockets):
    PATHS = ("/ws/chat?room=birds&user=anna", "/ws/session?user=anna", "/ws/realtime?interval=60000")

    def test_pings_are_answered(self):
        daemon = self.start()
        for path in self.PATHS:
            socket = self.open(daemon, path)
            socket.do("ping", "are you there?")
            self.assertEqual(socket.expect("pong")["payload"], "are you there?")

    def test_too_much_is_1009(self):
        daemon = self.start()
        for path, frame, message in zip(self.PATHS, (64 * KiB, 64 * KiB, KiB), (256 * KiB, 256 * KiB, KiB)):
            for sizes in ([frame + 1], [frame - 1] * (message // (frame - 1)) + [frame - 1]):
                with self.subTest(f"{path} {len(sizes)}"):
                    socket = self.open(daemon, path)
                    socket.do("fill", sizes)
                    self.assertEqual(socket.closed()[0], 1009)
        # As much as there may be is fine, in one frame or in several.
        socket = self.open(daemon, self.PATHS[1])
        for sizes in ([64 * KiB], [64 * KiB] * 4):
            socket.do("fill", sizes)
            while (message := socket.message())["type"] != "echo":
                pass
            self.assertEqual(len(message["original"]), sum(sizes))

    def test_pages_of_strangers_are_refused(self):
        daemon = self.start("--set=cors.origins=https://friend.example")
        for path in self.PATHS:
            for origin, opens in (("https://stranger.example", False), ("null", False), ("http://127.0.0.1:1", False),
                                  ("https://friend.example", True), (daemon.url, True)):
                with self.subTest(f"{path} {origin}"):
                    socket = self.socket(daemon, path, origin=origin)
                    if opens:
                        socket.opened()
                    else:
                        self.assert_refused(socket, 403)

    def test_a_drain_says_when_to_come_back(self):
        daemon = self.start()
        sockets = [self.open(daemon, path) for path in self.PATHS]
        daemon.terminate()
        for socket in sockets:
            code, reason = socket.closed()
            self.assertEqual(code, 1001)
            self.assertRegex(reason, r"^restarting; come back in [0-3]\.\d\d s$")
        self.assertEqual(daemon.wait(), 0)

    def test_who_does_not_read(self):
        """To one of chat it is said to come again and recover; of figures it gets the newest: see Realtime."""
        daemon = self.start()
        slow = self.open(daemon, self.PATHS[0])
        slow.do("pause")
        slow.expect("paused")
        writer = self.open(daemon, "/ws/chat?room=birds&user=bert")
        for number in range(400):  # more than the kernel keeps for a connection, and the queue
            writer.do("fill", [60 * KiB])
            writer.message()
        slow.do("resume")
        self.assertEqual(slow.closed()[0], 1013)


if __name__ == "__main__":
    unittest.main()
