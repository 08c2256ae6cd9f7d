// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/sse.h"
#include "tests/support/rounds.h"

#include <QRandomGenerator>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit::protocol;

namespace {

/// `event|data|id|retry` of each, readable in a failed comparison; `-` for what was not sent.
QByteArrayList told(const QList<SseEvent> &events)
{
    QByteArrayList list;
    for (const SseEvent &event : events)
        list << event.event + '|' + event.data + '|' + (event.id.isNull() ? "-"_ba : event.id) + '|'
                + (event.retry ? QByteArray::number(qint64(event.retry->count())) : "-"_ba);
    return list;
}

} // namespace

class tst_Sse : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reads_data();
    void reads();
    void readsTheSameInPieces_data() { reads_data(); }
    void readsTheSameInPieces();
    void whatIsWrittenIsReadAgain_data();
    void whatIsWrittenIsReadAgain();
    void nothingCanBeInjected();
    void fieldsWithoutAnEventAreTakenOverSilently();
    void lastEventIdOutlivesItsEvent();
    void aLongLineFails();
    void aLongEventFails();
    void resetBeginsAnew();
};

void tst_Sse::reads_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArrayList>("expected");
    const auto row = [](const char *name, const QByteArray &bytes, const QByteArrayList &expected) {
        QTest::newRow(name) << bytes << expected;
    };
    // The examples of WHATWG HTML, 9.2.6.
    row("standard: data lines are joined", "data: YHOO\ndata: +2\ndata: 10\n\n", { "|YHOO\n+2\n10|-|-" });
    row("standard: comment, ids, reset of the id",
        ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        { "|first event|1|-", "|second event||-", "| third event|-|-" });
    row("standard: empty data is data, an unfinished event is none",
        "data\n\ndata\ndata\n\ndata:", { "||-|-", "|\n|-|-" });
    row("standard: one space after the colon is left out", "data:test\n\ndata: test\n\n", { "|test|-|-", "|test|-|-" });
    row("standard: types", "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
        { "add|73857293|-|-", "remove|2153|-|-" });

    row("CR", "data: a\rdata: b\r\r", { "|a\nb|-|-" });
    row("CRLF", "data: a\r\ndata: b\r\n\r\n", { "|a\nb|-|-" });
    row("mixed line ends", "data: a\r\ndata: b\ndata: c\r\n\r\ndata: d\r\r", { "|a\nb\nc|-|-", "|d|-|-" });
    row("byte order mark",
        "\xEF\xBB\xBF"
        "data: a\n\n",
        { "|a|-|-" });
    row("only one byte order mark",
        "\xEF\xBB\xBF\xEF\xBB\xBF"
        "data: a\n\ndata: b\n\n",
        { "|b|-|-" });
    row("heartbeats", ":\n\n:\n\ndata: a\n\n:\n\n", { "|a|-|-" });
    row("unknown field", "colour: red\ndata: a\n\n", { "|a|-|-" });
    row("names have case", "Data: a\nDATA: b\ndata: c\n\n", { "|c|-|-" });
    row("no data, no event", "event: lost\nid: 4\n\ndata: a\n\n", { "|a|-|-" });
    row("colons in a value", "data: a: b:c\n\n", { "|a: b:c|-|-" });
    row("retry", "retry: 2500\ndata: a\n\n", { "|a|-|2500" });
    row("retry that is no number", "retry: 2.5\ndata: a\n\n", { "|a|-|-" });
    row("retry without an event comes with the next", "retry: 2500\n\ndata: a\n\ndata: b\n\n",
        { "|a|-|2500", "|b|-|-" });
    row("id with NUL", QByteArray("id: a\0b\ndata: x\n\n", 17), { "|x|-|-" });
    row("the last of a field counts", "event: a\nevent: b\nid: 1\nid: 2\ndata: x\n\n", { "b|x|2|-" });
    row("UTF-8", "data: \xC3\xA4\xE2\x82\xAC\n\n", { "|\xC3\xA4\xE2\x82\xAC|-|-" });
}

void tst_Sse::reads()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArrayList, expected);
    SseParser parser;
    QCOMPARE(told(parser.feed(bytes)), expected);
    QVERIFY(!parser.hasFailed());
}

void tst_Sse::readsTheSameInPieces()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArrayList, expected);
    QRandomGenerator random(20261122);
    for (unsigned round = 0; round < godwit::rounds(200); ++round) {
        SseParser parser;
        QList<SseEvent> events;
        for (qsizetype at = 0; at < bytes.size();) {
            // Round 0 goes byte by byte.
            const qsizetype size = round == 0 ? 1 : qMin<qsizetype>(random.bounded(1, 9), bytes.size() - at);
            events += parser.feed(QByteArrayView(bytes).sliced(at, size));
            at += size;
        }
        QCOMPARE(told(events), expected);
    }
}

void tst_Sse::whatIsWrittenIsReadAgain_data()
{
    QTest::addColumn<QByteArray>("event");
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<QByteArray>("read");
    QTest::newRow("plain") << "progress"_ba << "{\"a\":1}"_ba << "{\"a\":1}"_ba;
    QTest::newRow("no name") << QByteArray() << "hello"_ba << "hello"_ba;
    QTest::newRow("several lines") << QByteArray() << "a\nb\n\nc"_ba << "a\nb\n\nc"_ba;
    QTest::newRow("ends with a line break") << QByteArray() << "a\n"_ba << "a\n"_ba;
    QTest::newRow("only line breaks") << QByteArray() << "\n\n"_ba << "\n\n"_ba;
    QTest::newRow("other line breaks") << QByteArray() << "a\rb\r\nc"_ba << "a\nb\nc"_ba;
    QTest::newRow("leading space") << QByteArray() << " a"_ba << " a"_ba;
    QTest::newRow("empty data") << "end"_ba << ""_ba << ""_ba;
    QTest::newRow("null data with a name") << "end"_ba << QByteArray() << ""_ba;
    QTest::newRow("looks like fields") << QByteArray() << "data: x\nid: 7\n:"_ba << "data: x\nid: 7\n:"_ba;
}

void tst_Sse::whatIsWrittenIsReadAgain()
{
    QFETCH(QByteArray, event);
    QFETCH(QByteArray, data);
    QFETCH(QByteArray, read);
    SseParser parser;
    const auto events = parser.feed(encodeSse({ .event = event, .data = data, .id = "3:17", .retry = 1500ms }));
    QCOMPARE(told(events), QByteArrayList{ event + '|' + read + "|3:17|1500" });
    QCOMPARE(parser.lastEventId(), "3:17"_ba);
}

void tst_Sse::nothingCanBeInjected()
{
    SseParser parser;
    const QByteArray bytes
        = encodeSse({ .event = "a\ndata: evil\n\nb", .data = "x", .id = QByteArray("1\r\nevent: evil\0", 15) });
    QCOMPARE(told(parser.feed(bytes)), QByteArrayList{ "adata: evilb|x|1event: evil|-" });
    QCOMPARE(parser.feed(encodeSseComment("a\ndata: evil\n\n")).size(), 0);
}

void tst_Sse::fieldsWithoutAnEventAreTakenOverSilently()
{
    SseParser parser;
    QCOMPARE(encodeSse({ .retry = 3s }), "retry: 3000\n\n"_ba);
    QVERIFY(parser.feed(encodeSse({ .id = "9" })).isEmpty());
    QCOMPARE(parser.lastEventId(), "9"_ba);
}

void tst_Sse::lastEventIdOutlivesItsEvent()
{
    SseParser parser;
    parser.feed("id: 5\ndata: a\n\n");
    parser.feed("data: b\n\n");
    QCOMPARE(parser.lastEventId(), "5"_ba);
    parser.feed("id: 6\n"); // its event is not complete
    QCOMPARE(parser.lastEventId(), "5"_ba);
    parser.feed("\nid:\ndata: c\n\n");
    QCOMPARE(parser.lastEventId(), ""_ba);
}

void tst_Sse::aLongLineFails()
{
    SseParser parser(64);
    QVERIFY(parser.feed("data: "_ba.append(40, 'a')).isEmpty());
    QVERIFY(!parser.hasFailed());
    parser.feed(QByteArray(40, 'a'));
    QVERIFY(parser.hasFailed());
    QVERIFY(parser.feed("\n\ndata: b\n\n").isEmpty());
}

void tst_Sse::aLongEventFails()
{
    SseParser parser(64);
    for (int i = 0; i < 7 && !parser.hasFailed(); ++i)
        parser.feed("data: 1234567890\n");
    QVERIFY(parser.hasFailed());
}

void tst_Sse::resetBeginsAnew()
{
    SseParser parser(64);
    parser.feed("id: 1\ndata: a\n\ndata: half");
    parser.reset();
    QCOMPARE(told(parser.feed("\xEF\xBB\xBF"
                              "data: b\n\n")),
             QByteArrayList{ "|b|-|-" });
    QVERIFY(parser.lastEventId().isEmpty());
    parser.feed(QByteArray(65, 'x'));
    QVERIFY(parser.hasFailed()); // the limit has stayed
}

QTEST_APPLESS_MAIN(tst_Sse)
#include "tst_sse.moc"
