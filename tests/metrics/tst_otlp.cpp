// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/otlp.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::metrics;
using otlp::TracedRequest;

class tst_Otlp : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRequestIsAServersSpan();
    void whatWasDoneStandsWithin();
    void onlyOurOwnFailuresAreErrors_data();
    void onlyOurOwnFailuresAreErrors();
    void theHostIsTakenApart_data();
    void theHostIsTakenApart();
    void whatIsSentIsCutAndQuoted();

private:
    static constexpr std::chrono::nanoseconds dayOfSteady = 1'700'000'000s;

    static AnsweredRequest answered(int status = 200)
    {
        return { .self = *async::TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                 .parentId = 0x00f067aa0ba902b7,
                 .method = "GET",
                 .route = "/api/search",
                 .status = status,
                 .startedAt = TimePoint(5s),
                 .duration = 1234567ns,
                 .requestId = "r1",
                 .path = "/api/search",
                 .host = "godwit.example:8420" };
    }
    static QJsonObject resourceSpans(const std::vector<TracedRequest> &requests)
    {
        QJsonParseError error;
        const auto json = QJsonDocument::fromJson(
            otlp::toJson({ .name = "desk", .version = "1.2", .instance = "i" }, requests, dayOfSteady), &error);
        if (error.error != QJsonParseError::NoError)
            qFatal("%s", qPrintable(error.errorString()));
        return json["resourceSpans"_L1][0].toObject();
    }
    static QJsonArray spans(const std::vector<TracedRequest> &requests)
    {
        return resourceSpans(requests)["scopeSpans"_L1][0]["spans"_L1].toArray();
    }
    static QVariantMap attributes(const QJsonValue &owner)
    {
        QVariantMap map;
        for (const QJsonValue attribute : owner["attributes"_L1].toArray()) {
            const QJsonObject value = attribute["value"_L1].toObject();
            map[attribute["key"_L1].toString()] = value.contains("intValue"_L1)
                ? QVariant(value["intValue"_L1].toString().toLongLong())
                : QVariant(value["stringValue"_L1].toString());
        }
        return map;
    }
};

void tst_Otlp::aRequestIsAServersSpan()
{
    const QJsonObject all = resourceSpans({ TracedRequest(answered(), {}) });
    QCOMPARE(attributes(all["resource"_L1]),
             (QVariantMap{ { u"service.name"_s, u"desk"_s },
                           { u"service.version"_s, u"1.2"_s },
                           { u"service.instance.id"_s, u"i"_s } }));
    QCOMPARE(all["scopeSpans"_L1][0]["scope"_L1]["name"_L1].toString(), u"godwit"_s);
    const QJsonValue span = all["scopeSpans"_L1][0]["spans"_L1][0];
    QCOMPARE(span["traceId"_L1].toString(), u"0af7651916cd43dd8448eb211c80319c"_s);
    QCOMPARE(span["spanId"_L1].toString(), u"b7ad6b7169203331"_s);
    QCOMPARE(span["parentSpanId"_L1].toString(), u"00f067aa0ba902b7"_s);
    QCOMPARE(span["flags"_L1].toInt(), 0x301); // sampled; known to be of another process
    QCOMPARE(span["name"_L1].toString(), u"GET /api/search"_s);
    QCOMPARE(span["kind"_L1].toInt(), 2);
    QCOMPARE(span["startTimeUnixNano"_L1].toString(), u"1700000005000000000"_s);
    QCOMPARE(span["endTimeUnixNano"_L1].toString(), u"1700000005001234567"_s);
    QVERIFY(span["status"_L1].isUndefined());
    QCOMPARE(attributes(span),
             (QVariantMap{ { u"http.request.method"_s, u"GET"_s },
                           { u"http.route"_s, u"/api/search"_s },
                           { u"http.response.status_code"_s, 200LL },
                           { u"url.path"_s, u"/api/search"_s },
                           { u"url.scheme"_s, u"http"_s },
                           { u"server.address"_s, u"godwit.example"_s },
                           { u"server.port"_s, 8420LL },
                           { u"godwit.request_id"_s, u"r1"_s } }));
}

void tst_Otlp::whatWasDoneStandsWithin()
{
    const AnsweredRequest request = answered();
    const auto trace = std::make_shared<async::Trace>(request.self, "a=b");
    const auto outer = trace->begin();
    const auto inner = trace->begin();
    trace->add({ .id = inner,
                 .parent = outer,
                 .name = "outbound",
                 .start = TimePoint(5s + 1ms),
                 .end = TimePoint(5s + 2ms),
                 .hasFailed = true,
                 .attributes = { { "host", "[::1]:4318" }, { "status", "503" }, { "error", "no room" } } });
    trace->add({ .id = outer,
                 .name = "database read",
                 .start = TimePoint(5s),
                 .end = TimePoint(5s + 3ms),
                 .attributes = { { "statement", "SELECT 1" }, { "statement", "SELECT 2" }, { "attempt", "1" } } });
    const TracedRequest traced(request, trace);
    QCOMPARE(traced.spans(), 3);
    const QJsonArray all = spans({ traced });
    QCOMPARE(all.size(), 3);
    const QJsonValue whole = all[0], read = all[1], sent = all[2];
    for (const QJsonValue &span : { whole, read, sent }) {
        QCOMPARE(span["traceId"_L1].toString(), u"0af7651916cd43dd8448eb211c80319c"_s);
        QCOMPARE(span["traceState"_L1].toString(), u"a=b"_s);
    }
    QCOMPARE(read["parentSpanId"_L1], whole["spanId"_L1]);
    QCOMPARE(sent["parentSpanId"_L1], read["spanId"_L1]);
    QCOMPARE(read["kind"_L1].toInt(), 1);
    QCOMPARE(read["flags"_L1].toInt(), 0x101);
    QCOMPARE(attributes(read), (QVariantMap{ { u"db.query.text"_s, u"SELECT 1"_s }, { u"godwit.attempt"_s, u"1"_s } }));
    QCOMPARE(sent["kind"_L1].toInt(), 3);
    QCOMPARE(sent["endTimeUnixNano"_L1].toString(), u"1700000005002000000"_s);
    QCOMPARE(sent["status"_L1]["code"_L1].toInt(), 2);
    QCOMPARE(sent["status"_L1]["message"_L1].toString(), u"no room"_s);
    QCOMPARE(attributes(sent),
             (QVariantMap{ { u"server.address"_s, u"::1"_s },
                           { u"server.port"_s, 4318LL },
                           { u"http.response.status_code"_s, 503LL } }));
}

void tst_Otlp::onlyOurOwnFailuresAreErrors_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("isError");
    QTest::newRow("done") << 200 << false;
    QTest::newRow("the client's fault") << 404 << false;
    QTest::newRow("the server's") << 503 << true;
}

void tst_Otlp::onlyOurOwnFailuresAreErrors()
{
    QFETCH(int, status);
    QFETCH(bool, isError);
    const QJsonValue span = spans({ TracedRequest(answered(status), {}) })[0];
    QCOMPARE(span["status"_L1]["code"_L1].toInt(), isError ? 2 : 0);
    QCOMPARE(attributes(span)[u"error.type"_s].toString(), isError ? QString::number(status) : QString());
}

void tst_Otlp::theHostIsTakenApart_data()
{
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QVariant>("address");
    QTest::addColumn<QVariant>("port");
    QTest::newRow("a name") << "a.example"_ba << QVariant(u"a.example"_s) << QVariant();
    QTest::newRow("with a port") << "a.example:80"_ba << QVariant(u"a.example"_s) << QVariant(80LL);
    QTest::newRow("IPv6") << "[::1]"_ba << QVariant(u"::1"_s) << QVariant();
    QTest::newRow("IPv6 with a port") << "[::1]:81"_ba << QVariant(u"::1"_s) << QVariant(81LL);
    QTest::newRow("none") << ""_ba << QVariant() << QVariant();
}

void tst_Otlp::theHostIsTakenApart()
{
    QFETCH(QByteArray, host);
    QFETCH(QVariant, address);
    QFETCH(QVariant, port);
    AnsweredRequest request = answered();
    request.host = host;
    const QVariantMap found = attributes(spans({ TracedRequest(request, {}) })[0]);
    QCOMPARE(found.value(u"server.address"_s), address);
    QCOMPARE(found.value(u"server.port"_s), port);
}

void tst_Otlp::whatIsSentIsCutAndQuoted()
{
    AnsweredRequest request = answered();
    request.route = {};
    const QByteArray path = "/\"\\\xff" + QByteArray(10'000, 'x');
    request.path = path;
    const QJsonValue span = spans({ TracedRequest(request, {}) })[0];
    QCOMPARE(span["name"_L1].toString(), u"GET"_s);
    const QString shown = attributes(span)[u"url.path"_s].toString();
    QVERIFY(shown.startsWith(u"/\"\\\ufffd"_s));
    QCOMPARE(shown.size(), 512);
    QVERIFY(!attributes(span).contains(u"http.route"_s));
}

QTEST_GUILESS_MAIN(tst_Otlp)
#include "tst_otlp.moc"
