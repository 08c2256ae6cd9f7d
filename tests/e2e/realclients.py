# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that others have written, each a program of its own: curl, and on node npm's `eventsource` and `ws`."""
import contextlib
import fcntl
import hashlib
import json
import os
import queue
import re
import subprocess
import threading
import time

from daemon import DaemonTest

NODE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node")


def install_node_clients():
    """Brings the packages of node/package-lock.json from npm's registry, where they are not there yet. Who comes meanwhile
    waits."""
    with open(os.path.join(NODE, "package-lock.json"), "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    stamp = os.path.join(NODE, "node_modules", ".installed")
    with open(os.path.join(NODE, "package.json"), "rb") as lock:  # read only, and it is always there
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            with open(stamp, encoding="ascii") as file:
                if file.read() == wanted:
                    return
        except FileNotFoundError:
            pass
        try:
            subprocess.run(["npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error",
                            "--fetch-retries=1", "--fetch-timeout=30000"], cwd=NODE, check=True, timeout=100)
        except (OSError, subprocess.SubprocessError) as error:
            raise AssertionError(f"these tests need node, npm and its registry: `npm ci` in {NODE} failed: {error}") from error
        with open(stamp, "w", encoding="ascii") as file:
            file.write(wanted)


class Node:
    """node/clients.mjs: one program in which the clients live. It has `descriptors` too."""

    def __init__(self, descriptors=()):
        install_node_clients()
        self.process = subprocess.Popen(["node", "clients.mjs"], cwd=NODE, text=True, stdin=subprocess.PIPE, pass_fds=descriptors,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.clients = []
        self.failure = None
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        words = ""
        for line in self.process.stdout:
            if not (line.startswith("[") and line.endswith("]\n")):
                words += line  # of node itself, which has failed or been ended
                continue
            client, happened = json.loads(line)
            self.clients[client].happened.put(happened)
        self.failure = {"what": "failure", "words": words, "last": True}
        for client in self.clients:
            client.happened.put(self.failure)

    def add(self, client):
        self.clients.append(client)
        if self.failure:
            client.happened.put(self.failure)
        return len(self.clients) - 1

    def tell(self, *line):
        with contextlib.suppress(BrokenPipeError):  # its clients are told so
            self.process.stdin.write(json.dumps(line) + "\n")
            self.process.stdin.flush()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()


class NodeClient:
    """One of those in a Node: what happens to it, in order."""

    def __init__(self, node, command, argument):
        self.node = node
        self.happened = queue.Queue()
        self.is_over = False
        self.number = node.add(self)
        node.tell(self.number, command, argument)

    def next(self, timeout=15):
        """What happened next, or None where nothing more will."""
        if self.is_over:
            return None
        try:
            happened = self.happened.get(timeout=max(timeout, 0))
        except queue.Empty:
            raise AssertionError("it did not happen in time") from None
        if happened["what"] == "failure":
            raise AssertionError("node has ended: " + happened["words"])
        self.is_over = happened.pop("last", False)
        return happened

    def rest(self, timeout=15):
        """All that still happens, one by one."""
        end = time.monotonic() + timeout
        while (happened := self.next(end - time.monotonic())) is not None:
            yield happened

    def expect(self, what, timeout=15):
        """The next of its kind; what happened before is passed over."""
        passed = []
        for happened in self.rest(timeout):
            if happened["what"] == what:
                return happened
            passed.append(happened)
        raise AssertionError(f"all is over without '{what}': {passed}")

    def do(self, command, argument=None):
        self.node.tell(self.number, command, argument)


class EventSource(NodeClient):
    """npm's `eventsource`. Hears events of the names, and closes itself after the one that is `closeOn`."""

    def __init__(self, node, url, *names, **options):
        super().__init__(node, "listen", {"url": url, "names": names, **options})

    def event(self, timeout=15):
        return self.expect("event", timeout)


class Socket(NodeClient):
    """npm's `ws`; the options are those of its constructor, and `protocols`."""

    def __init__(self, node, url, **options):
        super().__init__(node, "connect", {"url": url.replace("http", "ws", 1), **options})

    def opened(self):
        self.expect("open")
        return self

    def message(self, timeout=15):
        """The next one's object."""
        return json.loads(self.expect("message", timeout)["text"])

    def closed(self, timeout=15):
        """(code, reason) of the end; messages before it are passed over."""
        happened = self.expect("close", timeout)
        return happened["code"], happened["reason"]


class NodeTest(DaemonTest):
    """A daemon, and clients on node for it."""

    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.addClassCleanup(cls.node.end)

    def source(self, daemon, path, *names, **options):
        source = EventSource(self.node, daemon.url + path, *names, **options)
        self.addCleanup(source.do, "end")
        return source

    def socket(self, daemon, path, **options):
        socket = Socket(self.node, daemon.url + path, **options)
        self.addCleanup(socket.do, "end")
        return socket

    def open(self, daemon, path, **options):
        return self.socket(daemon, path, **options).opened()

    def begin_task(self, daemon, kind, **params):
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": kind, "params": params})
        self.assertEqual(status, 202, task)
        return task["id"]


def curl_until(pattern, *arguments):
    """What a call has brought once @p pattern is in it; then curl is ended."""
    with subprocess.Popen(["curl", "--silent", "--show-error", "--fail", "--no-buffer", "--max-time", "20", *arguments],
                          stdout=subprocess.PIPE) as process:
        output = b""
        while not re.search(pattern, output.decode()):
            if not (part := process.stdout.read1(4096)):
                raise AssertionError(f"curl {' '.join(arguments)}: exit code {process.wait()} after {output}")
            output += part
        process.kill()
    return output.decode()


def answer_of(*arguments, timeout=30):
    """(status, header fields by their names in lower case, bytes) of what curl is answered."""
    output = subprocess.run(["curl", "--silent", "--show-error", "--include", "--max-time", str(timeout), *arguments],
                            stdout=subprocess.PIPE, check=True).stdout
    while True:
        head, _, output = output.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        number = int(status.split()[1])
        if number >= 200:
            fields = (line.partition(":") for line in lines)
            return number, {name.lower(): value.strip() for name, _, value in fields}, output


class CurlTest(DaemonTest):
    """Asks `daemon` by curl."""

    def ask(self, path, *arguments, expect=200):
        """(header fields, bytes)"""
        status, headers, body = answer_of(self.daemon.url + path, *arguments)
        self.assertEqual(status, expect, body)
        if status >= 400:
            self.assertEqual((headers["content-type"], json.loads(body)["status"]), ("application/problem+json", status))
        return headers, body

    def get(self, path, expect=200):
        return json.loads(self.ask(path, expect=expect)[1])

    def send(self, path, what, expect=200):
        headers, body = self.ask(path, "-H", "Content-Type: application/json", "-d", json.dumps(what), expect=expect)
        return headers, json.loads(body)

    def parts(self, kind):
        """Of the engine room, all of one kind by their names."""
        return {part["name"]: part for part in self.get(f"/api/runtime?kind={kind}")["items"]}
