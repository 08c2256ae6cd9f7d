# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Traces that are exported by OTLP/HTTP to a collector of our own."""
import json
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from daemon import DaemonTest

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-"


class Collector:
    """On a port of 127.0.0.1; answers with `status` and keeps the spans of what it answered with 200."""

    def __init__(self, port=0, status=200):
        self.status = status
        self.spans = []
        self.resources = []
        self.attempts = 0
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/json"
                collector.attempts += 1
                if collector.status == 200:
                    for resource in body["resourceSpans"]:
                        collector.resources.append(attributes(resource["resource"]))
                        for scope in resource["scopeSpans"]:
                            collector.spans.extend(scope["spans"])
                self.send_response(collector.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def named(self, name):
        return [span for span in list(self.spans) if span["name"] == name]


def attributes(owner):
    return {one["key"]: next(iter(one["value"].values())) for one in owner["attributes"]}


class Traces(DaemonTest):
    def collector(self, **options):
        collector = Collector(**options)
        self.addCleanup(collector.close)
        return collector

    def daemon(self, port, **settings):
        variables = {"GODWIT_TRACES_OTLP_INTERVAL": "20ms", "GODWIT_OUTBOUND_BREAKER_OPEN_FOR": "1ms"}
        variables.update({f"GODWIT_TRACES_OTLP_{name.upper()}": value for name, value in settings.items()})
        return self.start(GODWIT_TRACES_OTLP_ENDPOINT=f"http://127.0.0.1:{port}/v1/traces", **variables)

    def wait_for(self, condition, timeout=40):
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return value

    @staticmethod
    def queue(daemon):
        parts = daemon.get("/api/runtime?kind=queue")[2]["items"]
        return next(part for part in parts if part["name"] == "traces")

    def test_a_request_and_what_was_done_for_it_arrive(self):
        collector = self.collector()
        daemon = self.daemon(collector.port, service="workshop")
        before = time.time_ns()
        daemon.get("/api/users?limit=3", traceparent=PARENT + "01")
        whole, = self.wait_for(lambda: collector.named("GET /api/users"))
        self.assertEqual(whole["traceId"], "0af7651916cd43dd8448eb211c80319c")
        self.assertEqual(whole["parentSpanId"], "b7ad6b7169203331")
        self.assertEqual(whole["kind"], 2)
        self.assertLess(abs(int(whole["startTimeUnixNano"]) - before), 60e9)
        self.assertLess(int(whole["startTimeUnixNano"]), int(whole["endTimeUnixNano"]))
        self.assertEqual(attributes(whole)["http.response.status_code"], "200")
        self.assertEqual(attributes(whole)["url.path"], "/api/users")
        self.assertEqual(attributes(whole)["server.port"], str(daemon.port))
        within = [span for span in collector.spans if span["traceId"] == whole["traceId"] and span is not whole]
        self.assertIn(whole["spanId"], [span["parentSpanId"] for span in within])
        self.assertTrue(any("db.query.text" in attributes(span) for span in within), within)
        self.assertEqual(collector.resources[0]["service.name"], "workshop")

    def test_what_the_caller_has_not_sampled_stays_here(self):
        collector = self.collector()
        daemon = self.daemon(collector.port)
        daemon.get("/health", traceparent=PARENT + "00")
        daemon.get("/health/live")
        self.wait_for(lambda: collector.named("GET /health/live"))
        self.assertEqual(collector.named("GET /health"), [])
        self.assertEqual(daemon.get("/api/traces/" + PARENT.split("-")[1])[0], 200)

    def test_a_collector_that_is_down_gets_them_later(self):
        collector = self.collector()
        collector.close()
        daemon = self.daemon(collector.port)
        daemon.get("/health/live")
        self.wait_for(lambda: self.queue(daemon)["figures"]["retries"])
        later = self.collector(port=collector.port)
        self.wait_for(lambda: later.named("GET /health/live"))

    def test_one_that_is_busy_is_asked_again_and_memory_is_bounded(self):
        collector = self.collector(status=503)
        daemon = self.daemon(collector.port, queue="10")
        for _ in range(100):
            daemon.get("/health/live")
        self.wait_for(lambda: collector.attempts)
        figures = self.wait_for(lambda: (now := self.queue(daemon)["figures"])["dropped"] and now)
        self.assertLessEqual(figures["pending"], 2 * 10)
        self.assertIn(b"\ngodwit_traces_dropped_total ", daemon.get("/metrics")[2])
        collector.status = 200
        self.wait_for(lambda: self.queue(daemon)["figures"]["exported"])

    def test_a_drain_sends_what_waits(self):
        collector = self.collector()
        daemon = self.daemon(collector.port, interval="1h")
        daemon.get("/health/live")
        self.assertEqual(collector.attempts, 0)
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(collector.named("GET /health/live")), 1)

    def test_a_drain_does_not_wait_for_a_collector_that_is_gone(self):
        collector = self.collector()
        collector.close()
        daemon = self.daemon(collector.port)
        daemon.get("/health/live")
        daemon.terminate()
        self.assertEqual(daemon.wait(), 0)
        self.assertIn("traces do not reach 127.0.0.1", daemon.log_text())


if __name__ == "__main__":
    unittest.main()
