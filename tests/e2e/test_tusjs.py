# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads by the public client: tus-js-client on node."""
import hashlib
import os
import random
import subprocess
import unittest

from daemon import DaemonTest
from realclients import NODE, install_node_clients

SIZE = 60_000_001


class TusJs(DaemonTest):
    @classmethod
    def setUpClass(cls):
        install_node_clients()

    def setUp(self):
        super().setUp()
        self.content = random.Random(7).randbytes(SIZE)
        self.path = os.path.join(self.folder, "content")
        with open(self.path, "wb") as file:
            file.write(self.content)

    def client(self, port, *what):
        client = subprocess.Popen(["node", "upload.mjs", f"http://127.0.0.1:{port}/api/uploads", self.path, "näme.bin", *what],
                                  cwd=NODE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.kill)
        return client

    def assert_uploaded(self, daemon):
        status, _, body = daemon.get("/files/n%C3%A4me.bin")
        self.assertEqual((status, hashlib.sha256(body).hexdigest()), (200, hashlib.sha256(self.content).hexdigest()))

    def test_killed_and_started_again_meanwhile(self):
        daemon = self.start()
        port = daemon.port
        client = self.client(port)
        lines = [client.stdout.readline() for _ in range(3)]
        self.assertEqual(lines[2], f"{3 * 4 * 1024 * 1024} of {SIZE}\n")
        daemon.kill()
        again = self.start("--listen", f"127.0.0.1:{port}")
        output, _ = client.communicate(timeout=60)
        self.assertEqual((client.returncode, output.splitlines()[-1]), (0, "done"), output)
        self.assert_uploaded(again)
        self.assertEqual(again.stop(), 0)

    def test_paused_and_resumed(self):
        daemon = self.start()
        client = self.client(daemon.port, "pause")
        output, _ = client.communicate(timeout=60)
        self.assertEqual((client.returncode, output.splitlines()[-1]), (0, "done"), output)
        self.assert_uploaded(daemon)

    def test_terminated(self):
        daemon = self.start()
        client = self.client(daemon.port, "terminate")
        output, _ = client.communicate(timeout=60)
        self.assertEqual((client.returncode, output.splitlines()[-1]), (0, "done"), output)
        self.assertEqual(os.listdir(os.path.join(self.data, "files", ".uploads")), [])
        self.assertEqual(daemon.get("/files/n%C3%A4me.bin")[0], 404)

    def test_each_part_has_a_checksum(self):
        daemon = self.start()
        client = self.client(daemon.port, "checksum")
        output, _ = client.communicate(timeout=60)
        self.assertEqual((client.returncode, output.splitlines()[-1]), (0, "done"), output)
        self.assert_uploaded(daemon)

    def test_a_wrong_checksum(self):
        daemon = self.start()
        client = self.client(daemon.port, "wrong")
        output, _ = client.communicate(timeout=60)
        self.assertEqual((client.returncode, output.splitlines()), (1, [f"{4 * 1024 * 1024} of {SIZE}", "refused: 460"]))
        self.assertEqual(daemon.get("/files/n%C3%A4me.bin")[0], 404)


if __name__ == "__main__":
    unittest.main()
