# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sensors by a real client: files as Linux shows them, readings that others send, the live socket, history and alerts."""
import datetime
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer
import json

from daemon import DaemonTest, WebSocket

PASSWORD = "a good password"
RULE = {"name": "too warm", "series": "temperature", "condition": "above", "threshold": 30, "hysteresis": 2}


def rfc3339(seconds_ago=0.0):
    when = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Sensors(DaemonTest):
    def begin(self, *arguments, **variables):
        self.iio = os.path.join(self.folder, "iio")
        self.thermal = os.path.join(self.folder, "thermal")
        return self.start(f"--set=sensors.iio_root={self.iio}", f"--set=sensors.thermal_root={self.thermal}",
                          "--set=sensors.interval=50ms", "--set=sensors.flush=100ms", *arguments, **variables)

    def open(self, daemon, path):
        socket = WebSocket(daemon, path)
        self.addCleanup(socket.close)
        return socket

    def write(self, root, path, content):
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full + ".new", "w", encoding="ascii") as file:
            file.write(content)
        os.rename(full + ".new", full)

    def add_bme280(self):
        for name, content in (("in_pressure_input", "101.325000000\n"), ("in_humidityrelative_input", "45678\n"),
                              ("in_temp_input", "22430\n"), ("name", "bme280\n")):
            self.write(self.iio, f"iio:device0/{name}", content)

    def send(self, daemon, *readings, headers=None):
        status, _, answer = daemon.request("POST", "/api/readings", {"readings": list(readings)}, headers)
        self.assertEqual(status, 200, answer)
        return answer["results"]

    def read(self, daemon, query):
        status, _, answer = daemon.get("/api/readings" + query)
        self.assertEqual(status, 200, answer)
        return answer

    def series(self, daemon):
        return {item["series"]: item for item in daemon.get("/api/readings/series")[2]["items"]}

    # ---- Sources and the live socket

    def test_without_sensors_it_says_that_it_simulates(self):
        daemon = self.begin()
        socket = self.open(daemon, "/ws/realtime?interval=20")
        self.assertEqual(socket.status, 101)
        self.until(lambda: socket.receive_json()["source"])  # it looks for sensors first
        for _ in range(10):
            sample = socket.receive_json()
            self.assertEqual(set(sample), {"timestamp", "temperature", "humidity", "pressure", "source"})
            self.assertEqual(sample["source"], "simulated")
            self.assertTrue(10 < sample["temperature"] < 35 and 0 < sample["humidity"] < 100 and 900 < sample["pressure"] < 1100)
        self.until(lambda: "simulated.temperature" in self.series(daemon))
        self.assertEqual(daemon.parts("sensor")["simulator"]["state"], "simulating")
        self.assertEqual({item["source"] for item in self.series(daemon).values()}, {"simulated"})

    def test_what_linux_measures_comes_first(self):
        self.iio = os.path.join(self.folder, "iio")
        self.thermal = os.path.join(self.folder, "thermal")
        self.add_bme280()
        self.write(self.thermal, "thermal_zone0/type", "cpu-thermal\n")
        self.write(self.thermal, "thermal_zone0/temp", "48000\n")
        daemon = self.begin()
        self.until(lambda: "iio.bme280.temperature" in self.series(daemon) and "thermal.cpu-thermal" in self.series(daemon))
        self.send(daemon, {"series": "temperature", "value": 3})
        socket = self.open(daemon, "/ws/realtime?interval=10")
        sample = socket.receive_json()
        del sample["timestamp"]
        self.assertEqual(sample, {"temperature": 22.43, "humidity": 45.678, "pressure": 1013.25, "source": "iio"})
        self.assertEqual(self.series(daemon)["thermal.cpu-thermal"]["value"], 48)
        self.assertNotIn("simulated.temperature", self.series(daemon))
        self.write(self.iio, "iio:device0/in_temp_input", "-1500\n")
        self.until(lambda: socket.receive_json()["temperature"] == -1.5)
        os.unlink(os.path.join(self.iio, "iio:device0/in_temp_input"))
        part = self.until(lambda: (part := daemon.parts("sensor")["iio.bme280"])["state"] == "failing" and part)
        self.assertIn("in_temp_input", part["figures"]["last_failure"])
        self.assertEqual(daemon.parts("sensor")["thermal.cpu-thermal"]["state"], "ok")  # the others go on

    def test_intervals_are_checked_before_the_upgrade(self):
        daemon = self.begin()
        for interval in ("9", "60001", "0", "-1", "1.5", "soon", ""):
            with self.subTest(interval):
                self.assertEqual(self.open(daemon, f"/ws/realtime?interval={interval}").status, 400)
        for interval in ("10", "60000"):
            self.assertEqual(self.open(daemon, f"/ws/realtime?interval={interval}").status, 101)
        self.assertEqual(daemon.get("/ws/realtime")[0], 426)

    def test_each_interval_has_its_own_pace_and_all_have_one_value(self):
        daemon = self.begin()
        self.send(daemon, {"series": "humidity", "value": 40})
        slow = self.open(daemon, "/ws/realtime?interval=60000")
        fast = [self.open(daemon, "/ws/realtime?interval=10") for _ in range(20)]
        first = slow.receive_json()
        self.assertEqual((first["source"], first["humidity"], first["temperature"]), ("ingest", 40, None))
        for socket in fast:
            for _ in range(5):
                self.assertEqual(socket.receive_json(), first)  # measured once, so its time is the same
        for socket in fast:
            socket.close()
        slow.socket.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            slow.receive()
        self.assertEqual(daemon.get("/health/live")[0], 200)

    def test_nothing_is_read_from_a_client(self):
        daemon = self.begin()
        socket = self.open(daemon, "/ws/realtime")
        socket.receive_json()
        socket.send("hello")
        opcode, payload = socket.receive()
        self.assertEqual((opcode, payload[:2]), (WebSocket.CLOSE, b"\x03\xf0"))  # 1008

    def test_a_drain_says_goodbye(self):
        daemon = self.begin()
        socket = self.open(daemon, "/ws/realtime?interval=60000")
        socket.receive_json()
        daemon.terminate()
        opcode, payload = socket.receive()
        self.assertEqual((opcode, payload[:2]), (WebSocket.CLOSE, b"\x03\xe9"))  # 1001
        socket.send(payload[:2], WebSocket.CLOSE)
        self.assertEqual(daemon.wait(), 0)

    def test_a_sensor_that_hangs_holds_nothing_up(self):
        self.thermal = os.path.join(self.folder, "thermal")
        self.write(self.thermal, "thermal_zone0/type", "hung\n")
        os.mkfifo(os.path.join(self.thermal, "thermal_zone0/temp"))  # nobody writes to it
        self.write(self.thermal, "thermal_zone1/type", "good\n")
        self.write(self.thermal, "thermal_zone1/temp", "48000\n")
        daemon = self.begin("--set=server.drain_timeout=60s")
        self.send(daemon, {"series": "room", "value": 1})
        self.until(lambda: daemon.parts("sensor").get("thermal.good", {}).get("figures", {}).get("readings", 0) > 20)
        self.assertEqual(daemon.parts("sensor")["thermal.hung"]["figures"]["readings"], 0)
        daemon.terminate()
        self.assertEqual(daemon.wait(30), 0)
        self.assertIn("a sensor hangs", daemon.log_text())

    # ---- Readings and their history

    def test_a_batch_is_answered_one_by_one(self):
        daemon = self.begin("--set=sensors.series=2")
        now = rfc3339()
        good = {"series": "boiler.flow", "value": 51.5, "unit": "degC", "timestamp": now}
        results = self.send(
            daemon, good, good, {"series": "temperature", "value": 20.5}, {"series": "third", "value": 1},
            {"series": "Bad Name", "value": 1}, {"series": "iio.bme280.temperature", "value": 1},
            {"series": "boiler.flow", "value": "warm"}, {"value": 1}, 7,
            {"series": "boiler.flow", "value": 1, "unit": "degF"}, {"series": "temperature", "value": 1, "unit": "degF"},
            {"series": "boiler.flow", "value": 1, "timestamp": "yesterday"},
            {"series": "boiler.flow", "value": 1, "timestamp": rfc3339(-3600)},
            {"series": "boiler.flow", "value": 1, "timestamp": rfc3339(31 * 86400)})
        self.assertEqual(results[0], {**good, "duplicate": False})
        self.assertEqual(results[1], {**good, "duplicate": True})
        self.assertEqual((results[2]["unit"], results[2]["duplicate"]), ("degC", False))
        self.assertEqual([result["status"] for result in results[3:]], [409, 422, 422, 422, 422, 422, 409, 422, 422, 422, 422])
        for result, named in zip(results[3:], ("2 series", '"series"', '"series"', '"value"', '"series"', '"readings"',
                                               '"unit"', '"unit"', '"timestamp"', '"timestamp"', '"timestamp"')):
            self.assertIn(named, result["detail"])
        self.assertEqual(set(self.series(daemon)) - {"simulated.temperature"}, {"boiler.flow", "temperature"})
        self.assertEqual(daemon.request("POST", "/api/readings", {"readings": [good] * 1001})[0], 422)
        self.assertEqual(daemon.request("POST", "/api/readings", {"readings": 1})[0], 422)
        self.assertEqual(daemon.request("POST", "/api/readings", {})[0], 422)
        self.assertEqual(self.send(daemon), [])

    def test_history_by_steps(self):
        daemon = self.begin()
        base = int(datetime.datetime.now(datetime.timezone.utc).timestamp()) // 60 * 60 - 600

        def when(second):
            return datetime.datetime.fromtimestamp(base + second, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        results = self.send(daemon, *({"series": "room", "value": second, "unit": "V", "timestamp": when(second)}
                                      for second in reversed(range(120))))
        self.assertEqual({result["duplicate"] for result in results}, {False})
        answer = self.read(daemon, f"?series=room&from={when(0)}&to={when(120)}&step=60")
        self.assertEqual((answer["series"], answer["unit"], answer["source"], answer["step"]), ("room", "V", "ingest", 60))
        self.assertEqual([(item["min"], item["avg"], item["max"], item["count"]) for item in answer["items"]],
                         [(0, 29.5, 59, 60), (60, 89.5, 119, 60)])
        self.assertEqual(len(self.read(daemon, f"?series=room&from={when(30)}&to={when(40)}&step=1")["items"]), 10)
        answer = self.read(daemon, f"?series=room&from={when(-7200)}&to={when(120)}&step=1")
        self.assertEqual((answer["step"], len(answer["items"])), (10, 12))  # a day goes back in tens
        self.assertEqual(self.read(daemon, "?series=room")["items"][0]["min"], 0)
        for query, named in (("", '"series"'), ("?series=room&from=today", '"from"'), ("?series=room&to=never", '"to"'),
                             (f"?series=room&from={when(9)}&to={when(9)}", '"from"'), ("?series=room&step=0", '"step"'),
                             ("?series=room&step=x", '"step"'),
                             ("?series=room&from=2020-01-01T00:00:00Z&step=60", '"step"')):
            with self.subTest(query):
                status, _, problem = daemon.get("/api/readings" + query)
                self.assertEqual(status, 400)
                self.assertIn(named, problem["detail"])
        self.assertEqual(daemon.get("/api/readings?series=none")[0], 404)

    def test_a_restart_keeps_the_history(self):
        daemon = self.begin()
        self.send(daemon, *({"series": "room", "value": value, "timestamp": rfc3339(value * 100)} for value in range(50)))
        query = f"?series=room&from={rfc3339(7200)}&to={rfc3339(-1)}&step=10"
        before = self.read(daemon, query)["items"]
        self.assertEqual(sum(item["count"] for item in before), 50)
        self.assertEqual(daemon.stop(), 0)  # what is not on disk yet goes there
        daemon = self.begin()
        self.until(lambda: daemon.parts("sensor")["history"]["state"] == "ok")
        self.assertEqual(self.read(daemon, query)["items"], before)
        self.assertIsNone(self.series(daemon)["room"]["value"])  # nothing is measured now
        self.until(lambda: daemon.parts("sensor")["history"]["figures"]["saved"] > 0)
        daemon.kill()
        daemon = self.begin()
        self.until(lambda: daemon.parts("sensor")["history"]["state"] == "ok")
        self.assertEqual(self.read(daemon, query)["items"], before)

    # ---- Alerts

    def test_an_alert_is_raised_told_and_resolved(self):
        told = []

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self):
                told.append((json.loads(self.rfile.read(int(self.headers["Content-Length"]))), self.headers["X-Godwit-Signature"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass
        hook = HTTPServer(("127.0.0.1", 0), Hook)
        self.addCleanup(hook.server_close)
        self.addCleanup(hook.shutdown)
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        daemon = self.begin("--set=outbound.allow=127.0.0.1", f"--set=webhooks.url=http://127.0.0.1:{hook.server_port}/",
                            "--set=webhooks.secret=a-secret-of-some-length")
        status, headers, rule = daemon.request("POST", "/api/alerts/rules", RULE)
        self.assertEqual((status, headers["Location"]), (201, f"/api/alerts/rules/{rule['id']}"))
        self.assertEqual((rule["state"], rule["for"]), ("ok", 0))
        self.send(daemon, {"series": "temperature", "value": 31})
        alert = self.until(lambda: (daemon.get("/api/alerts?state=firing")[2]["items"] or [None])[0])
        self.assertEqual((alert["rule_id"], alert["value"], alert["state"], alert["resolved_at"]), (rule["id"], 31, "firing", None))
        self.assertEqual(daemon.get("/api/alerts/rules")[2]["items"][0]["state"], "firing")
        self.until(lambda: told)
        daemon.stop()
        daemon = self.begin("--set=outbound.allow=127.0.0.1", f"--set=webhooks.url=http://127.0.0.1:{hook.server_port}/",
                            "--set=webhooks.secret=a-secret-of-some-length")
        self.assertEqual(daemon.get("/api/alerts/rules")[2]["items"][0]["state"], "firing")  # as it was
        self.send(daemon, {"series": "temperature", "value": 29})  # not yet: hysteresis
        self.send(daemon, {"series": "temperature", "value": 28})
        resolved = self.until(lambda: (daemon.get("/api/alerts?state=resolved")[2]["items"] or [None])[0])
        self.assertEqual(resolved["id"], alert["id"])
        self.until(lambda: len(told) == 2)
        self.assertEqual([event["type"] for event, _ in told], ["alert.firing", "alert.resolved"])
        self.assertEqual([event["data"]["id"] for event, _ in told], [alert["id"]] * 2)
        self.assertTrue(all(signature.startswith("t=") for _, signature in told))
        self.assertEqual(daemon.request("DELETE", f"/api/alerts/rules/{rule['id']}")[0], 204)
        self.assertEqual(daemon.request("DELETE", f"/api/alerts/rules/{rule['id']}")[0], 404)
        self.assertEqual(daemon.get("/api/alerts/rules")[2], {"items": [], "next": None})
        self.assertEqual(len(daemon.get("/api/alerts")[2]["items"]), 1)  # the past stays
        for wrong in ({**RULE, "condition": "equal"}, {**RULE, "threshold": None}, {**RULE, "for": -1}, {}):
            self.assertEqual(daemon.request("POST", "/api/alerts/rules", wrong)[0], 422)
        self.assertEqual(daemon.get("/api/alerts?state=odd")[0], 400)

    def test_silence_is_an_alert(self):
        daemon = self.begin()
        self.send(daemon, {"series": "room", "value": 1})
        rule = {"name": "silent", "series": "room", "condition": "no_data", "for": 1}
        self.assertEqual(daemon.request("POST", "/api/alerts/rules", rule)[0], 201)
        alert = self.until(lambda: (daemon.get("/api/alerts?state=firing")[2]["items"] or [None])[0])
        self.assertEqual(alert["condition"], "no_data")
        self.send(daemon, {"series": "room", "value": 1})
        self.until(lambda: daemon.get("/api/alerts?state=resolved")[2]["items"])

    # ---- Who may

    def test_roles(self):
        daemon = self.begin(GODWIT_AUTH_MODE="token")
        admin = daemon.local()
        logins = {}
        for role in ("viewer", "member", "operator"):
            user = {"name": role, "password": PASSWORD, "role": role}
            self.assertEqual(daemon.request("POST", "/api/users", user, admin)[0], 201)
            _, _, tokens = daemon.request("POST", "/api/auth/login", {"user": role, "password": PASSWORD})
            logins[role] = {"Authorization": "Bearer " + tokens["access_token"]}
        batch = {"readings": [{"series": "room", "value": 1}]}
        for method, path, body, allowed in (
                ("POST", "/api/readings", batch, ("member", "operator")),
                ("GET", "/api/readings/series", None, ("viewer", "member", "operator")),
                ("GET", "/api/readings?series=room", None, ("viewer", "member", "operator")),
                ("GET", "/api/alerts", None, ("viewer", "member", "operator")),
                ("GET", "/api/alerts/rules", None, ("viewer", "member", "operator")),
                ("POST", "/api/alerts/rules", RULE, ("operator",)),
                ("DELETE", "/api/alerts/rules/1", None, ("operator",))):
            with self.subTest(f"{method} {path}"):
                self.assertEqual(daemon.request(method, path, body)[0], 401)
                for role, headers in logins.items():
                    status = daemon.request(method, path, body, headers)[0]
                    self.assertEqual(status == 403, role not in allowed, (role, status))
        self.assertEqual(self.open(daemon, "/ws/realtime").status, 401)
        ticket = daemon.request("POST", "/api/auth/ticket", headers=logins["viewer"])[2]["ticket"]
        self.assertEqual(self.open(daemon, f"/ws/realtime?ticket={ticket}").status, 101)


if __name__ == "__main__":
    unittest.main()
