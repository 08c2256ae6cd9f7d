// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/search/testservice.h"
#include "tests/support/rounds.h"

#include <QDeadlineTimer>
#include <QRandomGenerator>
#include <QTest>
#include <QThread>

#include <thread>

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
    void entriesGrowOld();
    void cacheIsBounded();
    void otherKindsSettle();
    void sameQueriesShareOne();
    void concurrentMissFillsTheCache();
    void concurrentHitCancelsTheQuery();
    void searchEndsWithItsDeadline();
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
    const auto hits = test.hits({ .text = u"godwit"_s });
    QCOMPARE(hits.size(), 3);
    QCOMPARE(hits[0].id, title);
    QCOMPARE(hits[1].id, often);
    QCOMPARE(hits[2].id, once);
    double last = 1;
    for (const auto &hit : hits) {
        QVERIFY2(hit.relevance > 0 && hit.relevance <= last, qPrintable(QString::number(hit.relevance)));
        last = hit.relevance;
    }
    QVERIFY(hits[0].relevance > hits[2].relevance);
    QCOMPARE(test.search({ .text = u"godwit"_s }).found->count, 3);
}

void tst_Search::snippetsShowWhyAndAreEscaped()
{
    TestService test;
    test.add(u"One"_s, u"Beware of <script>alert(1)</script> & the godwit"_s + QChar(2) + u"!"_s);
    test.add(u"The godwit's title"_s, u"Nothing here."_s);
    for (const auto &hit : test.hits({ .text = u"godwit"_s })) {
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
    const auto count = [&](const QString &kind, const QString &text = u"bird"_s) {
        return test.search({ .text = text, .kind = kind }).found->count;
    };
    QCOMPARE(count(u""_s), 10);
    QCOMPARE(count(u"document"_s), 10);
    QCOMPARE(count(u"message, document"_s), 10);
    QCOMPARE(count(u"message"_s), 0);
    QCOMPARE(count({}, u"bird kind:document"_s), 10);
    QCOMPARE(count({}, u"bird kind:user kind:document"_s), 10);
    QCOMPARE(count({}, u"bird -kind:document"_s), 0);
    QCOMPARE(count(u"message"_s, u"bird kind:document"_s), 0);
}

void tst_Search::blankAndOutOfRangeAreRefused()
{
    TestService test;
    const auto code = [&](const Query &query) { return errorFrom([&] { test.search(query); }); };
    QCOMPARE(code({ .text = u" "_s }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a"_s, .limit = 0 }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a"_s, .limit = 101 }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a"_s, .kind = u"bird"_s }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a kind:bird"_s }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a -kind:bird"_s, .mode = Query::Mode::Concurrent }), Error::Code::InvalidArgument);
    QCOMPARE(code({ .text = u"a"_s, .kind = u"user,"_s }), std::nullopt);
}

/// Whatever is typed: something is found or nothing, or a kind that there is not is refused; SQLite sees no syntax
/// error.
void tst_Search::neverAnErrorForOddInput()
{
    TestService test;
    test.add(u"Godwit"_s, u"A bird"_s);
    QRandomGenerator random(7);
    const QString alphabet
        = u"\"*-+^:(){}[]'\\/%_;,. \t\nabANDORNOTNEAR<>&|!?\u0301\u200b\ufffeé🐦\x02"_s + QChar(0) + QChar(0xd801);
    const QStringList pieces{ u"title:"_s, u"-body:"_s, u"kind:"_s, u"kind:task"_s, u" -"_s,     u"\""_s,
                              u"NEAR("_s,  u" AND "_s,  u" NOT "_s, u"{a b}:"_s,    u"rowid:"_s, u"--"_s };
    for (unsigned i = 0; i < rounds(4'000); ++i) {
        QString text;
        QByteArray bytes;
        for (int j = 1 + random.bounded(12); j > 0; --j) {
            text += alphabet[random.bounded(alphabet.size())];
            bytes += char(random.bounded(256));
            if (random.bounded(4) == 0)
                text += pieces[random.bounded(pieces.size())];
        }
        if (i % 3 == 0)
            text = QString::fromUtf8(bytes);
        if (text.trimmed().isEmpty())
            continue;
        try {
            const auto mode = i % 2 == 0 ? Query::Mode::Sequential : Query::Mode::Concurrent;
            test.search({ .text = text, .mode = mode });
        } catch (const Error &error) {
            QVERIFY2(error.code() == Error::Code::InvalidArgument && text.contains("kind:"_L1, Qt::CaseInsensitive),
                     qPrintable(text + u": "_s + error.internalMessage()));
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
    const Service::Answer first = test.search(query), second = test.search(query);
    QCOMPARE(first.source, Source::Miss);
    QCOMPARE(second.source, Source::Hit);
    QCOMPARE(second.found, first.found);
    QCOMPARE(test.source({ .text = u" godwit  "_s }), Source::Hit);
    QCOMPARE(test.source({ .text = u"godwit"_s, .limit = 5 }), Source::Miss);
    QCOMPARE(test.source({ .text = u"godwit"_s, .kind = u"document"_s }), Source::Miss);
    test.add(u"Another godwit"_s, u"bird"_s);
    QCOMPARE(test.source(query), Source::Miss);
    QCOMPARE(test.search(query).found->count, 2);
}

void tst_Search::entriesGrowOld()
{
    ManualClock clock;
    TestService test({ .timeToLive = 60s, .staleFor = 10s }, clock);
    const Query query{ .text = u"a"_s };
    test.search(query);
    clock.advance(59'999ms);
    QCOMPARE(test.source(query), Source::Hit);
    clock.advance(1ms);
    QCOMPARE(test.source(query), Source::Stale); // and is looked for again in the background
    QTRY_COMPARE(test.source(query), Source::Hit);
    QCOMPARE(test.service.figures().queries, 2);
    clock.advance(70s);
    QCOMPARE(test.source(query), Source::Miss);
    // Of both modes.
    clock.advance(60s);
    const Query concurrent{ .text = u"a"_s, .mode = Query::Mode::Concurrent };
    QVERIFY(test.source(concurrent) != Source::Hit); // stale, or fresh if the query was quicker than we are
    QTRY_COMPARE(test.source(concurrent), Source::Hit);
}

void tst_Search::cacheIsBounded()
{
    TestService test({ .entries = 3, .bytes = 20'000 });
    for (const auto &text : { u"a"_s, u"b"_s, u"c"_s, u"d"_s, u"e"_s })
        test.search({ .text = text });
    QCOMPARE(test.service.cache().figures().entries, 3);
    for (int i = 0; i < 100; ++i)
        test.add(u"long"_s, QString(10'000, u'x'));
    test.search({ .text = u"long"_s, .limit = 100 });
    QVERIFY(test.service.cache().figures().bytes > 0);
    QVERIFY(test.service.cache().figures().bytes <= 20'000);
}

void tst_Search::otherKindsSettle()
{
    ManualClock clock;
    TestService test({ .settlesWithin = 1s }, clock);
    const Query query{ .text = u"godwit"_s };
    QCOMPARE(test.search(query).found->count, 0);
    post(test.pool, u"anna"_s, u"a godwit"_s);
    clock.advance(999ms);
    QCOMPARE(test.search(query).found->count, 0);
    clock.advance(1ms);
    QCOMPARE(test.search(query).found->count, 1);
    QCOMPARE(test.source(query), Source::Hit);
    // What is not looked for makes nothing old.
    const Query documents{ .text = u"godwit"_s, .kind = u"document"_s };
    test.search(documents);
    post(test.pool, u"anna"_s, u"another"_s);
    clock.advance(2s);
    QCOMPARE(test.source(documents), Source::Hit);
}

void tst_Search::sameQueriesShareOne()
{
    TestService test;
    const Query query{ .text = u"godwit"_s };
    std::vector<QCoro::Task<Service::Answer>> searches;
    for (int i = 0; i < 20; ++i)
        searches.push_back(test.service.search({}, query));
    for (auto &search : searches)
        QVERIFY(QCoro::waitFor(outcomeOf(std::move(search))).answer);
    QCOMPARE(test.service.figures().queries, 1);
}

void tst_Search::concurrentMissFillsTheCache()
{
    TestService test;
    test.add(u"Godwit"_s, u"bird"_s);
    const Query query{ .text = u"godwit"_s, .mode = Query::Mode::Concurrent };
    QCOMPARE(test.source(query), Source::Miss);
    QCOMPARE(test.source(query), Source::Hit);
    QCOMPARE(test.source({ .text = u"godwit"_s }), Source::Hit); // of both modes
}

namespace {

/// A clock whose caller in the thread that made it first waits for something. The cache asks it for the time.
class WaitingClock final : public Clock
{
public:
    TimePoint now() const override
    {
        if (waitFor && QThread::currentThread() == m_thread)
            waitFor();
        return Clock::now();
    }

    std::function<void()> waitFor;

private:
    QThread *const m_thread = QThread::currentThread();
};

} // namespace

/// The query is begun before the cache is asked, and is found interrupted.
void tst_Search::concurrentHitCancelsTheQuery()
{
    WaitingClock clock;
    TestService test({}, clock);
    test.service
        .putImported(
            {},
            [] {
                QList<store::Imported> documents;
                for (int i = 0; i < 3000; ++i)
                    documents.append({ .title = u"Godwit %1"_s.arg(i),
                                       .body = u"A godwit and a bird "_s.repeated(20),
                                       .source = u"/file"_s,
                                       .part = QString::number(i) });
                return documents;
            }(),
            1)
        .waitForFinished();
    // Every document has both: some milliseconds of work.
    const Query query{
        .text = u"godwit bird and a"_s, .limit = 100, .kind = u"document"_s, .mode = Query::Mode::Concurrent
    };
    QCOMPARE(test.source(query), Source::Miss);
    QCOMPARE(test.service.figures().cancelled, 0);
    // A database thread has begun with it when the cache answers; that it has not ended is the scheduler's matter.
    auto seen = test.service.figures().queries;
    clock.waitFor = [&] {
        for (const QDeadlineTimer limit(10s); test.service.figures().queries == seen && !limit.hasExpired();)
            std::this_thread::yield();
    };
    for (int i = 0; i < 100 && test.service.figures().cancelled == 0; ++i) {
        seen = test.service.figures().queries;
        QCOMPARE(test.source(query), Source::Hit);
    }
    QTRY_VERIFY(test.service.figures().cancelled > 0);
}

void tst_Search::searchEndsWithItsDeadline()
{
    TestService test;
    const async::Context late{ .deadline = async::Deadline(std::chrono::steady_clock::now() - 1s) };
    const Query concurrent{ .text = u"a"_s, .mode = Query::Mode::Concurrent };
    QCOMPARE(errorFrom([&] { test.search(concurrent, late); }), Error::Code::DeadlineExceeded);
}

QTEST_GUILESS_MAIN(tst_Search)
#include "tst_search.moc"
