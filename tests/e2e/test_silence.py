# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections on which nothing is said for a minute: comments keep event streams alive, pings find out about WebSockets."""
import re
import subprocess
import time
import unittest

from realclients import NodeTest

SECONDS = 66
SOCKETS = ("/ws/chat?room=birds&user=anna", "/ws/session?user=anna", "/ws/realtime?interval=60000")


class Silence(NodeTest):
    def test_a_minute(self):
        daemon = self.start()
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": "sleep", "params": {"seconds": 600, "steps": 1}})
        self.assertEqual(status, 202)
        streams = {path: subprocess.Popen(["curl", "-s", "-N", "--max-time", str(SECONDS), daemon.url + path], stdout=subprocess.PIPE)
                   for path in ("/api/events/time?interval=3600", f"/api/tasks/{task['id']}/events", "/api/logs/stream?level=error")}
        begun = time.monotonic()
        alive = [self.open(daemon, path) for path in SOCKETS]
        deaf = [self.open(daemon, path, autoPong=False) for path in SOCKETS]
        for path, stream in streams.items():
            with self.subTest(path):
                output = stream.communicate(timeout=SECONDS + 30)[0].decode()
                self.assertEqual(stream.returncode, 28)  # it was curl that had enough
                self.assertIn(len(re.findall(r"^: ?$", output, re.MULTILINE)), (4, 5), output)  # one each 15 s
        self.assertGreater(time.monotonic() - begun, SECONDS - 1)
        for socket in alive:
            for _ in range(3):  # one every 20 s, which the client has answered
                socket.expect("ping", 1)
            socket.do("ping", "still there?")
            self.assertEqual(socket.expect("pong")["payload"], "still there?")
        for socket in deaf:
            happened = [one["what"] for one in socket.rest()]
            self.assertEqual(happened.count("ping"), 2)  # both have been missed
            self.assertEqual(happened[-1], "close")


if __name__ == "__main__":
    unittest.main()
