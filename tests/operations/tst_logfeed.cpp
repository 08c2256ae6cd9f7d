// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/eventstream.h"
#include "server/http/pipeline.h"
#include "server/operations/insideendpoints.h"
#include "server/operations/logfeed.h"
#include "tests/support/testanswerer.h"

#include <QTest>

#include <thread>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::operations;

class tst_LogFeed : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void filters_data();
    void filters();
    void aNewReaderGetsTheTailAndWhatFollows();
    void whoComesBackGetsExactlyWhatWasMissed();
    void whatIsGoneIsSaid();
    void aSlowReaderIsToldWhatItLost();
    void linesOfManyThreads();
    void onlyForOperators();

private:
    static LogLine line(const QString &message, LogLevel level = LogLevel::Info)
    {
        return { .level = level, .category = u"godwit.http.pipeline"_s, .message = message, .requestId = u"r1"_s };
    }
    static QByteArray read(http::EventStream &stream) { return test::TestAnswerer::readAll(stream); }
};

void tst_LogFeed::filters_data()
{
    QTest::addColumn<LogLevel>("least");
    QTest::addColumn<QString>("category");
    QTest::addColumn<QString>("requestId");
    QTest::addColumn<bool>("isAdmitted");
    QTest::newRow("all") << LogLevel::Debug << QString() << QString() << true;
    QTest::newRow("its level") << LogLevel::Warning << QString() << QString() << true;
    QTest::newRow("a higher level") << LogLevel::Error << QString() << QString() << false;
    QTest::newRow("its category") << LogLevel::Info << u"godwit.http.pipeline"_s << QString() << true;
    QTest::newRow("one above") << LogLevel::Info << u"godwit.http"_s << QString() << true;
    QTest::newRow("one that begins alike") << LogLevel::Info << u"godwit.ht"_s << QString() << false;
    QTest::newRow("one below") << LogLevel::Info << u"godwit.http.pipeline.x"_s << QString() << false;
    QTest::newRow("its request") << LogLevel::Info << QString() << u"r1"_s << true;
    QTest::newRow("another request") << LogLevel::Info << QString() << u"r"_s << false;
}

void tst_LogFeed::filters()
{
    QFETCH(LogLevel, least);
    QFETCH(QString, category);
    QFETCH(QString, requestId);
    QFETCH(bool, isAdmitted);
    const LogFilter filter{ .least = least, .category = category, .requestId = requestId };
    QCOMPARE(filter.admits(line(u"x"_s, LogLevel::Warning)), isAdmitted);
    LogFeed feed;
    const auto stream = std::make_shared<http::EventStream>();
    feed.subscribe(stream, filter, 0, {});
    feed.add(line(u"admitted?"_s, LogLevel::Warning));
    feed.add({ .level = LogLevel::Error, .category = u"other"_s, .message = u"other"_s });
    QCoreApplication::processEvents();
    QCOMPARE(read(*stream).contains("admitted?"), isAdmitted);
}

void tst_LogFeed::aNewReaderGetsTheTailAndWhatFollows()
{
    LogFeed feed;
    for (int i = 1; i <= 4; ++i)
        feed.add(line(u"line-%1"_s.arg(i), i == 3 ? LogLevel::Debug : LogLevel::Info));
    const auto stream = std::make_shared<http::EventStream>();
    feed.subscribe(stream, {}, 2, {});
    feed.add(line(u"line-5"_s));
    QByteArray text;
    QTRY_VERIFY(text.append(read(*stream)).contains("line-5"));
    QCOMPARE(text.count("event: log\n"), 3);
    QVERIFY(text.indexOf("line-2") < text.indexOf("line-4"));
    QVERIFY(text.contains(R"("request_id":"r1")"));
}

void tst_LogFeed::whoComesBackGetsExactlyWhatWasMissed()
{
    LogFeed feed;
    feed.add(line(u"line-1"_s));
    const auto first = std::make_shared<http::EventStream>();
    feed.subscribe(first, {}, 1, {});
    const QByteArray text = read(*first);
    const qsizetype at = text.indexOf("id: ") + 4;
    const QByteArray id = text.sliced(at, text.indexOf('\n', at) - at);
    feed.add(line(u"line-2"_s));
    feed.add(line(u"line-3"_s, LogLevel::Debug)); // not wanted
    feed.add(line(u"line-4"_s));
    const auto second = std::make_shared<http::EventStream>();
    feed.subscribe(second, {}, 100, id);
    const QByteArray missed = read(*second);
    QCOMPARE(missed.count("event: log\n"), 2);
    QVERIFY(!missed.contains("event: gap"));
    QVERIFY(missed.contains("line-2") && missed.contains("line-4"));
}

void tst_LogFeed::whatIsGoneIsSaid()
{
    LogFeed feed(2);
    for (int i = 1; i <= 5; ++i)
        feed.add(line(u"line-%1"_s.arg(i)));
    for (const QByteArray &id : { "0123456789abcdef:4"_ba, "4"_ba, ":"_ba, "x"_ba }) {
        const auto stream = std::make_shared<http::EventStream>();
        feed.subscribe(stream, {}, 100, id);
        const QByteArray text = read(*stream);
        QVERIFY2(text.contains(R"("recovered":false)"), id.constData());
        QCOMPARE(text.count("event: log\n"), 2);
    }
}

void tst_LogFeed::aSlowReaderIsToldWhatItLost()
{
    LogFeed feed;
    const auto stream = std::make_shared<http::EventStream>(http::EventStream::Options{ .queueBytes = 2'000 });
    feed.subscribe(stream, {}, 0, {});
    for (int i = 0; i < 100; ++i)
        feed.add(line(u"line-%1"_s.arg(i)));
    QCoreApplication::processEvents();
    const QByteArray text = read(*stream);
    const auto got = text.count("event: log\n");
    QVERIFY(got < 100);
    QVERIFY(text.contains(QByteArray("event: gap\ndata: {\"dropped\":" + QByteArray::number(stream->droppedEvents()))));
    QVERIFY(got + stream->droppedEvents() >= 100);
}

void tst_LogFeed::linesOfManyThreads()
{
    LogFeed feed(10'000);
    std::vector<std::jthread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&feed] {
            for (int i = 0; i < 500; ++i)
                feed.add(line(u"x"_s));
        });
    }
    threads.clear();
    const auto stream = std::make_shared<http::EventStream>(http::EventStream::Options{ .queueBytes = 10'000'000 });
    feed.subscribe(stream, {}, 10'000, {});
    QByteArray text;
    while (stream->queuedBytes() > 0)
        text += read(*stream);
    QCOMPARE(text.count("event: log\n"), 1'500);
}

void tst_LogFeed::onlyForOperators()
{
    LogFeed feed;
    http::Router router;
    addLogRoutes(router, feed);
    http::Pipeline pipeline(router, {});
    test::TestAnswerer answers;
    const auto ask = [&](QByteArrayView target) {
        answers.handle(pipeline, http::Request::get(target));
        return answers.last().status();
    };
    QCOMPARE(ask("/api/logs/stream"), http::Status::Unauthorized);
    answers.caller = std::make_shared<const protocol::Principal>(protocol::Principal{ .role = protocol::Role::Member });
    QCOMPARE(ask("/api/logs/stream"), http::Status::Forbidden);
    answers.caller
        = std::make_shared<const protocol::Principal>(protocol::Principal{ .role = protocol::Role::Operator });
    QCOMPARE(ask("/api/logs/stream?level=loud"), http::Status::BadRequest);
    QCOMPARE(ask("/api/logs/stream?level=warning"), http::Status::Ok);
    QCOMPARE(answers.last().contentType(), "text/event-stream");
}

QTEST_GUILESS_MAIN(tst_LogFeed)
#include "tst_logfeed.moc"
