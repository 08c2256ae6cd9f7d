# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A godwitd of our own, and small clients that show what really came over the wire."""
import base64
import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

GODWITD = os.environ.get("GODWITD", "godwitd")


def rounds(usual):
    """How often a test kills, cuts or tries at random: many times as often in the long tests."""
    return usual * 10 if os.environ.get("GODWIT_LONG") else usual


def environment(**more):
    """Ours without what would configure the daemon, and without rate limits, which are test_limits.py's matter."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GODWIT_")}
    clean.update({"XDG_CONFIG_HOME": "/nonexistent", "GODWIT_LIMITS_RATE": "off", "GODWIT_AUTH_MODE": "open", **more})
    return clean


# Puts the descriptors of its first argument at 3 and up, as sd_listen_fds(3) has it, and becomes the daemon.
ACTIVATE = """
import fcntl, os, sys
moved = []
for descriptor in map(int, sys.argv[1].split(",")):
    moved.append(fcntl.fcntl(descriptor, fcntl.F_DUPFD, 100))
    os.close(descriptor)
for place, descriptor in enumerate(moved, 3):
    os.dup2(descriptor, place)
    os.close(descriptor)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(moved)))
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Daemon:
    """Runs from its making to stop() or kill(); `milliseconds` is how long it took until it was ready. It serves on the
    sockets `inherited`, if there are any, in place of a port of its own."""

    def __init__(self, data, *arguments, scheme="http", before=None, port=0, inherited=(), **variables):
        started = time.monotonic()
        self.data = data
        self.log = tempfile.TemporaryFile("w+")
        command = [GODWITD, "--data", data, "--listen", f"127.0.0.1:{port}", *arguments]
        descriptors = [one.fileno() for one in inherited]
        if inherited:
            command = [sys.executable, "-ISc", ACTIVATE, ",".join(map(str, descriptors)), *command]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env=environment(**variables), preexec_fn=before, pass_fds=descriptors)
        line = self.process.stdout.readline()
        self.milliseconds = (time.monotonic() - started) * 1000
        prefix = f"listening on {scheme}://127.0.0.1:"
        if not line.startswith(prefix):
            self.kill()
            raise AssertionError(f"not started: {line!r}\n{self.log_text()}")
        self.port = int(line[len(prefix):])
        self.url = f"{scheme}://127.0.0.1:{self.port}"

    def log_text(self):
        self.log.seek(0)
        return self.log.read()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=20):
        try:
            return self.process.wait(timeout)
        finally:
            self.process.stdout.close()

    def stop(self):
        self.terminate()
        return self.wait()

    def kill(self):
        self.process.kill()
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        self.log.close()

    def connect(self, timeout=10):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def connect_narrowly(self):
        """A connection for which the kernel keeps as little as it can, at both ends."""
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 88)  # what the server may send ahead goes by it
        connection.connect(("127.0.0.1", self.port))
        return connection

    def request(self, method, path, body=None, headers=None):
        """(status, headers, body) of one request on a connection of its own; JSON comes parsed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            if body is not None and not isinstance(body, bytes):
                body = json.dumps(body).encode()
                headers = {"Content-Type": "application/json", **(headers or {})}
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
            if content and answer.getheader("Content-Type", "").endswith(("/json", "+json")):
                content = json.loads(content)
            return answer.status, answer.headers, content
        finally:
            connection.close()

    def local(self):
        """The headers of a program of the same OS user, who is an admin."""
        with open(os.path.join(self.data, "local-token"), encoding="ascii") as file:
            return {"Authorization": "Bearer " + file.read().strip()}

    def parts(self, kind, headers=None):
        """Of the engine room, all of one kind by their names."""
        status, _, snapshot = self.request("GET", f"/api/runtime?kind={kind}", headers=headers or self.local())
        assert status == 200, snapshot
        return {part["name"]: part for part in snapshot["items"]}

    def act(self, kind, name, action, headers=None):
        """(status, problem) of something done by hand in the engine room."""
        path = f"/api/runtime/{kind}/{urllib.parse.quote(name)}/{action}"
        status, _, answer = self.request("POST", path, headers=headers or self.local())
        return status, answer

    def get(self, path, **headers):
        return self.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})


class EventStream:
    """Reads Server-Sent Events; an event is a dict of its fields. `retry` is the last such hint, in milliseconds."""

    def __init__(self, daemon, path, headers=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)
        self.connection.request("GET", path, headers=headers or {})
        self.answer = self.connection.getresponse()
        self.retry = None

    def next(self):
        """The next event, or None at the end of the stream. Comments and bare hints are passed over."""
        event = {}
        while True:
            line = self.answer.readline()
            if not line:
                return None
            line = line.rstrip(b"\n").decode()
            if line:
                name, _, value = line.partition(": ")
                if name == "retry":
                    self.retry = int(value)
                if name:
                    event[name] = value
            elif "data" in event:
                return event
            else:
                event = {}

    def close(self):
        self.answer.close()
        self.connection.close()


class WebSocket:
    """RFC 6455, as much as a test needs. Does not answer a close by itself."""

    TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

    def __init__(self, daemon, path, timeout=10, subprotocol=None):
        self.socket = daemon.connect(timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        offer = f"Sec-WebSocket-Protocol: {subprotocol}\r\n" if subprotocol else ""
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{offer}\r\n".encode())
        self.reader = self.socket.makefile("rb")
        self.status = int(self.reader.readline().split()[1])
        while self.reader.readline() not in (b"\r\n", b""):
            pass

    def send(self, text, opcode=TEXT):
        payload = text.encode() if isinstance(text, str) else text
        mask = os.urandom(4)
        head = bytes([0x80 | opcode])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 65_536:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def receive(self):
        """(opcode, payload) of the next frame, or None where the connection has ended. Pings are answered."""
        while True:
            head = self.reader.read(2)
            if len(head) < 2:
                return None
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack(">H", self.reader.read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.reader.read(8))[0]
            payload = self.reader.read(size)
            if len(payload) < size:
                return None
            if head[0] & 0x0F == self.PING:
                self.send(payload, self.PONG)
                continue
            return head[0] & 0x0F, payload

    def receive_json(self):
        opcode, payload = self.receive()
        assert opcode == self.TEXT, (opcode, payload)
        return json.loads(payload)

    def close(self):
        self.reader.close()
        self.socket.close()


class DaemonTest(unittest.TestCase):
    """A fresh data folder for each test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.data = os.path.join(folder.name, "data")

    def until(self, what, seconds=15):
        """The first true value of what()."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if value := what():
                return value
            time.sleep(0.02)
        self.fail("it did not happen in time")

    def start(self, *arguments, **options):
        daemon = Daemon(self.data, *arguments, **options)
        self.addCleanup(daemon.__exit__)
        return daemon
