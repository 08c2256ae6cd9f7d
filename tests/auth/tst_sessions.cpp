// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/auth/testauth.h"

#include <QTest>

using namespace godwit;
using namespace godwit::auth;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::Role;
using users::codeOf;
using Code = Error::Code;

/// Logins, refreshes, logouts and programs' tokens.
class tst_Sessions : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_test.emplace();
        m_test->add(u"ada"_s, Role::Operator);
    }
    void cleanup() { m_test.reset(); }

    void aRefreshTokenIsGoodOnce();
    void reuseEndsTheFamily();
    void ofTwoAtOnceOneIsReuse();
    void aLoginEndsUnused();
    void accessEndsByItself();
    void aLogoutEndsOneLogin();
    void anAccountsChangeEndsItsLogins();
    void tamperedTokensAreNobodys();
    void guessesAreThrottledByName();
    void aUserHasSoManyLogins();
    void programsKeepTheirTokens();
    void aRestartForgetsNothing();

private:
    Code refreshCode(const QByteArray &token)
    {
        return codeOf([&] { m_test->refresh(token); }).value_or(Code::Internal);
    }
    users::Account ada() { return m_test->accounts.find({}, u"ada"_s).future().result(); }

    std::optional<TestAuth> m_test;
};

void tst_Sessions::aRefreshTokenIsGoodOnce()
{
    Tokens tokens = m_test->logIn(u"ada"_s);
    for (int i = 0; i < 5; ++i) {
        const Tokens next = m_test->refresh(tokens.refreshToken);
        QVERIFY(next.refreshToken != tokens.refreshToken);
        QVERIFY(m_test->isGood(next.accessToken));
        tokens = next;
    }
    QVERIFY(m_test->isGood(tokens.accessToken));
}

void tst_Sessions::reuseEndsTheFamily()
{
    const Tokens first = m_test->logIn(u"ada"_s);
    const Tokens other = m_test->logIn(u"ada"_s);
    const Tokens second = m_test->refresh(first.refreshToken);
    const Tokens third = m_test->refresh(second.refreshToken);

    QCOMPARE(refreshCode(first.refreshToken), Code::Unauthenticated); // long ago, but in two hands
    for (const Tokens &of : { first, second, third }) {
        QVERIFY(!m_test->isGood(of.accessToken));
        QCOMPARE(refreshCode(of.refreshToken), Code::Unauthenticated);
    }
    QVERIFY(m_test->isGood(other.accessToken));
    m_test->refresh(other.refreshToken);
    QVERIFY(m_test->audited().contains(u"refresh_reused user %1"_s.arg(ada().id)));
}

void tst_Sessions::ofTwoAtOnceOneIsReuse()
{
    const Tokens tokens = m_test->logIn(u"ada"_s);
    auto one = m_test->service.refresh({}, tokens.refreshToken, m_test->address);
    auto two = m_test->service.refresh({}, tokens.refreshToken, m_test->address);
    QByteArray given;
    const auto first = codeOf([&] { given = awaited(std::move(one)).accessToken; });
    const auto second = codeOf([&] { given = awaited(std::move(two)).accessToken; });
    QVERIFY(first.has_value() != second.has_value()); // one of them won, and lost it again:
    QVERIFY(!m_test->isGood(given));
}

void tst_Sessions::aLoginEndsUnused()
{
    const Options options;
    Tokens tokens = m_test->logIn(u"ada"_s);
    m_test->clock.advance(options.loginLifetime - 1ms);
    tokens = m_test->refresh(tokens.refreshToken); // used: as long again
    m_test->clock.advance(options.loginLifetime - 1ms);
    tokens = m_test->refresh(tokens.refreshToken);
    m_test->clock.advance(options.loginLifetime);
    QCOMPARE(refreshCode(tokens.refreshToken), Code::Unauthenticated);
}

void tst_Sessions::accessEndsByItself()
{
    const Options options;
    const Tokens tokens = m_test->logIn(u"ada"_s);
    QCOMPARE(tokens.expiresIn, 15min);
    m_test->clock.advance(options.accessLifetime - 1s); // a token's times are whole seconds
    QVERIFY(m_test->isGood(tokens.accessToken));
    m_test->clock.advance(1s);
    QVERIFY(!m_test->isGood(tokens.accessToken)); // though it is in the cache
    m_test->refresh(tokens.refreshToken);
}

void tst_Sessions::aLogoutEndsOneLogin()
{
    const Tokens here = m_test->logIn(u"ada"_s);
    const Tokens there = m_test->logIn(u"ada"_s);
    const QByteArray session = m_test->service.sessionOf(here.refreshToken);
    QVERIFY(!session.isEmpty());
    QVERIFY(m_test->service.logOut({}, session, u"ada"_s).future().result());
    QVERIFY(!m_test->isGood(here.accessToken));
    QCOMPARE(refreshCode(here.refreshToken), Code::Unauthenticated);
    QVERIFY(m_test->isGood(there.accessToken));

    m_test->clock.advance(Options().accessLifetime + 1s);
    m_test->service.keepHouse();
    QCOMPARE(m_test->live.figures().endedSessions, 0); // nothing of it is good any more anyway
}

void tst_Sessions::anAccountsChangeEndsItsLogins()
{
    const Tokens before = m_test->logIn(u"ada"_s);
    m_test->accounts.addListener([this](const users::Accounts::Event &event) {
        event.kind == users::Accounts::Event::Kind::Removed ? m_test->live.remove(event.account.id)
                                                            : m_test->live.set(event.account);
    });
    awaited(m_test->accounts.update({}, ada().id, { .password = u"another password"_s }));
    QVERIFY(!m_test->isGood(before.accessToken));
    QCOMPARE(refreshCode(before.refreshToken), Code::Unauthenticated);
}

void tst_Sessions::tamperedTokensAreNobodys()
{
    const QByteArray good = m_test->logIn(u"ada"_s).refreshToken;
    for (qsizetype i = 4; i < good.size(); ++i) {
        QByteArray bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        // The last letter carries bits that no byte has; all others are covered by the proof.
        if (i + 1 < good.size())
            QVERIFY2(m_test->service.sessionOf(bad).isEmpty(), QByteArray::number(i).constData());
    }
    for (const QByteArray &bad :
         QByteArrayList{ QByteArray(), "gwr_"_ba, good.chopped(1), good + 'A', "gwk_" + good.sliced(4), good.toUpper(),
                         QByteArray(300, 'A'), "gwr_" + QByteArray(300, 'A') })
        QCOMPARE(refreshCode(bad), Code::Unauthenticated);
    m_test->refresh(good); // none of it was reuse
}

void tst_Sessions::guessesAreThrottledByName()
{
    const auto guess = [this](const QString &name) {
        return codeOf([&] { awaited(m_test->service.logIn({}, name, u"a guess"_s, m_test->address)); });
    };
    const int allowed = Options().loginsPerName;
    for (int i = 0; i < allowed; ++i)
        QCOMPARE(guess(u"ada"_s), Code::Unauthenticated);
    QCOMPARE(guess(u"ADA "_s.trimmed()), Code::ResourceExhausted); // names know no case
    QCOMPARE(codeOf([&] { m_test->logIn(u"ada"_s); }), Code::ResourceExhausted); // nor does who knows the password
    QCOMPARE(guess(u"bob"_s), Code::Unauthenticated);
    m_test->clock.advance(1min);
    QVERIFY(!m_test->logIn(u"ada"_s).accessToken.isEmpty());
    QCOMPARE(m_test->audited().count(u"login_throttled ADA"_s), 1); // a storm is one event
}

void tst_Sessions::aUserHasSoManyLogins()
{
    m_test.emplace(Options{ .loginsPerName = 0 });
    m_test->add(u"ada"_s);
    const Tokens oldest = m_test->logIn(u"ada"_s);
    m_test->clock.advance(1s);
    const Tokens second = m_test->logIn(u"ada"_s);
    for (int i = 0; i < sessions::mostOfAUser - 1; ++i) {
        m_test->clock.advance(1s);
        m_test->logIn(u"ada"_s);
    }
    QCOMPARE(refreshCode(oldest.refreshToken), Code::Unauthenticated);
    m_test->refresh(second.refreshToken);
}

void tst_Sessions::programsKeepTheirTokens()
{
    const auto created = awaited(m_test->service.createToken(
        {}, { .user = u"ada"_s, .label = u"a probe"_s, .role = Role::Viewer, .lifetime = 24h }, u"root"_s));
    const auto found = m_test->authenticator.byToken(created.token);
    QVERIFY(found);
    QVERIFY(found->principal->role == Role::Viewer); // less than ada's
    QCOMPARE(m_test->service.tokens({}).future().result().first().label, u"a probe"_s);

    QCOMPARE(
        codeOf([&] { awaited(m_test->service.createToken({}, { .user = u"ada"_s, .role = Role::Admin }, u"root"_s)); }),
        Code::FailedValidation); // never more
    const auto more = awaited(m_test->service.createToken({}, { .user = u"ada"_s, .lifetime = 24h }, u"root"_s));
    QVERIFY(m_test->authenticator.byToken(more.token)->principal->role == Role::Operator);

    m_test->service.revokeToken({}, created.session.id, u"root"_s).future().waitForFinished();
    QVERIFY(!m_test->isGood(created.token));
    QVERIFY(m_test->isGood(more.token));
    m_test->clock.advance(24h);
    QVERIFY(!m_test->isGood(more.token));
    QCOMPARE(codeOf([&] { m_test->service.revokeToken({}, "nothing", u"root"_s).future().result(); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(m_test->service.createToken({}, { .user = u"bob"_s }, u"root"_s)); }),
             Code::NotFound);
}

void tst_Sessions::aRestartForgetsNothing()
{
    const Tokens ended = m_test->logIn(u"ada"_s);
    const Tokens kept = m_test->logIn(u"ada"_s);
    m_test->service.logOut({}, m_test->service.sessionOf(ended.refreshToken), u"ada"_s).future().waitForFinished();

    LiveAccounts live; // what the next process knows
    Service next({ .pool = m_test->database.pool,
                   .accounts = m_test->accounts,
                   .keyring = m_test->keys,
                   .live = live,
                   .audit = m_test->audit,
                   .clock = m_test->clock },
                 Options());
    next.load();
    const Authenticator authenticator({}, m_test->keys, live, m_test->clock);
    QVERIFY(!authenticator.byToken(ended.accessToken));
    QVERIFY(authenticator.byToken(kept.accessToken));
    QVERIFY(!awaited(next.refresh({}, kept.refreshToken, m_test->address)).accessToken.isEmpty());
}

QTEST_GUILESS_MAIN(tst_Sessions)
#include "tst_sessions.moc"
