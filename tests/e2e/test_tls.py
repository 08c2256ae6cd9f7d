# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTPS from the configuration; SIGHUP brings a new certificate without dropping a connection."""
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import unittest

from daemon import DaemonTest


@unittest.skipUnless(shutil.which("openssl"), "needs the openssl program")
class Tls(DaemonTest):
    def make_certificate(self, name):
        certificate, key = (os.path.join(self.folder, file) for file in ("certificate.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        return certificate, key

    def connect(self, daemon):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(daemon.connect())

    @staticmethod
    def ask(client):
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
        return client.recv(4096)

    @staticmethod
    def shows(client, name):
        return name.encode() in client.getpeercert(binary_form=True)

    def test_certificate_is_reloaded(self):
        certificate, key = self.make_certificate("first.example")
        daemon = self.start("--set", f"tls.certificate={certificate}", "--set", f"tls.key={key}", scheme="https")
        old = self.connect(daemon)
        self.assertTrue(self.shows(old, "first.example"))
        self.assertTrue(self.ask(old).startswith(b"HTTP/1.1 200 "))

        self.make_certificate("second.example")
        daemon.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while not self.shows(new := self.connect(daemon), "second.example"):
            new.close()
            self.assertLess(time.monotonic(), deadline)
        self.assertTrue(self.ask(new).startswith(b"HTTP/1.1 200 "))
        self.assertTrue(self.ask(old).startswith(b"HTTP/1.1 200 "))

        with open(key, "w", encoding="ascii") as file:
            file.write("broken\n")
        daemon.process.send_signal(signal.SIGHUP)
        while "not reloaded" not in daemon.log_text():
            self.assertLess(time.monotonic(), deadline)
        third = self.connect(daemon)
        self.assertTrue(self.shows(third, "second.example"))
        for client in (old, new, third):
            client.close()
        self.assertEqual(daemon.stop(), 0)

    def test_unix_socket(self):
        path = os.path.join(self.folder, "godwit.sock")
        daemon = self.start("--listen", f"unix:{path}")
        client = socket.socket(socket.AF_UNIX)
        client.connect(path)
        self.assertTrue(self.ask(client).startswith(b"HTTP/1.1 200 "))
        client.close()
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(os.path.exists(path))


if __name__ == "__main__":
    unittest.main()
