# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a slow or hostile client costs."""

import os
import socket
import time

from case import ALL, OURS, Table
from client import request, wait_until

CASES = Table()
HELLO = request("GET", "/hello")
MEMORY_IS_CHECKED = "GODWIT_SKIP_MEMORY_CHECKS" not in os.environ
PLAIN_AND_TLS = ("plain", "tls")
GROWTH = 24 << 20  # a body of 8 MiB, while its buffer grows


def flood(server, first, piece, count):
    """Sends until the server has had enough."""
    before = server.memory()
    with server.connect() as connection:
        connection.socket.settimeout(1)
        try:
            connection.send(first)
            for _ in range(count):
                connection.send(piece)
        except OSError:
            pass
        assert not MEMORY_IS_CHECKED or server.memory() - before < GROWTH, server.memory() - before
    assert server.get("/hello") == b"Hello, World!"


@CASES.case()
def endless_field(server, _):
    flood(server, b"GET / HTTP/1.1\r\nX: ", b"a" * (1 << 20), 64)


@CASES.case()
def endless_body(server, _):
    flood(server, request("POST", "/echo", "Content-Length: 104857600"), b"a" * (1 << 20), 100)


@CASES.case()
def endless_chunks(server, _):
    flood(server, request("POST", "/echo", "Transfer-Encoding: chunked"), b"10000\r\n" + b"a" * 65536 + b"\r\n", 1600)


@CASES.case()
def pipelined_flood_behind_a_slow_request(server, _):
    flood(server, request("GET", "/slow/1500"), HELLO * 500, 2000)


@CASES.case()
def pipelined_flood_without_reading(server, _):
    flood(server, HELLO, HELLO * 500, 2000)


@CASES.case(kinds=OURS)
def stalled_reader_of_a_stream(server, _):
    before = server.memory()
    with server.connect(receive_buffer=4096) as connection:
        connection.send(request("GET", "/chunked/1000000000"))
        connection.take(1000)
        for _ in range(20):
            assert server.get("/hello") == b"Hello, World!"
        assert not MEMORY_IS_CHECKED or server.memory() - before < GROWTH


@CASES.case()
def resets_in_the_middle(server, _):
    for path in ("/big", "/slow/50", "/hello"):
        for _ in range(10):
            connection = server.connect()
            connection.send(request("GET", path))
            connection.reset()
    assert server.get("/hello") == b"Hello, World!"


@CASES.case(kinds=OURS)
def nothing_leaks(server, _):
    def count():
        figures = server.stats()
        return figures["connections"], figures["descriptors"], figures["bodies"]

    before = wait_until(lambda: count()[0] == 1 and count(), "the end of earlier cases")
    for i in range(60):
        connection = server.connect()
        connection.send(request("GET", f"/slow/{i}") if i % 2 else request("GET", "/events"))
        if i % 3:
            connection.socket.close()
        else:
            connection.reset()
    wait_until(lambda: count() == before, "the end of all connections")


@CASES.case(kinds=PLAIN_AND_TLS, quick=True)
def slow_head_is_answered_408(server, _):
    with server.connect() as connection:
        connection.send(b"GET /hel")
        assert connection.response().status == 408 and connection.is_closed()


@CASES.case(kinds=PLAIN_AND_TLS, quick=True)
def dripping_head_is_answered_408(server, _):
    with server.connect() as connection:
        connection.socket.settimeout(0.05)
        connection.send(b"GET /hello HTTP/1.1\r\n")
        end = time.monotonic() + 5
        while time.monotonic() < end:
            try:
                connection.send(b"X: y\r\n")
                if not connection.more() or connection.buffer:
                    break
            except TimeoutError:
                continue
        connection.socket.settimeout(5)
        assert connection.response().status == 408


@CASES.case(kinds=PLAIN_AND_TLS, quick=True)
def slow_body_is_answered_408(server, _):
    with server.connect() as connection:
        connection.send(request("POST", "/echo", "Content-Length: 5") + b"hel")
        assert connection.response().status == 408 and connection.is_closed()


@CASES.case(kinds=PLAIN_AND_TLS, quick=True)
def idle_connection_is_closed_without_a_word(server, _):
    for first in (b"", HELLO):
        with server.connect() as connection:
            connection.send(first)
            if first:
                assert connection.response().status == 200
            assert connection.is_closed(), connection.buffer


@CASES.case(kinds=PLAIN_AND_TLS, quick=True)
def reader_that_stops_is_cut_off(server, _):
    with server.connect(receive_buffer=4096) as connection:
        connection.send(request("GET", "/chunked/1000000000"))
        wait_until(lambda: server.stats()["bodies"] == 1, "the stream")
        wait_until(lambda: server.stats()["bodies"] == 0, "the cut")


@CASES.case(kinds=PLAIN_AND_TLS, quick=True)
def route_has_its_own_body_limit(server, _):
    with server.connect() as connection:
        connection.send(request("POST", "/small", body=b"0123456789"))
        assert connection.response().body == b"len=10 body=0123456789"
        connection.send(request("POST", "/small", body=b"0123456789a"))
        assert connection.response().status == 413


@CASES.case(kinds=("plain",), quick=True)
def connections_of_one_address_are_limited(server, _):
    wait_until(lambda: server.stats()["connections"] == 1, "the end of earlier cases")
    connections = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    for connection in connections[:20]:
        connection.sendall(HELLO)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    with server.connect() as one_too_many:
        assert one_too_many.is_closed()
    for connection in connections:
        connection.close()

    def all_have_ended():
        try:
            return server.stats()["connections"] == 1
        except (AssertionError, ConnectionError):
            return False  # until the server has seen one end, whoever asks is one too many
    wait_until(all_have_ended, "the end of the connections")
