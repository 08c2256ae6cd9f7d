// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/authenticator.h"

#include <QTest>

#include <thread>

using namespace godwit;
using namespace godwit::auth;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::Role;

/// What is remembered of tokens that were good, and what makes them bad at once.
class tst_KnownTokens : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();

    void theCacheIsBounded();
    void theCacheGivesWhatWasPut();
    void aKnownTokenIsNotVerifiedAgain();
    void everyChangeIsLookedAt_data();
    void everyChangeIsLookedAt();
    void badTokensAreNotKept();
    void theRoleIsTheLesserOne();
    void changesBesideReaders();

private:
    Claims claims() const
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(m_clock.timestamp());
        return { .userId = m_ada.id,
                 .role = Role::Operator,
                 .session = "s1",
                 .generation = 1,
                 .issuedAt = now,
                 .expiresAt = now + 15min };
    }
    QByteArray token() const { return jwt::sign(claims(), m_keys.newest()); }

    ManualClock m_clock;
    Keyring m_keys{ {}, m_clock };
    const users::Account m_ada{ .id = 7, .name = u"ada"_s, .role = Role::Operator, .generation = 1 };
    std::unique_ptr<LiveAccounts> m_live;
    std::unique_ptr<Authenticator> m_authenticator;
};

void tst_KnownTokens::init()
{
    m_live = std::make_unique<LiveAccounts>();
    m_live->set(m_ada);
    m_authenticator = std::make_unique<Authenticator>(Authenticator::Options{}, m_keys, *m_live, m_clock);
}

void tst_KnownTokens::theCacheIsBounded()
{
    TokenCache cache(64);
    for (int i = 0; i < 10'000; ++i)
        cache.put(QByteArray::number(i), {});
    QVERIFY(cache.size() <= 64);
    QVERIFY(cache.size() >= 16); // each shard has something
    QVERIFY(cache.find(QByteArray::number(9'999))); // the newest is never the one that has to go
}

void tst_KnownTokens::theCacheGivesWhatWasPut()
{
    TokenCache cache;
    cache.put("a", { .claims = {}, .principal = {}, .changes = 1 });
    cache.put("a", { .claims = {}, .principal = {}, .changes = 2 });
    QCOMPARE(cache.size(), 1);
    QCOMPARE(cache.find("a")->changes, 2U);
    QVERIFY(!cache.find("b"));
    cache.remove("a");
    cache.remove("b");
    QVERIFY(!cache.find("a"));
}

void tst_KnownTokens::aKnownTokenIsNotVerifiedAgain()
{
    const QByteArray good = token();
    const auto first = m_authenticator->byToken(good);
    const auto second = m_authenticator->byToken(good);
    QVERIFY(first && second);
    QCOMPARE(first->principal, second->principal); // one for all requests
    QCOMPARE(m_authenticator->figures().verified, 1);
    QCOMPARE(m_authenticator->figures().cacheHits, 1);
    m_clock.advance(15min);
    QVERIFY(!m_authenticator->byToken(good)); // an hour in the cache makes it no younger
}

void tst_KnownTokens::everyChangeIsLookedAt_data()
{
    using Change = std::function<void(LiveAccounts &, users::Account)>;
    QTest::addColumn<Change>("change");
    QTest::addColumn<bool>("isGood");
    QTest::newRow("removed") << Change([](LiveAccounts &live, const users::Account &account) {
        live.remove(account.id);
    }) << false;
    QTest::newRow("another password") << Change([](LiveAccounts &live, users::Account account) {
        account.generation = 2;
        live.set(account);
    }) << false;
    QTest::newRow("its login ended") << Change([](LiveAccounts &live, const users::Account &) {
        live.endSession("s1", Timestamp::max());
    }) << false;
    QTest::newRow("another login ended") << Change([](LiveAccounts &live, const users::Account &) {
        live.endSession("s2", Timestamp::max());
    }) << true;
    QTest::newRow("somebody else removed")
        << Change([](LiveAccounts &live, const users::Account &account) { live.remove(account.id + 1); }) << true;
    QTest::newRow("a new name") << Change([](LiveAccounts &live, users::Account account) {
        account.name = u"ada lovelace"_s;
        live.set(account);
    }) << true;
}

void tst_KnownTokens::everyChangeIsLookedAt()
{
    using Change = std::function<void(LiveAccounts &, users::Account)>;
    QFETCH(const Change, change);
    QFETCH(const bool, isGood);
    const QByteArray known = token();
    QVERIFY(m_authenticator->byToken(known));
    change(*m_live, m_ada);
    QCOMPARE(m_authenticator->byToken(known).has_value(), isGood);
    QCOMPARE(m_authenticator->byToken(known).has_value(), isGood); // and stays so
}

void tst_KnownTokens::badTokensAreNotKept()
{
    for (const QByteArray &bad :
         QByteArrayList{ "x"_ba, token() + 'x', QByteArray(100'000, 'a'), "gwl_"_ba + QByteArray(64, '0') })
        QVERIFY(!m_authenticator->byToken(bad));
    QCOMPARE(m_authenticator->figures().cachedTokens, 0);
    QCOMPARE(m_authenticator->figures().refused, 4);
}

void tst_KnownTokens::theRoleIsTheLesserOne()
{
    const QByteArray asOperator = token();
    QVERIFY(m_authenticator->byToken(asOperator)->principal->role == Role::Operator);
    users::Account ada = m_ada;
    ada.role = Role::Viewer; // without another generation, as a program's token sees it
    m_live->set(ada);
    QVERIFY(m_authenticator->byToken(asOperator)->principal->role == Role::Viewer);
    ada.role = Role::Admin;
    m_live->set(ada);
    QVERIFY(m_authenticator->byToken(asOperator)->principal->role == Role::Operator);
}

/// Once somebody knows that a login has ended, nobody lets its token in.
void tst_KnownTokens::changesBesideReaders()
{
    std::vector<QByteArray> tokens;
    for (int i = 0; i < 200; ++i) {
        Claims of = claims();
        of.session = QByteArray::number(i);
        tokens.push_back(jwt::sign(of, m_keys.newest()));
    }
    std::atomic<int> ended = 0, letIn = 0;
    std::vector<std::thread> readers;
    for (int reader = 0; reader < 3; ++reader) {
        readers.emplace_back([&] {
            while (ended < int(tokens.size())) {
                const int known = ended; // all before it have ended
                for (int i = 0; i < known; ++i)
                    letIn += m_authenticator->byToken(tokens[size_t(i)]).has_value();
                for (size_t i = size_t(known); i < tokens.size(); ++i)
                    m_authenticator->byToken(tokens[i]);
            }
        });
    }
    for (int i = 0; i < int(tokens.size()); ++i) {
        m_live->endSession(QByteArray::number(i), Timestamp::max());
        ended = i + 1;
    }
    for (std::thread &reader : readers)
        reader.join();
    QCOMPARE(letIn.load(), 0);
    QCOMPARE(m_live->figures().endedSessions, qsizetype(tokens.size()));
}

QTEST_GUILESS_MAIN(tst_KnownTokens)
#include "tst_knowntokens.moc"
