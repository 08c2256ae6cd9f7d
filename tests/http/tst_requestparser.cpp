// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/requestparser.h"
#include "tests/support/rounds.h"

#include <QRandomGenerator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit::http;

namespace {

/// How a request is cut into the pieces that arrive.
enum class Cut { Whole, Bytewise, Random };

struct Outcome
{
    Request request;
    RequestParser::State state;
    Status refusal;
    qsizetype used = 0;
};

Outcome parse(const QByteArray &bytes, Cut cut, const Limits &limits = {})
{
    Outcome outcome;
    RequestParser parser(limits);
    const auto isOver = [&parser] {
        return parser.state() == RequestParser::State::Complete || parser.state() == RequestParser::State::Refused;
    };
    QRandomGenerator random(7);
    while (outcome.used < bytes.size() && !isOver()) {
        const qsizetype rest = bytes.size() - outcome.used;
        qsizetype size = cut == Cut::Whole ? rest : cut == Cut::Bytewise ? 1 : 1 + random.bounded(9);
        size = std::min(size, rest);
        // A copy of its own, so that a read beyond the piece is seen by the sanitizer.
        const QByteArray piece(bytes.constData() + outcome.used, size);
        qsizetype used = parser.feed(piece, outcome.request);
        if (parser.state() == RequestParser::State::HeadComplete) {
            parser.acceptBody(limits.bodyBytes);
            used += parser.feed(QByteArrayView(piece).sliced(used), outcome.request);
        }
        outcome.used += used;
    }
    outcome.state = parser.state();
    outcome.refusal = parser.refusal();
    return outcome;
}

QByteArray get(const QByteArray &target, const QByteArray &fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

QByteArray chunked(const QByteArray &body)
{
    return "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

} // namespace

class tst_RequestParser : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void takesWhatIsValid_data();
    void takesWhatIsValid();
    void refusesWhatIsNot_data();
    void refusesWhatIsNot();
    void readsTheParts();
    void reducesAbsoluteForm_data();
    void reducesAbsoluteForm();
    void knowsWhetherTheConnectionIsKept_data();
    void knowsWhetherTheConnectionIsKept();
    void knowsWebSockets_data();
    void knowsWebSockets();
    void leavesTheNextRequestAlone();
    void keepsCapacityAndGivesLargeBodiesBack();
    void givesTheLimitOfARouteItsSay();
    void survivesRandomBytes();
};

void tst_RequestParser::takesWhatIsValid_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("body");
    QTest::newRow("least") << get("/") << ""_ba;
    QTest::newRow("empty lines first") << "\r\n\r\n" + get("/") << ""_ba;
    QTest::newRow("no space behind the colon") << get("/", "X:y\r\n") << ""_ba;
    QTest::newRow("tab in a field") << get("/", "X: a\tb\r\n") << ""_ba;
    QTest::newRow("8 bits in a field") << get("/", "X: \xc3\xa4\r\n") << ""_ba;
    QTest::newRow("empty field") << get("/", "X:\r\n") << ""_ba;
    QTest::newRow("odd characters in a target") << get("/a|b{c}^`?d[e]=\\") << ""_ba;
    QTest::newRow("empty host") << "GET / HTTP/1.1\r\nHost:\r\n\r\n"_ba << ""_ba;
    QTest::newRow("host with port") << "GET / HTTP/1.1\r\nHost: a.b:80\r\n\r\n"_ba << ""_ba;
    QTest::newRow("host with IPv6") << "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"_ba << ""_ba;
    QTest::newRow("1.0 without host") << "GET / HTTP/1.0\r\n\r\n"_ba << ""_ba;
    QTest::newRow("asterisk") << "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"_ba << ""_ba;
    QTest::newRow("unknown method") << "BREW / HTTP/1.1\r\nHost: x\r\n\r\n"_ba << ""_ba;
    QTest::newRow("length") << get("/", "Content-Length: 5\r\n") + "hello" << "hello"_ba;
    QTest::newRow("length with zeros") << get("/", "content-length: 0005\r\n") + "hello" << "hello"_ba;
    QTest::newRow("length zero") << get("/", "Content-Length: 0\r\n") << ""_ba;
    QTest::newRow("chunks") << chunked("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n") << "hello!"_ba;
    QTest::newRow("chunk size in capitals") << chunked("0A\r\n0123456789\r\n0\r\n\r\n") << "0123456789"_ba;
    QTest::newRow("chunk with extension") << chunked("5;a=b\r\nhello\r\n0 ; c\r\n\r\n") << "hello"_ba;
    QTest::newRow("trailers") << chunked("1\r\nx\r\n0\r\nA: b\r\nC: \r\n\r\n") << "x"_ba;
    QTest::newRow("line ends in the data") << chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n") << "\r\n\r\n"_ba;
}

void tst_RequestParser::takesWhatIsValid()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, body);
    for (const Cut cut : { Cut::Whole, Cut::Bytewise, Cut::Random }) {
        const Outcome outcome = parse(bytes, cut);
        QCOMPARE(outcome.state, RequestParser::State::Complete);
        QCOMPARE(outcome.used, bytes.size());
        QCOMPARE(outcome.request.body().toByteArray(), body);
    }
}

void tst_RequestParser::refusesWhatIsNot_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("status");
    const auto row
        = [](const char *name, const QByteArray &bytes, int status) { QTest::newRow(name) << bytes << status; };
    row("bare LF", "GET / HTTP/1.1\n", 400);
    row("bare LF in the fields", "GET / HTTP/1.1\r\nHost: x\n", 400);
    row("bare LF at the end", "GET / HTTP/1.1\r\nHost: x\r\n\n", 400);
    row("bare LF first", "\n" + get("/"), 400);
    row("bare CR first", "\r" + get("/"), 400);
    row("only empty lines", QByteArray("\r\n").repeated(10), 400);
    row("control character first", "\x16\x03", 400);
    row("bare CR in a field", get("/", "X: a\rb\r\n"), 400);
    row("bare CR in place of the end", "GET / HTTP/1.1\r\nHost: x\r\n\rX\r\n\r\n", 400);
    row("NUL", get("/", QByteArray("X: a\0b\r\n", 8)), 400);
    row("DEL", get("/", "X: a\x7f\r\n"), 400);
    row("folded", get("/", "X: a\r\n b\r\n"), 400);
    row("space before the colon", get("/", "X : a\r\n"), 400);
    row("no colon", get("/", "nonsense\r\n"), 400);
    row("no name", get("/", ": a\r\n"), 400);
    row("no host", "GET / HTTP/1.1\r\n\r\n", 400);
    row("two hosts", get("/", "Host: x\r\n"), 400);
    row("host ::1", "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n", 400);
    row("host [::1", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400);
    row("host [1]", "GET / HTTP/1.1\r\nHost: [1]\r\n\r\n", 400);
    row("host with zone", "GET / HTTP/1.1\r\nHost: [fe80::1%eth0]\r\n\r\n", 400);
    row("host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
    row("host with user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400);
    row("host with large port", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400);
    row("HTTP/2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505);
    row("HTTP/1.2", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505);
    row("no version", "GET /\r\nHost: x\r\n\r\n", 400);
    row("space at the end of the line", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", 400);
    row("two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    row("tab in the line", "GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400);
    row("8 bits in the target", get("/\xc3\xa4"), 400);
    row("fragment", get("/#a"), 400);
    row("relative", get("a"), 400);
    row("asterisk of GET", get("*"), 400);
    row("other scheme", get("ftp://x/"), 400);
    row("no authority", get("http:///"), 400);
    row("connect", "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", 501);
    row("length and coding", get("/", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400);
    row("length twice", get("/", "Content-Length: 1\r\nContent-Length: 1\r\n"), 400);
    row("length -1", get("/", "Content-Length: -1\r\n"), 400);
    row("length 1e3", get("/", "Content-Length: 1e3\r\n"), 400);
    row("length empty", get("/", "Content-Length:\r\n"), 400);
    row("length too large", get("/", "Content-Length: 8388609\r\n"), 413);
    row("length of 20 digits", get("/", "Content-Length: 18446744073709551616\r\n"), 413);
    row("other coding", get("/", "Transfer-Encoding: gzip\r\n"), 501);
    row("coding twice", get("/", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
    row("coding in 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    row("expectation", get("/", "Expect: x\r\n"), 417);
    row("chunk size empty", chunked("\r\n"), 400);
    row("chunk size -1", chunked("-1\r\n"), 400);
    row("chunk size 0x1", chunked("0x1\r\n"), 400);
    row("chunk size with space", chunked("1 \r\n"), 400);
    row("chunk size in two", chunked("1 1\r\n"), 400);
    row("chunk size with bare LF", chunked("1\nx\r\n"), 400);
    row("chunk size of 16 digits", chunked("0000000000000001\r\n"), 400);
    row("chunk too large", chunked("800001\r\n"), 413);
    row("chunks too large together", chunked("400000\r\n" + QByteArray(0x400000, 'x') + "\r\n400001\r\n"), 413);
    row("chunk longer than it says", chunked("1\r\nxy\r\n"), 400);
    row("chunk with bare LF behind it", chunked("1\r\nx\n"), 400);
    row("extension endless", chunked("1;" + QByteArray(2000, 'a')), 400);
    row("extensions endless together", chunked(QByteArray("1;" + QByteArray(1000, 'a') + "\r\nx\r\n").repeated(40)),
        400);
    row("NUL in an extension", chunked(QByteArray("1;\0", 3)), 400);
    row("trailer without colon", chunked("0\r\nx\r\n\r\n"), 400);
    row("trailer folded", chunked("0\r\nA: b\r\n c\r\n\r\n"), 400);
    row("trailer with bare LF", chunked("0\r\nA: b\n"), 400);
    row("trailers too large", chunked("0\r\nA: " + QByteArray(40'000, 'a')), 431);
    row("trailers too many", chunked("0\r\n" + QByteArray("A: b\r\n").repeated(101)), 431);
    row("line too long", "GET /" + QByteArray(9'000, 'a'), 414);
    row("line too long, complete", get("/" + QByteArray(9'000, 'a')), 414);
    row("field too long", get("/", "X: " + QByteArray(40'000, 'a')), 431);
    row("too many fields", get("/", QByteArray("A: b\r\n").repeated(100)), 431);
}

void tst_RequestParser::refusesWhatIsNot()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, status);
    const bool isLong = bytes.size() > 100'000;
    for (const Cut cut : { Cut::Whole, Cut::Bytewise, Cut::Random }) {
        if (isLong && cut == Cut::Bytewise)
            continue;
        const Outcome outcome = parse(bytes, cut);
        QCOMPARE(outcome.state, RequestParser::State::Refused);
        QCOMPARE(int(outcome.refusal), status);
    }
}

void tst_RequestParser::readsTheParts()
{
    const Outcome outcome = parse(get("/a%20b?c=d&e", "X-One:  1 \r\nx-two: a\r\nX-Two: b\r\nEmpty:\r\n"), Cut::Whole);
    const Request &request = outcome.request;
    QCOMPARE(request.method(), Method::Get);
    QCOMPARE(request.target(), QByteArrayView("/a%20b?c=d&e"));
    QCOMPARE(request.path(), QByteArrayView("/a%20b"));
    QCOMPARE(request.query(), QByteArrayView("c=d&e"));
    QCOMPARE(request.header("x-one"), QByteArrayView("1"));
    QCOMPARE(request.header("X-TWO"), QByteArrayView("a"));
    QCOMPARE(request.joinedHeader("x-two"), "a, b"_ba);
    QVERIFY(request.hasHeader("empty") && request.header("empty").isEmpty());
    QVERIFY(!request.hasHeader("missing"));
    QCOMPARE(request.fields().size(), size_t(5));
    QCOMPARE(request.minorVersion(), 1);
}

void tst_RequestParser::reducesAbsoluteForm_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("reduced");
    QTest::addColumn<QByteArray>("host");
    QTest::newRow("with path") << "http://a:1/b?c"_ba << "/b?c"_ba << "a:1"_ba;
    QTest::newRow("without path") << "http://a:1"_ba << "/"_ba << "a:1"_ba;
    QTest::newRow("query without path") << "HTTPS://a?c=/d"_ba << "/?c=/d"_ba << "a"_ba;
}

void tst_RequestParser::reducesAbsoluteForm()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, reduced);
    QFETCH(QByteArray, host);
    for (const QByteArray &head : { get(target), QByteArray("GET " + target + " HTTP/1.0\r\n\r\n") }) {
        const Outcome outcome = parse(head, Cut::Random);
        QCOMPARE(outcome.state, RequestParser::State::Complete);
        QCOMPARE(outcome.request.target().toByteArray(), reduced);
        QCOMPARE(outcome.request.header("host").toByteArray(), host);
    }
}

void tst_RequestParser::knowsWhetherTheConnectionIsKept_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("isKept");
    QTest::newRow("1.1") << get("/") << true;
    QTest::newRow("1.1 close") << get("/", "Connection: close\r\n") << false;
    QTest::newRow("1.1 close among others") << get("/", "Connection: x, Close ,y\r\n") << false;
    QTest::newRow("1.1 both") << get("/", "Connection: keep-alive\r\nConnection: close\r\n") << false;
    QTest::newRow("1.1 word that contains it") << get("/", "Connection: closed\r\n") << true;
    QTest::newRow("1.0") << "GET / HTTP/1.0\r\n\r\n"_ba << false;
    QTest::newRow("1.0 keep-alive") << "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"_ba << true;
    QTest::newRow("1.0 both") << "GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n"_ba << false;
}

void tst_RequestParser::knowsWhetherTheConnectionIsKept()
{
    QFETCH(QByteArray, bytes);
    QTEST(parse(bytes, Cut::Whole).request.keepsAlive(), "isKept");
}

void tst_RequestParser::knowsWebSockets_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("isOne");
    QTest::newRow("usual") << get("/", "Upgrade: websocket\r\nConnection: Upgrade\r\n") << true;
    QTest::newRow("firefox") << get("/", "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n") << true;
    QTest::newRow("no connection") << get("/", "Upgrade: websocket\r\n") << false;
    QTest::newRow("h2c") << get("/", "Upgrade: h2c\r\nConnection: Upgrade\r\n") << false;
    QTest::newRow("1.0") << "GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"_ba << false;
    QTest::newRow("with a body") << get("/", "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 1\r\n") + "x"
                                 << false;
}

void tst_RequestParser::knowsWebSockets()
{
    QFETCH(QByteArray, bytes);
    QTEST(parse(bytes, Cut::Whole).request.wantsWebSocket(), "isOne");
}

void tst_RequestParser::leavesTheNextRequestAlone()
{
    const QByteArray first = get("/1", "Content-Length: 3\r\n") + "abc", second = chunked("1\r\nx\r\n0\r\n\r\n");
    const QByteArray stream = first + second + get("/3");
    const Limits limits;
    RequestParser parser(limits);
    Request request;
    QByteArrayView rest = stream;
    for (const qsizetype size : { first.size(), second.size(), get("/3").size() }) {
        qsizetype used = parser.feed(rest, request);
        if (parser.state() == RequestParser::State::HeadComplete) {
            parser.acceptBody(100);
            used += parser.feed(rest.sliced(used), request);
        }
        QCOMPARE(parser.state(), RequestParser::State::Complete);
        QCOMPARE(used, size);
        rest = rest.sliced(used);
        parser.reset(request);
        QVERIFY(!parser.hasStarted());
        QVERIFY(request.head().isEmpty() && request.body().isEmpty());
    }
    QVERIFY(rest.isEmpty());
}

void tst_RequestParser::keepsCapacityAndGivesLargeBodiesBack()
{
    const Limits limits;
    RequestParser parser(limits);
    Request request;
    const char *head = nullptr;
    for (int i = 0; i < 3; ++i) {
        parser.feed(get("/some/target"), request);
        QVERIFY(i == 0 || request.head().data() == head);
        head = request.head().data();
        parser.reset(request);
    }
    const QByteArray large = get("/", "Content-Length: 1000000\r\n") + QByteArray(1'000'000, 'x');
    const qsizetype used = parser.feed(large, request);
    parser.acceptBody(limits.bodyBytes);
    parser.feed(QByteArrayView(large).sliced(used), request);
    QCOMPARE(request.body().size(), 1'000'000);
    const char *const body = request.body().data();
    parser.reset(request);
    QVERIFY(request.body().data() != body);
}

void tst_RequestParser::givesTheLimitOfARouteItsSay()
{
    const Limits limits;
    const QByteArray head = get("/", "Content-Length: 100\r\n");
    for (const auto &[limit, state] :
         { std::pair{ 100, RequestParser::State::Body }, { 99, RequestParser::State::Refused } }) {
        RequestParser parser(limits);
        Request request;
        QCOMPARE(parser.feed(head, request), head.size());
        QCOMPARE(parser.state(), RequestParser::State::HeadComplete);
        QCOMPARE(request.path(), QByteArrayView("/")); // what the limit may depend on is there
        parser.acceptBody(limit);
        QCOMPARE(parser.state(), state);
    }
}

/// Whatever comes: an end in bounded memory, and never a byte beyond what was given (the sanitizer watches).
void tst_RequestParser::survivesRandomBytes()
{
    QRandomGenerator random(42);
    const QByteArray seeds[]
        = { get("/a?b", "X: y\r\nConnection: close\r\n"), chunked("5;x\r\nhello\r\n0\r\nT: u\r\n\r\n"),
            get("http://a:1?b"), get("/", "Content-Length: 5\r\n") + "hello" };
    const char interesting[] = "\r\n\0 \t:;,/?#*[]0aA-\x7f\xff";
    for (unsigned i = 0; i < godwit::rounds(20'000); ++i) {
        QByteArray bytes = seeds[random.bounded(4)];
        for (int k = random.bounded(1, 4); k > 0; --k) {
            const char c = interesting[random.bounded(int(sizeof interesting))];
            const qsizetype at = random.bounded(int(bytes.size()));
            if (random.bounded(2))
                bytes[at] = c;
            else
                bytes.insert(at, c);
        }
        const Outcome whole = parse(bytes, Cut::Whole), random2 = parse(bytes, Cut::Random);
        QCOMPARE(random2.state == RequestParser::State::Complete, whole.state == RequestParser::State::Complete);
        if (whole.state == RequestParser::State::Complete) {
            QCOMPARE(random2.used, whole.used);
            QCOMPARE(random2.request.target(), whole.request.target());
            QCOMPARE(random2.request.body(), whole.request.body());
        }
    }
}

QTEST_APPLESS_MAIN(tst_RequestParser)
#include "tst_requestparser.moc"
