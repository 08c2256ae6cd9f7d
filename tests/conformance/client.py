# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cases send bytes with: servers that are started and ended, connections, and waits for conditions."""

import json
import os
import select
import socket
import ssl
import struct
import subprocess
import time

PATIENCE = 10.0  # seconds until a condition that has not come true has failed


def wait_until(condition, what="a condition", seconds=PATIENCE):
    """Returns what `condition` returns as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come true in {seconds} s")
        select.select([], [], [], 0.01)


class Server:
    """A started program that has said `listening PORT`."""

    def __init__(self, program, *arguments, tls=False, unix=None):
        self.tls, self.unix = tls, unix
        self.process = subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        if line[:1] != ["listening"]:
            raise RuntimeError(f"{program} did not start")
        self.port = int(line[1])

    def connect(self, receive_buffer=None, context=None):
        return Connection(self, receive_buffer, context)

    def get(self, path):
        with self.connect() as connection:
            connection.send(request("GET", path, "Connection: close"))
            return connection.response().body

    def stats(self):
        return json.loads(self.get("/stats"))

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

    def end(self):
        """True if the server had not ended by itself before."""
        lived = self.process.poll() is None
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()
        return lived


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:60]!r}"


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


USUAL_CONTEXT = tls_context()


class Connection:
    def __init__(self, server, receive_buffer=None, context=None):
        family = socket.AF_UNIX if server.unix else socket.AF_INET
        plain = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(PATIENCE)
        plain.connect(server.unix or ("127.0.0.1", server.port))
        if not server.unix:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = (context or USUAL_CONTEXT).wrap_socket(plain) if server.tls else plain
        self.buffer = bytearray()  # grows in place: an answer of 64 MiB comes in 4,096 records

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_bytewise(self, data):
        for byte in data:
            self.socket.sendall(bytes([byte]))

    def finish(self):
        """Sends nothing more, and still reads."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def more(self):
        """Reads once; False at the end."""
        data = self.socket.recv(1 << 20)
        self.buffer += data
        return bool(data)

    def until(self, condition, what):
        while not condition(self.buffer):
            if not self.more():
                raise AssertionError(f"the connection ended before {what}: {bytes(self.buffer[:200])!r}")

    def take(self, size):
        self.until(lambda b: len(b) >= size, f"{size} bytes")
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def line(self):
        self.until(lambda b: b"\r\n" in b, "a line")
        line = self.take(self.buffer.index(b"\r\n"))
        self.take(2)
        return line

    def response(self, head_only=False):
        """Reads one response, strictly by its framing."""
        version, status, _ = self.line().split(b" ", 2)
        assert version == b"HTTP/1.1", version
        headers = {}
        while line := self.line():
            name, value = line.split(b": ", 1)
            assert b"\r" not in value and b"\n" not in value, line
            assert name.lower() not in headers, f"{name} stands twice"
            headers[name.lower().decode()] = value.decode()
        status = int(status)
        if head_only or status < 200 or status in (204, 304):
            return Response(status, headers, b"")
        return Response(status, headers, self.content(headers))

    def content(self, headers):
        if "content-length" in headers:
            assert "transfer-encoding" not in headers
            return self.take(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            assert headers.get("connection") == "close", "a body without an end"
            return self.rest()
        body = b""
        while size := int(self.line(), 16):
            body += self.take(size)
            assert self.take(2) == b"\r\n"
        assert self.line() == b""
        return body

    def rest(self):
        """All until the end of the connection, which must be clean."""
        while self.more():
            pass
        return self.take(len(self.buffer))

    def is_closed(self):
        """Waits for the end; False if something comes in its place."""
        try:
            return not self.more()
        except ConnectionResetError:
            return True


def request(method, target, *fields, host="x", body=None, version="1.1"):
    lines = [f"{method} {target} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += fields
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


# WebSocket frames, masked with zeros, so that they can be read in a dump.

KEY = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)
TEXT, CONTINUATION, CLOSE, PING, PONG = 1, 0, 8, 9, 10


def frame(opcode, payload=b"", final=True, masked=True):
    mask = 0x80 if masked else 0
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        head += bytes([mask | len(payload)])
    elif len(payload) < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", len(payload))
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", len(payload))
    return head + (b"\0\0\0\0" if masked else b"") + payload


def read_frame(connection):
    """(opcode, payload) of one unmasked frame."""
    first, second = connection.take(2)
    size = second & 0x7F
    if size == 126:
        size = struct.unpack(">H", connection.take(2))[0]
    elif size == 127:
        size = struct.unpack(">Q", connection.take(8))[0]
    return first & 0x0F, connection.take(size)


def make_certificate(directory, name):
    """Paths of a fresh self-signed certificate and its key."""
    certificate, key = (os.path.join(directory, f"{name}.{kind}.pem") for kind in ("cert", "key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        + ["-days", "2", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return certificate, key
