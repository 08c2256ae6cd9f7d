// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "server/search/service.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::search;

class tst_Search : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void documentsAreKeptAndChanged();
    void documentsAreChecked();
    void findsByWordPhraseAndPrefix_data();
    void findsByWordPhraseAndPrefix();
    void bestFirstWithRelevance();
    void snippetsShowWhyAndAreEscaped();
    void limitAndKind();
    void blankAndOutOfRangeAreRefused();
    void neverAnErrorForOddInput();
    void removedAndChangedAreNoLongerFound();
    void secondSearchComesFromTheCache();
    void cacheForgets();
    void cacheIsBounded();
    void searchEndsWithItsDeadline();
};

struct TestService
{
    explicit TestService(ResultCache::Options cache = resultCacheOptions(), const Clock &clock = Clock::system())
        : pool(db::Options{ .file = dir.filePath(u"test.db"_s) }),
          service(pool, cache, clock)
    {
        db::migrate(pool);
    }
    qint64 add(const QString &title, const QString &body)
    {
        return service.createDocument({}, { .title = title, .body = body }).result().id;
    }
    QList<qint64> ids(const QString &text, int limit = 10)
    {
        QList<qint64> result;
        const Found found = service.search({}, { .text = text, .limit = limit }).result();
        for (const auto &hit : found.hits)
            result.append(hit.id);
        return result;
    }

    QTemporaryDir dir;
    db::Pool pool;
    Service service;
};

template<class Work>
static std::optional<Error::Code> errorFrom(Work work)
{
    try {
        work();
        return {};
    } catch (const Error &error) {
        return error.code();
    }
}

void tst_Search::documentsAreKeptAndChanged()
{
    TestService test;
    const qint64 id = test.add(u"Godwit"_s, u"A bird"_s);
    auto document = test.service.document({}, id).result();
    QCOMPARE(document.title, u"Godwit"_s);
    QCOMPARE(document.body, u"A bird"_s);
    document = test.service.updateDocument({}, id, { .title = u"Curlew"_s, .body = QString() }).result();
    QCOMPARE(document.title, u"Curlew"_s);
    QCOMPARE(document.body, QString());
    QCOMPARE(test.service.removeDocument({}, id).result(), id);
    using Code = Error::Code;
    QCOMPARE(errorFrom([&] { test.service.document({}, id).result(); }), Code::NotFound);
    QCOMPARE(errorFrom([&] { test.service.removeDocument({}, id).result(); }), Code::NotFound);
    QCOMPARE(errorFrom([&] { test.service.updateDocument({}, id, { .title = u"x"_s, .body = {} }).result(); }),
             Code::NotFound);
    QVERIFY(test.add(u"Next"_s, {}) > id); // an id is never given again
}

void tst_Search::documentsAreChecked()
{
    QVERIFY(NewDocument::fromJson({ { u"title"_s, u"a"_s }, { u"body"_s, u""_s } }));
    QVERIFY(!NewDocument::fromJson({ { u"title"_s, u" "_s }, { u"body"_s, u""_s } }));
    QVERIFY(!NewDocument::fromJson({ { u"title"_s, u"a"_s } }));
    QVERIFY(!NewDocument::fromJson({ { u"title"_s, 1 }, { u"body"_s, u""_s } }));
    QVERIFY(!NewDocument::fromJson({ { u"title"_s, u"a"_s.repeated(1001) }, { u"body"_s, u""_s } }));
}

void tst_Search::findsByWordPhraseAndPrefix_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QList<qint64>>("ids");
    using Ids = QList<qint64>;
    QTest::newRow("word") << u"flies"_s << Ids{ 1, 2 };
    QTest::newRow("all words") << u"flies night"_s << Ids{ 2 };
    QTest::newRow("case and accents") << u"CAFE"_s << Ids{ 3 };
    QTest::newRow("accents typed") << u"café"_s << Ids{ 3 };
    QTest::newRow("phrase") << u"\"flies eleven days\""_s << Ids{ 1 };
    QTest::newRow("phrase in another order") << u"\"days eleven\""_s << Ids();
    QTest::newRow("prefix") << u"elev*"_s << Ids{ 1 };
    QTest::newRow("no prefix without star") << u"elev"_s << Ids();
    QTest::newRow("without") << u"flies -owl"_s << Ids{ 1 };
    QTest::newRow("title") << u"godwit"_s << Ids{ 1 };
    QTest::newRow("nothing") << u"penguin"_s << Ids();
}

void tst_Search::findsByWordPhraseAndPrefix()
{
    QFETCH(QString, text);
    QFETCH(QList<qint64>, ids);
    TestService test;
    test.add(u"Godwit"_s, u"It flies eleven days without landing."_s);
    test.add(u"Owl"_s, u"It flies at night, does the owl."_s);
    test.add(u"Gull"_s, u"Steals in front of the Café."_s);
    auto found = test.ids(text);
    std::sort(found.begin(), found.end());
    QCOMPARE(found, ids);
}

void tst_Search::bestFirstWithRelevance()
{
    TestService test;
    for (int i = 0; i < 20; ++i)
        test.add(u"Other %1"_s.arg(i), u"Nothing to see here, only filling words, number %1."_s.arg(i));
    const qint64 once = test.add(u"Birds"_s, u"There is a godwit among many other words that say little of it."_s);
    const qint64 often = test.add(u"More birds"_s, u"godwit godwit godwit"_s);
    const qint64 title = test.add(u"Godwit"_s, u"A godwit, the godwit, this godwit."_s);
    const Found found = test.service.search({}, { .text = u"godwit"_s }).result();
    QCOMPARE(found.hits.size(), 3);
    QCOMPARE(found.hits[0].id, title);
    QCOMPARE(found.hits[1].id, often);
    QCOMPARE(found.hits[2].id, once);
    double last = 1;
    for (const auto &hit : found.hits) {
        QVERIFY2(hit.relevance > 0 && hit.relevance <= last, qPrintable(QString::number(hit.relevance)));
        last = hit.relevance;
    }
    QVERIFY(found.hits[0].relevance > found.hits[2].relevance);
    const QJsonArray json = QJsonDocument::fromJson(found.json).array();
    QCOMPARE(json.size(), 3);
    QCOMPARE(json[0].toObject(), found.hits[0].toJson());
}

void tst_Search::snippetsShowWhyAndAreEscaped()
{
    TestService test;
    test.add(u"One"_s, u"Beware of <script>alert(1)</script> & the godwit"_s + QChar(2) + u"!"_s);
    test.add(u"The godwit's title"_s, u"Nothing here."_s);
    for (const auto &hit : test.service.search({}, { .text = u"godwit"_s }).result().hits) {
        QVERIFY2(hit.snippet.contains("<mark>godwit</mark>"_L1), qPrintable(hit.snippet));
        QVERIFY2(!hit.snippet.contains("<script"_L1), qPrintable(hit.snippet));
        QCOMPARE(hit.snippet.count(u"<mark>"_s), hit.snippet.count(u"</mark>"_s));
    }
}

void tst_Search::limitAndKind()
{
    TestService test;
    for (int i = 0; i < 120; ++i)
        test.add(u"Bird %1"_s.arg(i), u"bird"_s);
    QCOMPARE(test.ids(u"bird"_s, 1).size(), 1);
    QCOMPARE(test.ids(u"bird"_s, 100).size(), 100);
    const auto count = [&](const QString &kind) {
        return test.service.search({}, { .text = u"bird"_s, .kind = kind }).result().hits.size();
    };
    QCOMPARE(count(u""_s), 10);
    QCOMPARE(count(u"document"_s), 10);
    QCOMPARE(count(u"message"_s), 0);
}

void tst_Search::blankAndOutOfRangeAreRefused()
{
    TestService test;
    const auto code = [&](Query query) { return errorFrom([&] { test.service.search({}, query).result(); }); };
    QCOMPARE(code({ .text = u" "_s }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a"_s, .limit = 0 }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a"_s, .limit = 101 }), Error::Code::InvalidArgument);
}

void tst_Search::neverAnErrorForOddInput()
{
    TestService test;
    test.add(u"Godwit"_s, u"A bird"_s);
    QRandomGenerator random(7);
    const QString alphabet
        = u"\"*-+^:(){}[]'\\/%_;,. \t\nabANDORNOTNEAR<>&|!?\u0301\u200b\ufffeé🐦\x02"_s + QChar(0) + QChar(0xd801);
    for (int i = 0; i < 2000; ++i) {
        QString text;
        for (int j = 1 + random.bounded(12); j > 0; --j)
            text += alphabet[random.bounded(alphabet.size())];
        if (text.trimmed().isEmpty())
            continue;
        try {
            test.service.search({}, { .text = text }).result();
        } catch (const Error &error) {
            QFAIL(qPrintable(text + u": "_s + error.internalMessage()));
        }
    }
}

void tst_Search::removedAndChangedAreNoLongerFound()
{
    TestService test;
    const qint64 one = test.add(u"One"_s, u"godwit"_s);
    const qint64 two = test.add(u"Two"_s, u"godwit"_s);
    QCOMPARE(test.ids(u"godwit"_s).size(), 2);
    test.service.removeDocument({}, one).waitForFinished();
    test.service.updateDocument({}, two, { .title = u"Two"_s, .body = u"curlew"_s }).waitForFinished();
    QCOMPARE(test.ids(u"godwit"_s), QList<qint64>());
    QCOMPARE(test.ids(u"curlew"_s), QList<qint64>{ two });
}

void tst_Search::secondSearchComesFromTheCache()
{
    TestService test;
    test.add(u"Godwit"_s, u"bird"_s);
    const Query query{ .text = u"godwit"_s };
    const Found first = test.service.search({}, query).result();
    QVERIFY(!first.isFromCache);
    const Found second = test.service.search({}, query).result();
    QVERIFY(second.isFromCache);
    QCOMPARE(second.json, first.json);
    QVERIFY(!test.service.search({}, { .text = u"godwit"_s, .limit = 5 }).result().isFromCache);
    QVERIFY(!test.service.search({}, { .text = u"godwit"_s, .kind = u"document"_s }).result().isFromCache);
    test.add(u"Another godwit"_s, u"bird"_s);
    const Found afterWrite = test.service.search({}, query).result();
    QVERIFY(!afterWrite.isFromCache);
    QCOMPARE(afterWrite.hits.size(), 2);
}

void tst_Search::cacheForgets()
{
    ManualClock clock;
    TestService test({ .timeToLive = 60s }, clock);
    test.service.search({}, { .text = u"a"_s }).waitForFinished();
    clock.advance(59'999ms);
    QVERIFY(test.service.search({}, { .text = u"a"_s }).result().isFromCache);
    clock.advance(1ms);
    QVERIFY(!test.service.search({}, { .text = u"a"_s }).result().isFromCache);
}

void tst_Search::cacheIsBounded()
{
    ManualClock clock;
    TestService test({ .entries = 3, .bytes = 20'000 }, clock);
    for (const auto &text : { u"a"_s, u"b"_s, u"c"_s, u"d"_s, u"e"_s })
        test.service.search({}, { .text = text }).waitForFinished();
    QCOMPARE(test.service.cacheFigures().entries, 3);
    test.add(u"long"_s, QString(10'000, u'x'));
    test.service.search({}, { .text = u"long"_s }).waitForFinished();
    QVERIFY(test.service.cacheFigures().bytes > 0);
    QVERIFY(test.service.cacheFigures().bytes <= 20'000);
}

void tst_Search::searchEndsWithItsDeadline()
{
    TestService test;
    const async::Context late{ .deadline = async::Deadline(std::chrono::steady_clock::now() - 1s) };
    QCOMPARE(errorFrom([&] { test.service.search(late, { .text = u"a"_s }).result(); }), Error::Code::DeadlineExceeded);
}

QTEST_GUILESS_MAIN(tst_Search)
#include "tst_search.moc"
