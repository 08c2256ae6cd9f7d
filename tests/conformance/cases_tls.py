# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS on the channel's descriptor."""

import os
import shutil
import socket
import ssl

from case import Table
from client import make_certificate, request, tls_context, wait_until

CASES = Table()
TLS = ("tls",)
HELLO = request("GET", "/hello")


def fetch(connection):
    connection.send(HELLO)
    return connection.response().body == b"Hello, World!"


@CASES.case(kinds=TLS)
def alpn_is_http_1_1(server, _):
    with server.connect() as connection:
        assert connection.socket.selected_alpn_protocol() == "http/1.1"
        assert connection.socket.version() == "TLSv1.3" and fetch(connection)


@CASES.case(kinds=TLS)
def client_without_our_protocol_is_refused(server, _):
    context = tls_context()
    context.set_alpn_protocols(["h2"])
    try:
        server.connect(context=context)
    except ssl.SSLError:
        return
    raise AssertionError("h2 was agreed on")


@CASES.case(kinds=TLS)
def versions(server, _):
    context = tls_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with server.connect(context=context) as connection:
        assert connection.socket.version() == "TLSv1.2" and fetch(connection)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        server.connect(context=context)
    except (ssl.SSLError, ConnectionResetError):
        return
    raise AssertionError("TLS 1.1 was agreed on")


@CASES.case(kinds=TLS)
def session_is_resumed(server, _):
    context = tls_context()
    with server.connect(context=context) as first:
        assert fetch(first)
        session = first.socket.session
    plain = socket.create_connection(("127.0.0.1", server.port))
    with context.wrap_socket(plain, session=session) as second:
        second.sendall(HELLO)
        assert second.recv(1000).startswith(b"HTTP/1.1 200") and second.session_reused


@CASES.case(kinds=TLS, quick=True)
def handshake_has_a_timeout(server, _):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        plain.sendall(b"\x16\x03\x01")
        assert plain.recv(100) == b""


@CASES.case(kinds=TLS)
def plain_http_on_a_tls_port_is_closed(server, _):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        plain.sendall(HELLO)
        try:
            while plain.recv(100):
                pass
        except ConnectionResetError:
            pass


@CASES.case(kinds=TLS)
def closing_is_said_by_close_notify(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/hello", "Connection: close"))
        assert connection.rest().endswith(b"Hello, World!")  # raises on a truncated stream


@CASES.case(kinds=TLS)
def answer_behind_the_clients_close_notify(server, _):
    """A client that says close_notify may still read: what comes is encrypted, so its size has to do."""
    context = tls_context()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        while True:
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65536))
        session.write(request("GET", "/slow/100"))
        try:
            session.unwrap()
        except ssl.SSLWantReadError:
            pass
        plain.sendall(outgoing.read())
        received = b""
        while data := plain.recv(65536):
            received += data
        assert len(received) > 90, received


@CASES.case(kinds=TLS)
def certificate_is_reloaded_under_open_connections(server, directory):
    with server.connect() as old:
        before = old.socket.getpeercert(True)
        assert fetch(old)
        for kind, path in zip(("cert", "key"), make_certificate(directory, "second")):
            shutil.copy(path, os.path.join(directory, f"first.{kind}.pem"))
        old.send(request("POST", "/reload", body=b""))
        assert old.response().body == b"reloaded"
        with server.connect() as new:
            assert new.socket.getpeercert(True) != before
            assert fetch(new) and fetch(old)


@CASES.case(kinds=TLS)
def broken_certificate_leaves_the_old_one_in_force(server, directory):
    path = os.path.join(directory, "first.cert.pem")
    with open(path, encoding="ascii") as file:
        good = file.read()
    with open(path, "w", encoding="ascii") as file:
        file.write("nonsense")
    with server.connect() as connection:
        connection.send(request("POST", "/reload", body=b""))
        assert path.encode() in connection.response().body
    assert server.get("/hello") == b"Hello, World!"
    with open(path, "w", encoding="ascii") as file:
        file.write(good)


@CASES.case(kinds=TLS)
def secure_is_seen(server, _):
    assert server.get("/seen").endswith(b"secure=yes")
