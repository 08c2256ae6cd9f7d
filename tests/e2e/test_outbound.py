# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the daemon asks of other servers: the task `fetch`, and webhooks."""
import hashlib
import hmac
import json
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from daemon import DaemonTest


class Upstream:
    """A server on a free port of 127.0.0.1: `answer(path, number)` gives status, headers and body."""

    def __init__(self, answer):
        self.requests = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream.requests.append((self.command, self.path, dict(self.headers), body))
                status, headers, content = answer(self.path, len(upstream.requests))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = respond

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Outbound(DaemonTest):
    def upstream(self, answer):
        upstream = Upstream(answer)
        self.addCleanup(upstream.close)
        return upstream

    def wait_for(self, condition, timeout=20):
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        return value

    def fetch(self, daemon, **params):
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": "fetch", "params": params})
        self.assertEqual(status, 202, task)

        def ended():
            now = daemon.get(f"/api/tasks/{task['id']}")[2]
            return now["status"] not in ("queued", "running") and now

        return self.wait_for(ended)

    @staticmethod
    def metrics(daemon):
        lines = daemon.get("/metrics")[2].decode().splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("godwit_") and "{" not in line}

    def test_private_addresses_are_refused_by_default(self):
        upstream = self.upstream(lambda *_: (200, {}, b"secret"))
        daemon = self.start()
        urls = [upstream.url, upstream.url.replace("127.0.0.1", "localhost"), "http://169.254.169.254/latest/meta-data/",
                upstream.url.replace("127.0.0.1", "2130706433"), upstream.url.replace("127.0.0.1", "[::ffff:7f00:1]")]
        task = self.fetch(daemon, urls=urls)
        self.assertEqual(task["status"], "completed")
        for url, result in zip(urls, task["result"]["results"]):
            self.assertIn("[outbound] allow", result["problem"]["detail"], url)
        self.assertEqual(upstream.requests, [])
        self.assertEqual(self.metrics(daemon)["godwit_outbound_refused_total"], len(urls))

    def test_retry_and_breaker_are_seen(self):
        well = self.upstream(lambda path, number: (503, {}, b"") if number == 1
                             else (302, {"Location": "/there"}, b"") if path == "/redirect"
                             else (200, {"Content-Type": "text/x-test"}, b"godwit"))
        failing = self.upstream(lambda *_: (500, {}, b"broken"))
        daemon = self.start(GODWIT_OUTBOUND_ALLOW="127.0.0.1", GODWIT_OUTBOUND_RETRY_DELAY="1ms")
        task = self.fetch(daemon, urls=[f"{well.url}/a", f"{well.url}/redirect"], concurrency=1)
        first, second = task["result"]["results"]
        self.assertEqual((first["status"], first["attempts"]), (200, 2))
        self.assertEqual(first["sha256"], hashlib.sha256(b"godwit").hexdigest())
        self.assertEqual((first["bytes"], first["content_type"]), (6, "text/x-test"))
        self.assertEqual(second["status"], 200)
        self.assertEqual([path for _, path, _, _ in well.requests], ["/a", "/a", "/redirect", "/there"])
        self.assertTrue(well.requests[0][2]["User-Agent"].startswith("godwit/"))

        task = self.fetch(daemon, urls=[f"{failing.url}/{i}" for i in range(8)], concurrency=1)
        results = task["result"]["results"]
        self.assertEqual([result.get("status") for result in results], [500] * 5 + [None] * 3)
        self.assertEqual(results[7]["problem"]["decider"]["kind"], "circuit_breaker")
        self.assertEqual(len(failing.requests), 5)
        self.assertEqual((task["result"]["succeeded"], task["result"]["failed"]), (0, 8))
        figures = self.metrics(daemon)
        self.assertEqual(figures["godwit_outbound_open_breakers"], 1)
        self.assertEqual(figures["godwit_outbound_retries_total"], 1)
        self.assertEqual(daemon.stop(), 0)

    def test_faults_of_upstreams_are_seen(self):
        well = self.upstream(lambda *_: (200, {}, b"godwit"))
        daemon = self.start("--allow-faults", "--set", "faults.upstream_errors=100", "--set", "outbound.retry_delay=1ms",
                            "--set", "outbound.allow=127.0.0.1")
        results = self.fetch(daemon, urls=[well.url] * 3, concurrency=1)["result"]["results"]
        self.assertIn("does not answer", results[0]["problem"]["detail"])
        self.assertEqual(results[2]["problem"]["decider"]["kind"], "circuit_breaker")
        self.assertEqual(well.requests, [])
        self.assertEqual(self.metrics(daemon)["godwit_outbound_attempts_total"], 5)

    def test_wrong_params_are_refused(self):
        daemon = self.start()
        for params in ({}, {"urls": []}, {"urls": ["file:///etc/passwd"]}, {"urls": ["http://a/"], "concurrency": 0}):
            status, _, problem = daemon.request("POST", "/api/tasks", {"kind": "fetch", "params": params})
            self.assertEqual(status, 422, problem)

    def test_webhooks_are_signed_and_tried_again(self):
        hook = self.upstream(lambda path, number: (503 if number == 1 else 204, {}, b""))
        daemon = self.start(GODWIT_OUTBOUND_ALLOW="127.0.0.1", GODWIT_WEBHOOKS_URL=f"{hook.url}/hook",
                            GODWIT_WEBHOOKS_SECRET="a secret", GODWIT_WEBHOOKS_RETRY_DELAY="1ms")
        _, _, task = daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}})
        self.wait_for(lambda: len(hook.requests) == 2)
        for method, path, headers, body in hook.requests:
            self.assertEqual((method, path), ("POST", "/hook"))
            stamp, code = (part.split("=")[1] for part in headers["X-Godwit-Signature"].split(","))
            self.assertEqual(code, hmac.new(b"a secret", stamp.encode() + b"." + body, hashlib.sha256).hexdigest())
            self.assertLess(abs(time.time() - int(stamp)), 60)
            event = json.loads(body)
            self.assertEqual(event["type"], "task.completed")
            self.assertEqual(event["id"], headers["X-Godwit-Event-Id"])
            self.assertEqual((event["data"]["task_id"], event["data"]["status"]), (task["id"], "completed"))
        self.assertEqual(hook.requests[0][3], hook.requests[1][3])
        self.wait_for(lambda: self.metrics(daemon)["godwit_webhooks_delivered_total"] == 1)
        self.assertEqual(daemon.stop(), 0)

    def test_a_drain_delivers_what_waits(self):
        statuses = [503]
        hook = self.upstream(lambda *_: (statuses[0], {}, b""))
        daemon = self.start(GODWIT_OUTBOUND_ALLOW="127.0.0.1", GODWIT_WEBHOOKS_URL=hook.url,
                            GODWIT_WEBHOOKS_SECRET="s", GODWIT_WEBHOOKS_RETRY_DELAY="1m")
        daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}})
        self.wait_for(lambda: hook.requests)
        statuses[0] = 204
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(hook.requests), 2)
        self.assertNotIn("has not arrived", daemon.log_text())

    def test_a_webhook_inside_says_how_to_allow_it(self):
        daemon = self.start(GODWIT_WEBHOOKS_URL="http://127.0.0.1:9/", GODWIT_WEBHOOKS_SECRET="s")
        daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 0}})
        self.wait_for(lambda: "has not arrived: 127.0.0.1 is a loopback address" in daemon.log_text())
        self.assertIn("[outbound] allow", daemon.log_text())


if __name__ == "__main__":
    unittest.main()
