# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""RFC 9112: what is a request, where it ends, and in which order and form answers come."""

from case import ALL, OURS, Table
from client import request, wait_until

CASES = Table()
HELLO = request("GET", "/hello")
CHUNKED = "Transfer-Encoding: chunked"


def refusal(data, *statuses):
    """One answer with one of the statuses, and the end: what follows `data` must not be taken for a request."""

    def run(server, _):
        with server.connect() as connection:
            connection.send(data)
            response = connection.response()
            assert response.status in statuses, response
            assert response.headers["connection"] == "close"
            assert response.headers["content-type"] == "application/problem+json"
            assert connection.is_closed(), connection.buffer[:80]

    return run


def raw(line, *fields):
    return b"\r\n".join([line, *fields]) + b"\r\n\r\n"


POST = b"POST /echo HTTP/1.1"
GET = b"GET /hello HTTP/1.1"
HOST = b"Host: x"
TE = b"Transfer-Encoding: chunked"

# Everything that two readers could understand differently, and what is no HTTP at all.
REFUSALS = [
    ("length_and_chunked", raw(POST, HOST, b"Content-Length: 6", TE) + b"0\r\n\r\n" + HELLO, 400),
    ("length_no_number", raw(POST, HOST, b"Content-Length: abc") + HELLO, 400),
    ("length_negative", raw(POST, HOST, b"Content-Length: -5") + HELLO, 400),
    ("length_with_plus", raw(POST, HOST, b"Content-Length: +5") + b"hello", 400),
    ("length_empty", raw(POST, HOST, b"Content-Length:") + HELLO, 400),
    ("length_list", raw(POST, HOST, b"Content-Length: 5, 5") + b"hello", 400),
    ("length_twice", raw(POST, HOST, b"Content-Length: 5", b"Content-Length: 0") + b"hello", 400),
    ("length_too_large", raw(POST, HOST, b"Content-Length: 99999999999"), 413),
    ("length_beyond_64_bits", raw(POST, HOST, b"Content-Length: 18446744073709551616"), 413),
    ("coding_unknown", raw(POST, HOST, b"Transfer-Encoding: xchunked") + HELLO, 501),
    ("coding_list", raw(POST, HOST, b"Transfer-Encoding: gzip, chunked") + HELLO, 501),
    ("coding_twice", raw(POST, HOST, TE, TE) + b"0\r\n\r\n" + HELLO, 400),
    ("coding_in_http_1_0", raw(b"POST /echo HTTP/1.0", HOST, TE) + b"0\r\n\r\n", 400),
    ("chunk_negative", raw(POST, HOST, TE) + b"-5\r\nhello\r\n0\r\n\r\n", 400),
    ("chunk_0x", raw(POST, HOST, TE) + b"0x5\r\nhello\r\n0\r\n\r\n", 400),
    ("chunk_bare_lf", raw(POST, HOST, TE) + b"5\nhello\r\n0\r\n\r\n", 400),
    ("chunk_too_long_for_its_size", raw(POST, HOST, TE) + b"5\r\nhello!\r\n0\r\n\r\n", 400),
    ("chunk_size_overflow", raw(POST, HOST, TE) + b"fffffffffffffffff\r\n", 400),
    ("chunk_too_large", raw(POST, HOST, TE) + b"7fffffff\r\n", 413),
    ("chunk_extension_endless", raw(POST, HOST, TE) + b"5;" + b"a" * 2000, 400),
    ("trailer_no_field", raw(POST, HOST, TE) + b"0\r\nnonsense\r\n\r\n", 400),
    ("trailer_bare_lf", raw(POST, HOST, TE) + b"0\r\nX: y\n\r\n", 400),
    ("trailers_endless", raw(POST, HOST, TE) + b"0\r\nX: " + b"a" * 40000, 431),
    ("trailers_too_many", raw(POST, HOST, TE) + b"0\r\n" + b"X: y\r\n" * 200, 431),
    ("space_before_colon", raw(GET, HOST, b"X : y"), 400),
    ("folded_line", raw(GET, HOST, b"X: y", b" z"), 400),
    ("nul_in_field", raw(GET, HOST, b"X: y\0"), 400),
    ("bare_cr_in_field", raw(GET, HOST, b"X: y\rz"), 400),
    ("field_without_colon", raw(GET, HOST, b"nonsense"), 400),
    ("field_without_name", raw(GET, HOST, b": y"), 400),
    ("bare_lf_refused_at_once", b"GET /hello HTTP/1.1\n", 400),
    ("bare_lf_in_fields", b"GET /hello HTTP/1.1\r\nHost: x\n", 400),
    ("no_host", raw(GET), 400),
    ("two_hosts", raw(GET, HOST, HOST), 400),
    ("host_ipv6_without_brackets", raw(GET, b"Host: ::1"), 400),
    ("host_with_path", raw(GET, b"Host: x/y"), 400),
    ("host_with_user", raw(GET, b"Host: a@x"), 400),
    ("host_with_bad_port", raw(GET, b"Host: x:port"), 400),
    ("host_with_space", raw(GET, b"Host: x y"), 400),
    ("version_9_9", raw(b"GET /hello HTTP/9.9", HOST), 505),
    ("version_2_0", raw(b"GET /hello HTTP/2.0", HOST), 505),
    ("version_lower_case", raw(b"GET /hello http/1.1", HOST), 400),
    ("no_version", raw(b"GET /hello", HOST), 400),
    ("two_spaces", raw(b"GET  /hello HTTP/1.1", HOST), 400),
    ("tls_on_a_plain_port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    ("target_with_8_bits", raw(b"GET /a\xff HTTP/1.1", HOST), 400),
    ("target_with_fragment", raw(b"GET /a#b HTTP/1.1", HOST), 400),
    ("target_relative", raw(b"GET hello HTTP/1.1", HOST), 400),
    ("target_asterisk_of_get", raw(b"GET * HTTP/1.1", HOST), 400),
    ("target_of_another_scheme", raw(b"GET ftp://x/ HTTP/1.1", HOST), 400),
    ("target_authority_with_user", raw(b"GET http://a@x/ HTTP/1.1", HOST), 400),
    ("connect", raw(b"CONNECT x:443 HTTP/1.1", HOST), 501),
    ("line_too_long", b"GET /" + b"a" * 20000, 414),
    ("too_many_fields", raw(GET, HOST, *[b"A: b"] * 200), 431),
    ("head_too_large", raw(GET, HOST, *[b"A: " + b"b" * 1000] * 50), 431),
    ("expectation_unknown", raw(POST, HOST, b"Expect: magic", b"Content-Length: 5") + b"hello", 417),
]
for row_name, row_data, *row_statuses in REFUSALS:
    CASES.add_row("refused_" + row_name, refusal(row_data, *row_statuses))


@CASES.case()
def bytewise(server, _):
    with server.connect() as connection:
        connection.send_bytewise(request("POST", "/echo", body=b"hello") + HELLO)
        assert connection.response().body == b"len=5 body=hello"
        assert connection.response().body == b"Hello, World!"


@CASES.case()
def chunked_bytewise_with_extension_and_trailer(server, _):
    with server.connect() as connection:
        body = b"5\r\nhello\r\n3 ;x=y\r\nabc\r\n0\r\nX-T: 1\r\n\r\n"
        connection.send_bytewise(request("POST", "/echo", CHUNKED) + body + HELLO)
        assert connection.response().body == b"len=8 body=helloabc"
        assert connection.response().body == b"Hello, World!"


@CASES.case()
def pipelined_answers_in_order(server, _):
    with server.connect() as connection:
        slow = request("GET", "/slow/100")
        connection.send(slow + HELLO + request("GET", "/slow/10") + HELLO)
        bodies = [connection.response().body for _ in range(4)]
        assert bodies == [b"SLOW", b"Hello, World!", b"SLOW", b"Hello, World!"], bodies


@CASES.case()
def pipelined_by_hundreds(server, _):
    with server.connect() as connection:
        connection.send(HELLO * 500)
        assert all(connection.response().body == b"Hello, World!" for _ in range(500))


@CASES.case()
def pipelined_answers_beyond_what_is_queued(server, _):
    """More of them than are kept for a client that does not read; each too large to be gathered with the next; both."""
    for size, count in ((5_000, 150), (40_000, 3), (40_000, 40)):
        with server.connect() as connection:
            connection.send(request("GET", f"/bytes/{size}") * count + HELLO)
            for number in range(count):
                assert connection.response().body == b"x" * size, number
            assert connection.response().body == b"Hello, World!"


@CASES.case()
def empty_lines_before_a_request(server, _):
    with server.connect() as connection:
        connection.send(b"\r\n\r\n" + HELLO)
        assert connection.response().status == 200


@CASES.case(kinds=("plain", "unix", "dropin"))
def half_closed_client_gets_its_answers(server, _):
    for path, body in (("/hello", b"Hello, World!"), ("/slow/200", b"SLOW")):
        with server.connect() as connection:
            connection.send(request("GET", path) + HELLO)
            connection.finish()
            assert connection.response().body == body
            assert connection.response().body == b"Hello, World!"
            assert connection.is_closed()


@CASES.case()
def head_has_no_content(server, _):
    with server.connect() as connection:
        connection.send(request("HEAD", "/hello") + HELLO)
        head = connection.response(head_only=True)
        assert head.status == 200 and head.headers["content-length"] == "13", head
        assert connection.response().body == b"Hello, World!"


@CASES.case()
def no_content_and_not_modified_have_no_content(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/empty") + request("GET", "/unmodified") + HELLO)
        for status in (204, 304):
            response = connection.response()
            assert response.status == status and "content-length" not in response.headers, response
            assert "transfer-encoding" not in response.headers
        assert connection.response().body == b"Hello, World!"


@CASES.case()
def date_stands_in_answers_and_refusals(server, _):
    for data in (HELLO, b"nonsense\r\n\r\n"):
        with server.connect() as connection:
            connection.send(data)
            date = connection.response().headers["date"]
            assert len(date) == 29 and date.endswith(" GMT"), date


@CASES.case()
def connection_close_is_obeyed(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/hello", "Connection: close"))
        response = connection.response()
        assert response.body == b"Hello, World!" and response.headers["connection"] == "close"
        assert connection.is_closed()


@CASES.case()
def last_of_pipelined_requests_closes(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/slow/50") + HELLO + request("GET", "/hello", "Connection: close"))
        bodies = [connection.response().body for _ in range(3)]
        assert bodies == [b"SLOW", b"Hello, World!", b"Hello, World!"], bodies
        assert connection.is_closed()


@CASES.case()
def http_1_0_closes(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/hello", host=None, version="1.0"))
        assert connection.response().body == b"Hello, World!" and connection.is_closed()


@CASES.case()
def http_1_0_is_kept_alive_and_told_so(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/hello", "Connection: keep-alive", version="1.0") * 2)
        for _ in range(2):
            response = connection.response()
            assert response.headers["connection"] == "keep-alive" and response.body == b"Hello, World!"


@CASES.case()
def http_1_0_gets_no_chunks(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/chunked/11", host=None, version="1.0"))
        response = connection.response()
        assert "transfer-encoding" not in response.headers and len(response.body) == 11, response


@CASES.case()
def chunked_answer(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/chunked/11") + HELLO)
        response = connection.response()
        assert response.headers["transfer-encoding"] == "chunked" and len(response.body) == 11, response
        assert connection.response().body == b"Hello, World!"


@CASES.case(kinds=OURS)
def long_streams_whole(server, _):
    size = 5_000_001
    with server.connect() as connection:
        connection.send(request("GET", f"/chunked/{size}") + request("GET", f"/sized/{size}") + HELLO)
        assert connection.response().body == b"x" * size
        response = connection.response()
        assert response.headers["content-length"] == str(size) and response.body == b"x" * size
        assert connection.response().body == b"Hello, World!"


@CASES.case(kinds=("dropin",))
def files_and_devices_whole(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/file") + request("GET", "/device") + HELLO)
        for _ in range(2):
            assert connection.response().body == b"f" * 100_000
        assert connection.response().body == b"Hello, World!"


@CASES.case()
def large_answer_whole(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/big") + HELLO)
        assert len(connection.response().body) == 64 << 20
        assert connection.response().body == b"Hello, World!"


@CASES.case()
def continue_is_sent_when_asked_for(server, _):
    with server.connect() as connection:
        connection.send(request("POST", "/echo", "Content-Length: 5", "Expect: 100-continue"))
        assert connection.response().status == 100
        connection.send(b"hello")
        assert connection.response().body == b"len=5 body=hello"


@CASES.case()
def continue_is_left_out_when_the_body_is_here(server, _):
    with server.connect() as connection:
        connection.send(request("POST", "/echo", "Expect: 100-continue", body=b"hello"))
        assert connection.response().status == 200


@CASES.case()
def body_too_large_is_refused_before_it_is_sent(server, _):
    with server.connect() as connection:
        connection.send(request("POST", "/echo", "Content-Length: 9000000", "Expect: 100-continue"))
        assert connection.response().status == 413 and connection.is_closed()


@CASES.case()
def refusal_survives_unread_input(server, _):
    """Without a lingering close, the reset that unread bytes provoke would overtake the 413."""
    with server.connect() as connection:
        connection.send(request("POST", "/echo", "Content-Length: 20000000") + b"a" * 4_000_000)
        assert connection.response().status == 413


@CASES.case(kinds=OURS)
def absolute_target(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "http://other:81/seen?q=1", host="x"))
        assert connection.response().body.startswith(b"target=/seen?q=1 host=other:81 ")


@CASES.case()
def absolute_target_is_routed(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "http://other/hello") + request("OPTIONS", "*"))
        assert connection.response().body == b"Hello, World!"
        assert connection.response().status < 500


@CASES.case(kinds=OURS)
def no_field_can_be_injected(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/injected"))
        response = connection.response()
        assert "set-cookie" not in response.headers and "Set-Cookie" in response.headers["x-evil"], response


@CASES.case(kinds=("plain", "dropin"))
def forwarded_from_anybody_is_not_believed(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/seen", "X-Forwarded-For: 9.9.9.9", "Forwarded: for=9.9.9.9"))
        assert b"9.9.9.9" not in connection.response().body


@CASES.case()
def other_upgrades_are_ignored(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/hello", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c") + HELLO)
        for _ in range(2):
            assert connection.response().body == b"Hello, World!"


@CASES.case(kinds=OURS)
def deadline_stops_the_handler(server, _):
    before = server.stats()["stopped"]
    with server.connect() as connection:
        connection.send(request("GET", "/deadline/9000"))
        assert connection.response().status == 504
    assert server.stats()["stopped"] == before + 1


@CASES.case(kinds=OURS)
def reset_stops_the_handler(server, _):
    before = server.stats()["stopped"]
    connection = server.connect()
    connection.send(request("GET", "/slow/19000"))
    wait_until(lambda: server.stats()["busy"] == 2, "the request in work")  # and the one that asks
    connection.reset()
    wait_until(lambda: server.stats()["stopped"] == before + 1, "the stop")


@CASES.case(kinds=OURS)
def leaving_stops_the_handler(server, _):
    """A plain close looks like a half-close, until a probe is answered with a reset."""
    before = server.stats()["stopped"]
    with server.connect() as connection:
        connection.send(request("GET", "/slow/19000"))
    wait_until(lambda: server.stats()["stopped"] == before + 1, "the stop")


@CASES.case(kinds=OURS)
def events_end_with_their_reader(server, _):
    with server.connect() as connection:
        connection.send(request("GET", "/events"))
        connection.until(lambda b: b.count(b"data: tick") > 1, "events")
        assert server.stats()["bodies"] == 1
    wait_until(lambda: server.stats()["bodies"] == 0, "the end of the body")
