# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readings, sensors and alerts by curl."""
import datetime
import unittest
import urllib.parse

from realclients import CurlTest


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


if __name__ == "__main__":
    unittest.main()
