# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hand-off of an upgrade to QWebSocketServer, and what the channel watches over afterwards: RFC 6455."""

from case import OURS, Table
from client import CLOSE, CONTINUATION, KEY, PING, PONG, TEXT, frame, read_frame, request, wait_until

CASES = Table()
HELLO = request("GET", "/hello")
TOKEN = "Authorization: Bearer ok"


def upgrade(path="/ws", *fields, host="x"):
    return request("GET", path, *KEY, *fields, host=host)


def opened(server, path="/ws", behind=b""):
    connection = server.connect()
    connection.send(upgrade(path, TOKEN) + behind)
    response = connection.response()
    assert response.status == 101, response
    assert response.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    return connection


@CASES.case(kinds=OURS)
def frames_both_ways(server, _):
    with opened(server) as connection:
        connection.send(frame(TEXT, b"hi"))
        assert read_frame(connection) == (TEXT, b"echo:hi")
        connection.send(frame(PING, b"p"))
        assert read_frame(connection) == (PONG, b"p")
        connection.send(frame(TEXT, b"a", final=False) + frame(CONTINUATION, b"b"))
        assert read_frame(connection) == (TEXT, b"echo:ab")
        connection.send(frame(TEXT, b"z" * 65000))
        assert read_frame(connection) == (TEXT, b"echo:65000")
        connection.send_bytewise(frame(TEXT, b"slowly"))
        assert read_frame(connection) == (TEXT, b"echo:slowly")
        connection.send(frame(CLOSE, b"\x03\xe8"))
        assert read_frame(connection)[0] == CLOSE and connection.is_closed()


@CASES.case(kinds=("dropin",))
def upgrade_under_a_plain_qhttpserver(server, _):
    for plain, behind in ((b"", b""), (HELLO, b""), (b"", frame(TEXT, b"early"))):
        with server.connect() as connection:
            connection.send(plain + upgrade() + behind)
            if plain:
                assert connection.response().body == b"Hello, World!"
            assert connection.response().status == 101
            if behind:
                assert read_frame(connection) == (TEXT, b"echo:early")
            connection.send_bytewise(frame(TEXT, b"slowly"))
            assert read_frame(connection) == (TEXT, b"echo:slowly")
            connection.send(frame(TEXT, b"z" * 65000))
            assert read_frame(connection) == (TEXT, b"echo:" + b"z" * 100)
            connection.send(frame(CLOSE, b"\x03\xe8"))
            assert read_frame(connection)[0] == CLOSE and connection.is_closed()
    assert server.get("/hello") == b"Hello, World!"


@CASES.case(kinds=("dropin",))
def upgrades_that_a_plain_qhttpserver_refuses(server, _):
    for fields in (("Sec-WebSocket-Version: 12",), ("Sec-WebSocket-Key: short",)):
        with server.connect() as connection:
            connection.send(request("GET", "/ws", "Upgrade: websocket", "Connection: Upgrade", *fields))
            assert connection.is_closed()  # QWebSocketServer says nothing
    assert server.get("/hello") == b"Hello, World!"


@CASES.case(kinds=OURS)
def prebuilt_frame(server, _):
    with opened(server) as connection:
        connection.send(frame(TEXT, b"frame"))
        assert read_frame(connection) == (TEXT, b"raw")


@CASES.case(kinds=OURS)
def frames_in_the_handshakes_segment(server, _):
    for path in ("/ws", "/ws/later"):
        with opened(server, path, frame(TEXT, b"one") + frame(TEXT, b"two")) as connection:
            assert [read_frame(connection)[1] for _ in range(2)] == [b"echo:one", b"echo:two"]


@CASES.case(kinds=OURS)
def upgrade_behind_plain_requests(server, _):
    with server.connect() as connection:
        connection.send(HELLO * 2 + upgrade("/ws/later", TOKEN) + frame(TEXT, b"x"))
        for _ in range(2):
            assert connection.response().body == b"Hello, World!"
        assert connection.response().status == 101
        assert read_frame(connection) == (TEXT, b"echo:x")


@CASES.case(kinds=OURS)
def refused_upgrade_leaves_the_connection_usable(server, _):
    rows = [("/ws", (), 401), ("/ws", ("Authorization: no",), 403), ("/wsx", (TOKEN,), 404), ("/ws/later", (), 401)]
    for path, fields, status in rows:
        with server.connect() as connection:
            connection.send(upgrade(path, *fields) + HELLO)
            response = connection.response()
            assert response.status == status, response
            assert response.headers["content-type"] == "application/problem+json"
            assert ("www-authenticate" in response.headers) == (status == 401)
            assert connection.response().body == b"Hello, World!"


@CASES.case(kinds=OURS)
def plain_request_to_a_websocket(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/ws"))
        assert connection.response().status == 426


@CASES.case(kinds=OURS)
def subprotocol_is_chosen(server, _):
    with server.connect() as connection:
        connection.send(upgrade("/ws", TOKEN, "Sec-WebSocket-Protocol: v1.test, v3.test"))
        assert connection.response().headers["sec-websocket-protocol"] == "v1.test"


@CASES.case(kinds=OURS)
def unmasked_frame_is_refused_1002(server, _):
    with opened(server) as connection:
        connection.send(frame(TEXT, b"hi") + frame(TEXT, b"hi", masked=False))
        while (received := read_frame(connection)) == (TEXT, b"echo:hi"):
            pass
        assert received == (CLOSE, b"\x03\xea"), received
        assert connection.is_closed()


@CASES.case(kinds=OURS)
def too_large_frame_and_message_are_refused_1009(server, _):
    fragments = frame(TEXT, b"z" * 60000, final=False) + frame(CONTINUATION, b"z" * 60000, final=False) * 5
    for data in (frame(TEXT, b"z" * 70000), fragments):
        with opened(server) as connection:
            connection.send(data)
            opcode, payload = read_frame(connection)
            assert opcode == CLOSE and payload[:2] == b"\x03\xf1", payload
            assert connection.is_closed()


@CASES.case(kinds=OURS)
def close_by_the_server(server, _):
    with opened(server) as connection:
        connection.send(frame(TEXT, b"bye"))
        assert read_frame(connection) == (CLOSE, b"\x03\xe8bye")
        connection.send(frame(CLOSE, b"\x03\xe8"))
        assert connection.is_closed()


@CASES.case(kinds=OURS)
def reader_that_stops_is_cut_off_at_the_cap(server, _):
    """65 MB are written to it; 8 MiB may wait."""
    with opened(server) as connection:
        connection.send(frame(TEXT, b"flood"))
        wait_until(lambda: server.stats()["websockets"] == 0, "the cut")


@CASES.case(kinds=OURS)
def abort_ends_at_once(server, _):
    with opened(server) as connection:
        connection.send(frame(TEXT, b"abort"))
        wait_until(lambda: server.stats()["websockets"] == 0, "the end")


@CASES.case(kinds=OURS)
def nothing_leaks_of_many(server, _):
    def count():
        figures = server.stats()
        return figures["connections"], figures["websockets"], figures["descriptors"]

    before = wait_until(lambda: count()[0] == 1 and count(), "the end of earlier cases")
    for i in range(200 if server.tls else 1000):  # a handshake takes a while
        with opened(server) as connection:
            if i % 4 == 0:
                connection.send(frame(CLOSE, b"\x03\xe8"))
            elif i % 4 == 1:
                connection.send(frame(TEXT, b"x") * 3)
            elif i % 4 == 2:
                connection.reset()
    for i in range(100 if server.tls else 300):
        with server.connect() as connection:
            connection.send(upgrade("/ws/later", TOKEN))
    wait_until(lambda: count() == before, "the end of all connections")
