# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sensors, readings and alerts by curl, and by npm's `eventsource` what is told of them."""
import datetime
import json
import os
import time
import unittest
import urllib.parse

from realclients import CurlTest, NodeTest

NONE = ("--set=sensors.iio_root=", "--set=sensors.thermal_root=")


class Readings(CurlTest):
    def test_a_batch_and_its_history(self):
        self.daemon = self.start("--set=sensors.flush=100ms")
        end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        sent = [{"series": "boiler.flow", "value": value, "unit": "degC",
                 "timestamp": (end - datetime.timedelta(seconds=20 - value)).isoformat()} for value in range(20)]
        sent.insert(5, {"series": "boiler.flow", "value": "hot"})
        _, answer = self.send("/api/readings", {"readings": sent})
        self.assertEqual(len(answer["results"]), 21)
        self.assertEqual(answer["results"][5]["status"], 422)
        self.assertEqual(answer["results"][6]["value"], 5)
        listed = {item["series"]: item for item in self.get("/api/readings/series")["items"]}
        self.assertEqual((listed["boiler.flow"]["value"], listed["boiler.flow"]["unit"]), (19, "degC"))
        for query, count in (("", 20), ("&step=10", 3), ("&step=60", 2)):
            with self.subTest(query):
                minute = datetime.timedelta(seconds=60)
                times = urllib.parse.urlencode({"from": (end - minute).isoformat(), "to": (end + minute).isoformat()})
                items = self.get(f"/api/readings?series=boiler.flow{query}&{times}")["items"]
                self.assertEqual(sum(item["count"] for item in items), 20)
                self.assertLessEqual(len(items), count)
                self.assertEqual((min(item["min"] for item in items), max(item["max"] for item in items)), (0, 19))
        self.get("/api/readings?series=none", 404)
        self.get("/api/readings?series=boiler.flow&step=0", 400)

    def test_an_alert(self):
        self.daemon = self.start("--set=sensors.interval=50ms")
        rule = {"name": "warm", "series": "room", "condition": "above", "threshold": 30, "hysteresis": 2}
        _, rule = self.send("/api/alerts/rules", rule, 201)
        for value, firing in ((29, 0), (31, 1), (29, 1), (27, 0)):
            self.send("/api/readings", {"readings": [{"series": "room", "value": value}]})
            self.until(lambda firing=firing: len(self.get("/api/alerts?state=firing")["items"]) == firing)
        alert, = self.get("/api/alerts?state=resolved")["items"]
        self.assertEqual(alert["rule_id"], rule["id"])


class Thermal(CurlTest):
    def write(self, path, content):
        full = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full + ".new", "w", encoding="ascii") as file:
            file.write(content)
        os.rename(full + ".new", full)

    def begin(self):
        self.daemon = self.start("--set=sensors.iio_root=", "--set=sensors.thermal_root=" + self.folder, "--set=sensors.simulate=false",
                                 "--set=sensors.interval=50ms")

    def series(self):
        return {item["series"]: item for item in self.get("/api/readings/series")["items"]}

    def test_zones(self):
        self.write("thermal_zone0/type", "cpu-thermal\n")
        self.write("thermal_zone0/temp", "48000\n")
        self.write("thermal_zone1/type", "outside\n")
        self.write("thermal_zone1/temp", "-5250\n")
        self.begin()
        self.until(lambda: {"thermal.cpu-thermal", "thermal.outside"} <= set(self.series()))
        series = self.series()
        self.assertEqual([(item["value"], item["unit"], item["source"]) for item in series.values()],
                         [(48, "degC", "thermal"), (-5.25, "degC", "thermal")])
        self.write("thermal_zone0/temp", "51500\n")
        self.until(lambda: self.series()["thermal.cpu-thermal"]["value"] == 51.5)
        items = self.get("/api/readings?series=thermal.cpu-thermal")["items"]
        self.assertEqual((min(item["min"] for item in items), max(item["max"] for item in items)), (48, 51.5))
        os.unlink(os.path.join(self.folder, "thermal_zone0/temp"))
        part = self.until(lambda: (part := self.parts("sensor")["thermal.cpu-thermal"])["state"] == "failing" and part)
        self.assertIn("temp", part["figures"]["last_failure"])
        self.assertEqual(self.parts("sensor")["thermal.outside"]["state"], "ok")
        self.write("thermal_zone0/temp", "47000\n")
        self.until(lambda: self.series()["thermal.cpu-thermal"]["value"] == 47)

    def test_one_that_hangs(self):
        """A pipe to which nobody writes: opening it takes until somebody does."""
        self.write("thermal_zone0/type", "hung\n")
        pipe = os.path.join(self.folder, "thermal_zone0/temp")
        os.mkfifo(pipe)
        self.write("thermal_zone1/type", "good\n")
        self.write("thermal_zone1/temp", "48000\n")
        self.begin()

        def readings(name):
            return self.parts("sensor").get("thermal." + name, {"figures": {"readings": 0}})["figures"]["readings"]

        self.until(lambda: readings("good") > 20)
        self.assertEqual(readings("hung"), 0)
        self.send("/api/readings", {"readings": [{"series": "room", "value": 21}]})
        self.assertEqual(set(self.series()), {"room", "thermal.good"})
        with open(pipe, "w", encoding="ascii") as file:
            file.write("20000\n")
        self.until(lambda: readings("hung") == 1)
        self.assertEqual(self.series()["thermal.hung"]["value"], 20)
        before = readings("good")
        self.until(lambda: readings("good") > before)


class Rings(CurlTest):
    HISTORIES = (("seconds", 1, 600), ("tens", 10, 5 * 3600), ("minutes", 60, 3 * 86_400))  # the finest step so many seconds ago

    def begin(self):
        self.daemon = self.start(*NONE, "--set=sensors.flush=100ms")
        self.until(lambda: self.parts("sensor")["history"]["state"] == "ok")

    def when(self, seconds_ago):
        return datetime.datetime.fromtimestamp(self.now - seconds_ago, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def read(self, series, step, ago):
        answer = self.get(f"/api/readings?series={series}&from={self.when(ago)}&to={self.when(ago - 3600)}&step={step}")
        return answer["step"], [(item["min"], item["avg"], item["max"], item["count"]) for item in answer["items"]]

    def read_all(self):
        return {(series, step): self.read(series, step, ago) for series, _, ago in self.HISTORIES for step in (1, 10, 60)}

    def saved(self):
        return self.parts("sensor")["history"]["figures"]["saved"]

    def test_over_a_restart(self):
        """What is kept of an hour, of a day and of thirty days; of the finer rings the coarser ones are roll-ups."""
        self.now = int(time.time()) // 60 * 60
        self.begin()
        counts = {"seconds": 120, "tens": 60, "minutes": 30}
        sent = [{"series": series, "value": number, "timestamp": self.when(ago - number * step)}
                for series, step, ago in self.HISTORIES for number in range(counts[series])]
        _, answer = self.send("/api/readings", {"readings": sent})
        self.assertEqual({result.get("duplicate") for result in answer["results"]}, {False})
        kept = self.read_all()
        for series, finest, _ in self.HISTORIES:
            for step in (1, 10, 60):
                with self.subTest(f"{series} by {step}"):
                    step_of_answer = max(step, finest)
                    each = step_of_answer // finest
                    self.assertEqual(kept[series, step], (step_of_answer, [
                        (first, first + (each - 1) / 2, first + each - 1, each) for first in range(0, counts[series], each)]))
        self.assertEqual(self.daemon.stop(), 0)  # what is not on disk yet goes there
        self.begin()
        self.assertEqual(self.read_all(), kept)
        self.send("/api/readings", {"readings": [{"series": "seconds", "value": 1000, "timestamp": self.when(480)}]})
        self.until(lambda: self.saved() > 0)
        kept = self.read_all()
        self.assertEqual(kept["seconds", 60][1][-1], (1000, 1000, 1000, 1))
        self.daemon.kill()
        self.begin()
        self.assertEqual(self.read_all(), kept)


class Alerts(NodeTest, CurlTest):
    def begin(self):
        self.daemon = self.start(*NONE, "--set=sensors.interval=50ms")
        self.told = self.source(self.daemon, "/api/stream?topics=alerts", "alerts")
        self.told.expect("open")

    def rule(self, name, condition, seconds, **more):
        return self.send("/api/alerts/rules", {"name": name, "series": "room", "condition": condition, "for": seconds, **more}, 201)[1]

    def measure(self, value):
        """When that was."""
        result, = self.send("/api/readings", {"readings": [{"series": "room", "value": value}]})[1]["results"]
        return datetime.datetime.fromisoformat(result["timestamp"])

    def heard(self, rule, state):
        """The next that is told is of that rule; as it is kept."""
        told = json.loads(self.told.event()["data"])
        self.assertEqual((told["type"], told["rule_id"], told["state"]), ("alert", rule["id"], state))
        alert, = (alert for alert in self.get("/api/alerts")["items"] if alert["id"] == told["id"])
        self.assertEqual((alert["rule_id"], alert["condition"], alert["value"]), (rule["id"], told["condition"], told["value"]))
        return alert

    def standings(self):
        return {rule["name"]: rule["state"] for rule in self.get("/api/alerts/rules")["items"]}

    def assert_seconds(self, least, begun, ended):
        self.assertGreaterEqual((datetime.datetime.fromisoformat(ended) - begun).total_seconds(), least - 0.05)  # of two clocks

    def test_only_what_lasts(self):
        self.begin()
        patient = self.rule("patient", "above", 3600, threshold=30)
        quick = self.rule("quick", "above", 0.5, threshold=30)
        self.assertEqual((patient["for"], quick["for"]), (3600, 0.5))
        begun = self.measure(31)
        firing = self.heard(quick, "firing")
        self.assert_seconds(0.5, begun, firing["fired_at"])
        self.assertEqual((firing["value"], firing["resolved_at"]), (31, None))
        self.until(lambda: self.standings() == {"patient": "pending", "quick": "firing"})
        self.measure(29)
        resolved = self.heard(quick, "resolved")
        self.assertEqual((resolved["id"], resolved["fired_at"]), (firing["id"], firing["fired_at"]))
        self.until(lambda: self.standings() == {"patient": "ok", "quick": "resolved"})
        alert, = self.get("/api/alerts")["items"]  # one has waited in vain
        self.assertEqual(alert, resolved)
        self.measure(31)
        self.assertNotEqual(self.heard(quick, "firing")["id"], firing["id"])

    def test_no_data(self):
        self.begin()
        rule = self.rule("silent", "no_data", 1)
        firing = self.heard(rule, "firing")  # as it has never spoken
        self.assert_seconds(1, datetime.datetime.fromisoformat(rule["created_at"]), firing["fired_at"])
        self.assertEqual((firing["condition"], firing["value"]), ("no_data", None))
        self.until(lambda: self.measure(21) and self.get("/api/alerts?state=resolved")["items"])
        self.assertEqual(self.heard(rule, "resolved")["id"], firing["id"])
        self.assertNotEqual(self.heard(rule, "firing")["id"], firing["id"])  # silent again


if __name__ == "__main__":
    unittest.main()
