# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser: Chromium, with its own EventSource and WebSocket, and our front page in it."""
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

from daemon import DaemonTest
from realclients import NODE, install_node_clients

# A page's EventSource, which writes down what it hears.
LISTEN = """{
  const source = new EventSource(%s), heard = { events: [], errors: 0 };
  (window.sources ??= []).push({ source, heard });
  source.onerror = () => heard.errors++;
  for (const name of ['message', ...%s])
    source.addEventListener(name, (event) => heard.events.push({ name, data: event.data, id: event.lastEventId }));
}"""
CHAT = """new Promise((resolve, reject) => {
  const socket = new WebSocket(%s);
  socket.onopen = () => socket.send('from a page');
  socket.onmessage = (event) => { resolve(event.data); socket.close(1000); };
  socket.onerror = () => reject(new Error('refused'));
})"""


class Page(http.server.BaseHTTPRequestHandler):
    """Of somebody else's, and without a policy of its own that would keep it from us."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>a page</title>")

    def log_message(self, *_):
        pass


class Browser(DaemonTest):
    @classmethod
    def setUpClass(cls):
        install_node_clients()
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            raise AssertionError("this test needs Chromium: ./dev test --long installs Debian's")
        profile = tempfile.TemporaryDirectory(prefix="godwit-browser-", ignore_cleanup_errors=True)
        cls.addClassCleanup(profile.cleanup)
        cls.browser = subprocess.Popen(["node", "browser.mjs", program, profile.name], cwd=NODE, text=True, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        cls.addClassCleanup(cls.quit)

    @classmethod
    def quit(cls):
        cls.browser.stdin.close()
        cls.browser.wait(20)
        cls.browser.stdout.close()

    def do(self, command, argument):
        self.browser.stdin.write(json.dumps([command, argument]) + "\n")
        self.browser.stdin.flush()
        answer = json.loads(self.browser.stdout.readline() or '{"error": "the browser has ended"}')
        if "error" in answer:
            raise AssertionError(f"{command} {argument}: {answer['error']}")
        return answer["value"]

    def evaluate(self, expression):
        return self.do("evaluate", expression)

    def listen(self, path, *names):
        """The number of a new EventSource in the page."""
        self.evaluate(LISTEN % (json.dumps(path), json.dumps(names)))
        return self.evaluate("sources.length - 1")

    def heard(self, source):
        return self.evaluate(f"sources[{source}].heard")

    def begin(self, **variables):
        self.variables = variables
        self.daemon = self.start(**variables)
        self.do("go", self.daemon.url + "/")

    def again(self):
        self.daemon = self.start(port=self.daemon.port, **self.variables)

    def text(self, name):
        return self.evaluate(f"document.getElementById({json.dumps(name)}).textContent")

    def test_killed_and_started_again(self):
        self.begin()
        _, _, task = self.daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 1}})
        time, metrics = self.listen("/api/events/time?interval=0.05"), self.listen("/api/metrics/stream", "metrics", "gap")
        progress = self.listen(f"/api/tasks/{task['id']}/events", "progress", "end")
        for source in (time, metrics, progress):
            self.until(lambda source=source: self.heard(source)["events"])
        self.until(lambda: self.text("state") == "Live.")
        self.daemon.kill()
        self.until(lambda: self.text("state").startswith("The connection is lost"))
        before = {source: self.until(lambda source=source: (now := self.heard(source))["errors"] and now)["events"]
                  for source in (time, metrics, progress)}
        self.again()
        after = {source: self.until(lambda source=source: self.heard(source)["events"][len(before[source]):], 30)
                 for source in (time, metrics)}
        # With its Last-Event-ID it is told the next; what was measured by the one that was killed is gone, which is told too.
        self.assertEqual(int(after[time][0]["id"]), int(before[time][-1]["id"]) + 1)
        self.assertEqual((after[metrics][0]["name"], json.loads(after[metrics][0]["data"])["recovered"]), ("gap", False))
        # The task is followed to its end; nobody closes the EventSource, and yet it does not start over.
        self.until(lambda: self.evaluate(f"sources[{progress}].source.readyState === EventSource.CLOSED"), 30)
        *_, last, end = self.heard(progress)["events"]
        self.assertEqual((json.loads(last["data"])["status"], end["name"]), ("completed", "end"))
        self.assertEqual([event["name"] for event in self.heard(progress)["events"]].count("end"), 1)
        # So does our own page.
        self.until(lambda: self.text("state") == "Live.")
        self.assertRegex(self.text("memory_usage"), r"^\d+\.\d %$")

    def test_stopped_and_started_again(self):
        self.begin()
        time = self.listen("/api/events/time?interval=0.05", "end")
        self.until(lambda: self.heard(time)["events"])
        self.assertEqual(self.daemon.stop(), 0)
        before = self.heard(time)["events"]
        self.again()
        after = self.until(lambda: self.heard(time)["events"][len(before):], 30)
        self.assertEqual((after[0]["name"], int(after[0]["id"])), ("message", int(before[-1]["id"]) + 1))

    def test_a_login_outlives_a_kill(self):
        """Our front page takes another ticket each time."""
        self.begin(GODWIT_AUTH_MODE="token")
        self.until(lambda: self.text("state") == "The live figures need a login.")
        with open(os.path.join(self.data, "admin-password"), encoding="utf-8") as file:
            password = file.read().strip()
        self.evaluate(f"""{{ const form = document.getElementById('login');
            form.elements.user.value = 'admin'; form.elements.password.value = {json.dumps(password)}; form.requestSubmit(); }}""")
        self.until(lambda: self.text("state") == "Live.")
        self.daemon.kill()
        self.until(lambda: self.text("state").startswith("The connection is lost"))
        self.again()
        self.until(lambda: self.text("state") == "Live.", 30)

    def test_a_chat(self):
        self.begin()
        address = self.daemon.url.replace("http", "ws", 1) + "/ws/chat?room=birds&user=anna"
        message = json.loads(self.evaluate(CHAT % json.dumps(address)))
        self.assertEqual((message["user"], message["message"], message["offset"]), ("anna", "from a page", 1))

    def test_pages_of_others(self):
        """They get neither a socket nor a stream, unless they are named."""
        stranger = http.server.HTTPServer(("127.0.0.1", 0), Page)
        self.addCleanup(stranger.server_close)
        serving = threading.Thread(target=stranger.serve_forever)
        serving.start()
        self.addCleanup(serving.join)
        self.addCleanup(stranger.shutdown)
        origin = f"http://127.0.0.1:{stranger.server_port}"
        for origins in ([], [f"--set=cors.origins={origin}"]):
            with self.subTest(origins):
                daemon = self.start(*origins)
                self.do("go", origin)
                address = daemon.url.replace("http", "ws", 1) + "/ws/chat?room=birds&user=anna"
                source = self.listen(daemon.url + "/api/events/time?interval=0.05")
                if origins:
                    self.assertEqual(json.loads(self.evaluate(CHAT % json.dumps(address)))["message"], "from a page")
                    self.until(lambda source=source: self.heard(source)["events"])
                else:
                    with self.assertRaisesRegex(AssertionError, "refused"):
                        self.evaluate(CHAT % json.dumps(address))
                    self.until(lambda source=source: self.heard(source)["errors"])
                    self.assertEqual(self.heard(source)["events"], [])
                self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
