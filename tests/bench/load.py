# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load that wrk cannot make: idle connections, a WebSocket room, event subscribers, downloads. Run as a program on the
load's core: load.py KIND PORT SECONDS; prints one line of JSON when it is ready ("idle", "room") or done."""
import json
import os
import selectors
import socket
import sys
import time

KIND, PORT, SECONDS = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
WS_ROOM, SSE_SUBSCRIBERS, IDLE, IDLE_ROOM = 200, 500, 8000, 4000
CSV = "/export.csv?rows=1000000"


def connect(number=0):
    s = socket.socket()
    # 28,000 ports an address: several addresses of the loopback
    s.bind((f"127.0.{number // 5000}.{1 + number // 500 % 10}", 0))
    s.connect(("127.0.0.1", PORT))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def head(s):
    """Reads to the empty line; returns the head and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = s.recv(65536)
        if not piece:
            sys.exit("the server closed the connection")
        data += piece
    at = data.index(b"\r\n\r\n") + 4
    return data[:at], data[at:]


def idle():
    connections = [connect(i) for i in range(IDLE)]
    for s in connections:
        s.sendall(b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    for s in connections:
        s.recv(4096)
    print(json.dumps({"connections": len(connections)}), flush=True)
    time.sleep(SECONDS)


def text_frame(payload):
    mask = b"\x12\x34\x56\x78"
    body = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
    return bytes([0x81, 0x80 | len(payload)]) + mask + body


def fan(receivers, send, count, pace):
    """Sends as pace says, and times the deliveries to ten of the receivers. count(buffer, size): the deliveries in what
    was read, times any unit; returned by it for no buffer."""
    unit = count(None, 0)
    poll = selectors.DefaultSelector()
    watched = receivers[:: max(1, len(receivers) // 10)]
    heard = dict.fromkeys(watched, 0)  # of each: as many units
    for s in receivers:
        s.setblocking(False)
        poll.register(s, selectors.EVENT_READ)
    buffer = bytearray(1 << 20)
    received, sent_at, latencies = 0, [], []
    begin = time.monotonic()
    end = begin + SECONDS
    drain_until = end + 3
    while True:
        now = time.monotonic()
        while now < end and pace.may_send(now - begin, len(sent_at), received / unit / len(receivers)):
            send()
            sent_at.append(now)
            now = time.monotonic()
        if (now >= end and received >= len(sent_at) * len(receivers) * unit) or now > drain_until:
            break
        for key, _ in poll.select(pace.longest_wait):
            try:
                got = count(buffer, key.fileobj.recv_into(buffer))
            except BlockingIOError:
                continue
            received += got
            if key.fileobj in heard:
                now, first = time.monotonic(), heard[key.fileobj]
                heard[key.fileobj] += got
                latencies += [now - at for at in sent_at[first // unit : (first + got) // unit]]
    latencies.sort()
    return {"operations": received // unit, "missing": len(sent_at) * len(receivers) - received // unit,
            "p99_ms": 1e3 * latencies[len(latencies) * 99 // 100] if latencies else None}


class Window:
    """As much as goes, with at most so many messages under way."""
    longest_wait = 0.1

    def __init__(self, messages):
        self.messages = messages

    def may_send(self, _elapsed, sent, arrived):
        return sent - arrived < self.messages


class Rate:
    """So many messages a second, one by one."""
    def __init__(self, per_second):
        self.per_second = per_second
        self.longest_wait = 0.1 / per_second

    def may_send(self, elapsed, sent, _arrived):
        return elapsed * self.per_second >= sent


def enter_room(count):
    room = []
    for i in range(count):
        s = connect(i)
        s.sendall(f"GET /ws/chat?room=bench&user=u HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nConnection: Upgrade\r\n"
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        if b" 101 " not in head(s)[0]:
            sys.exit("refused")
        room.append(s)
    time.sleep(0.3)
    return room


def idle_room():
    room = enter_room(IDLE_ROOM)
    print(json.dumps({"connections": len(room)}), flush=True)
    time.sleep(SECONDS)


def ws(pace):
    room = enter_room(WS_ROOM)
    frame = text_frame(b"x" * 64)
    room[0].sendall(frame)
    unit = 0
    for s in room:  # the first one shows the size of all
        s.settimeout(5)
        unit = len(s.recv(65536))
    return fan(room, lambda: room[0].sendall(frame), lambda buffer, size: size if buffer else unit, pace)


def sse(pace):
    subscribers = []
    for i in range(SSE_SUBSCRIBERS):
        s = connect()
        s.sendall(b"GET /sse/feed HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
        head(s)
        subscribers.append(s)
    time.sleep(0.5)
    for s in subscribers:  # retry hints and greetings
        s.setblocking(False)
        try:
            s.recv(65536)
        except BlockingIOError:
            pass
    publisher = connect()

    def publish():
        publisher.sendall(b"POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
                          b"Content-Length: 64\r\n\r\n" + b"x" * 64)
        publisher.recv(4096)

    # Events that come together may share a chunk: their bytes say nothing, but each has one colon.
    return fan(subscribers, publish, lambda buffer, size: buffer.count(b":", 0, size) if buffer else 1, pace)


def download(path):
    """Operations are megabytes."""
    buffer = bytearray(1 << 20)
    total, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        s = connect()
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        while n := s.recv_into(buffer):
            total += n
        s.close()
    return {"operations": total / 1e6, "missing": 0}


if KIND in ("idle", "room"):
    {"idle": idle, "room": idle_room}[KIND]()
else:
    result = {"ws": lambda: ws(Window(32)), "ws_rate": lambda: ws(Rate(50)),
              "sse": lambda: sse(Window(8)), "sse_rate": lambda: sse(Rate(20)),
              "csv": lambda: download(CSV), "file": lambda: download("/files/blob.bin")}[KIND]()
    print(json.dumps(result), flush=True)
    os._exit(0)  # hundreds of sockets need not be closed one by one
