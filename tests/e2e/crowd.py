# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thousands of clients with a stream each, in one thread, that come back as a restarting server tells them."""
import errno
import heapq
import random
import re
import selectors
import socket
import time

COME_BACK = re.compile(rb"come back in ([0-9.]+) s$")
RETRY = re.compile(rb"^retry: ([0-9]+)$", re.M)
CLOSE, PING, PONG = 0x88, 0x89, 0x8A


def masked(opcode, payload):
    return bytes([opcode, 0x80 | len(payload)]) + bytes(4) + payload  # a mask of zeros leaves it as it is


class Member:
    """One client: an event stream, or a WebSocket in a room."""

    def __init__(self, number):
        self.number = number
        self.is_socket = number % 2 == 1
        self.connection = None
        self.state = "waiting"
        self.buffer = b""
        self.told = None  # seconds; by the server, when it went
        self.began = None  # the last attempt
        self.hint = 3.0  # the first step of the backoff
        self.failures = 0
        self.since = None  # when it was served again

    def request(self):
        if not self.is_socket:
            return b"GET /api/events/time?interval=3600 HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
        return (f"GET /ws/chat?room=r{self.number % 100}&user=u{self.number} HTTP/1.1\r\nHost: x\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()


class Crowd:
    """`faults` has what should never happen; `refused` when nobody listened. Addresses of the loopback hold 200 each."""

    def __init__(self, port, count):
        self.port = port
        self.members = [Member(number) for number in range(count)]
        self.selector = selectors.DefaultSelector()
        self.due = [(0.0, number) for number in range(count)]
        self.online = 0
        self.faults, self.refused = [], []

    def run_until(self, is_done, seconds):
        end = time.monotonic() + seconds
        while not is_done():
            if time.monotonic() > end:
                return False
            self.turn()
        return True

    def turn(self):
        now = time.monotonic()
        for _ in range(100):  # and then those who have heard something
            if not self.due or self.due[0][0] > now:
                break
            self.connect(self.members[heapq.heappop(self.due)[1]])
        for key, events in self.selector.select(0.01):
            member = key.data
            try:
                if events & selectors.EVENT_WRITE:
                    self.connected(member)
                else:
                    self.hear(member)
            except OSError as error:
                self.lost(member, error)

    def connect(self, member):
        connection = member.connection = socket.socket()
        connection.setblocking(False)
        connection.bind((f"127.0.{1 + member.number // 200}.1", 0))
        member.state, member.buffer, member.told, member.began = "connecting", b"", None, time.monotonic()
        error = connection.connect_ex(("127.0.0.1", self.port))
        if error not in (0, errno.EINPROGRESS):
            return self.lost(member, OSError(error, "connect"))
        self.selector.register(connection, selectors.EVENT_WRITE, member)

    def connected(self, member):
        error = member.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, "connect")
        member.connection.send(member.request())
        member.state = "asking"
        self.selector.modify(member.connection, selectors.EVENT_READ, member)

    def hear(self, member):
        piece = member.connection.recv(65536)
        if not piece:
            return self.lost(member, None)
        member.buffer += piece
        if member.state == "asking":
            head, end, rest = member.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            if head.split()[1] != (b"101" if member.is_socket else b"200"):
                self.faults.append(head)
            member.state, member.buffer, member.failures = "online", rest, 0
            member.since = time.monotonic()
            self.online += 1
        if member.is_socket:
            self.hear_frames(member)
        else:
            for retry in RETRY.findall(member.buffer):
                member.told = member.hint = int(retry) / 1000
            member.buffer = member.buffer[-64:]

    def hear_frames(self, member):
        while len(member.buffer) >= 2:
            opcode, size, begin = member.buffer[0], member.buffer[1], 2
            if size == 126:
                size, begin = int.from_bytes(member.buffer[2:4], "big"), 4
            if len(member.buffer) < begin + size:
                return
            payload, member.buffer = member.buffer[begin:begin + size], member.buffer[begin + size:]
            if opcode == PING:
                member.connection.send(masked(PONG, payload))
            elif opcode == CLOSE:
                member.connection.send(masked(CLOSE, payload[:2]))
                told = COME_BACK.search(payload)
                if payload[:2] != b"\x03\xe9" or not told:
                    self.faults.append(payload)
                else:
                    member.told = member.hint = float(told[1])

    def lost(self, member, error):
        """As shared/client does it: when it was told, else by a backoff with full jitter."""
        if member.state in ("asking", "online", "connecting") and member.connection.fileno() >= 0:
            try:
                self.selector.unregister(member.connection)
            except KeyError:
                pass
        member.connection.close()
        now = time.monotonic()
        if member.state == "online":
            self.online -= 1
            was_in_order = member.told is not None and error is None
            # An event stream that ends in order has its last chunk.
            if not was_in_order or not (member.is_socket or member.buffer.endswith(b"0\r\n\r\n")):
                self.faults.append(f"cut: {member.number} {error!r} {member.buffer!r}")
            delay = member.told or 1
        else:
            if isinstance(error, ConnectionRefusedError):
                self.refused.append(member.began)
            else:
                self.faults.append(f"{member.state}: {member.number} {error!r}")
            delay = max(0.1, random.random() * min(10, member.hint * 2 ** member.failures))
        member.failures += 1
        member.state = "waiting"
        heapq.heappush(self.due, (now + delay, member.number))

    def close(self):
        for member in self.members:
            if member.connection:
                member.connection.close()
        self.selector.close()
