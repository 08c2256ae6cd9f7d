// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/credentials.h"
#include "shared/client/eventsource.h"
#include "shared/client/socket.h"
#include "tests/support/fakeauth.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <qcorotask.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using client::Answer;
using client::ApiClient;
using client::ConnectionOptions;
using client::ConnectionState;
using client::Credentials;
using client::EventSource;
using client::Socket;
using protocol::Role;
using test::FakeAuth;
using test::FakeReply;
using test::FakeRequest;
using test::FakeServer;
using Code = Error::Code;
using Kind = Credentials::Kind;
using Phase = ConnectionState::Phase;

class tst_Credentials : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void aServerWithoutLoginsIsSentNothing();
    void loginIsSent();
    void wrongPasswordInTheServersWords();
    void throttledLoginSaysWhen();
    void cancelledLoginChangesNothing();
    void expiringTokenIsRenewedFirst();
    void oneRefreshForAllThatMeetA401();
    void serverAheadOfUsIsNoLoop();
    void rotationGoesOn();
    void passingFailureIsNoLogout();
    void revokedFamilyIsALogout();
    void keptLoginIsTakenUp();
    void logoutForgetsAndTells();
    void logoutGoesBackToTheLocalToken();
    void loginInTheMiddleOfARefresh();
    void destructionEndsWhatWaits();
    void expiryInTheMiddleOfAStream();
    void streamWaitsForALogin();
    void anotherLoginStartsTheStreamAnew();
    void restartedDaemonHasAnotherLocalToken();
    void startingDaemonIsNotAskedForALogin();
    void refusedFileIsReadAgain();
    void socketRenewsAndConnects();
    void refusedSocketSaysWhy();

private:
    std::unique_ptr<Credentials> credentials();
    std::unique_ptr<Credentials> loggedIn();
    Result<Answer> get(ApiClient &api) { return QCoro::waitFor(api.get(u"/thing"_s)); }
    ConnectionOptions quick(Credentials &credentials) const;
    QNetworkRequest requestFor(const QString &path) const;
    void writeLocal(const QByteArray &token, const QByteArray &announced);

    std::unique_ptr<FakeServer> m_server;
    std::unique_ptr<FakeAuth> m_auth;
    std::unique_ptr<QTemporaryDir> m_folder;
    ManualClock m_clock;
    QList<FakeReply> m_streams;
    QStringList m_streamUsers;
};

void tst_Credentials::init()
{
    m_streams.clear();
    m_streamUsers.clear();
    m_folder = std::make_unique<QTemporaryDir>();
    m_server = std::make_unique<FakeServer>();
    m_auth = std::make_unique<FakeAuth>(*m_server);
    m_auth->addUser(u"ada"_s, u"right"_s, Role::Operator);
    m_auth->addUser(u"bob"_s, u"right"_s, Role::Viewer);
    m_server->on("GET /thing"_ba, [](const FakeRequest &, const FakeReply &reply) { reply.answer(200, "{}"_ba); });
    m_server->on("GET /s"_ba, [this](const FakeRequest &request, const FakeReply &reply) {
        m_streamUsers.append(m_auth->nameOf(request));
        reply.beginStream();
        m_streams.append(reply);
    });
}

void tst_Credentials::cleanup()
{
    m_server.reset();
    m_auth.reset();
}

std::unique_ptr<Credentials> tst_Credentials::credentials()
{
    return std::make_unique<Credentials>(
        Credentials::Options{ .server = m_server->url(), .dataFolder = m_folder->path(), .clock = &m_clock });
}

std::unique_ptr<Credentials> tst_Credentials::loggedIn()
{
    auto made = credentials();
    if (!QCoro::waitFor(made->logIn(u"ada"_s, u"right"_s)))
        qFatal("the login failed");
    return made;
}

ConnectionOptions tst_Credentials::quick(Credentials &credentials) const
{
    ConnectionOptions options;
    options.backoff = { .first = 20ms, .maximum = 100ms, .minimum = 10ms, .random = [] { return 1.0; } };
    options.credentials = &credentials;
    return options;
}

QNetworkRequest tst_Credentials::requestFor(const QString &path) const
{
    QUrl url = m_server->url();
    url.setPath(path);
    return QNetworkRequest(url);
}

void tst_Credentials::writeLocal(const QByteArray &token, const QByteArray &announced)
{
    for (const auto &[name, text] : { std::pair(u"local-token"_s, token), std::pair(u"godwitd.lock"_s, announced) }) {
        QFile file(m_folder->filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text + '\n');
    }
}

void tst_Credentials::aServerWithoutLoginsIsSentNothing()
{
    m_server->setGate({});
    const auto who = credentials();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    QSignalSpy needed(who.get(), &Credentials::loginNeeded);
    QVERIFY(get(api));
    QCOMPARE(who->kind(), Kind::Nobody);
    QVERIFY(!m_server->requests().constLast().headers.contains("authorization"_ba));
    QCOMPARE(needed.count(), 0);
}

void tst_Credentials::loginIsSent()
{
    const auto who = credentials();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    QSignalSpy needed(who.get(), &Credentials::loginNeeded);
    QCOMPARE(get(api).error().message(), u"a token is needed"_s);
    QCOMPARE(get(api).error().code(), Code::Unauthenticated);
    QCOMPARE(needed.count(), 1);
    QVERIFY(!who->loginNeededFor().isEmpty());

    QSignalSpy changed(who.get(), &Credentials::changed), kept(who.get(), &Credentials::refreshTokenChanged);
    QVERIFY(QCoro::waitFor(who->logIn(u"ada"_s, u"right"_s)));
    QCOMPARE(who->kind(), Kind::Login);
    QCOMPARE(who->principal().value().name, u"ada"_s);
    QVERIFY(who->principal()->role == Role::Operator);
    QVERIFY(who->loginNeededFor().isEmpty());
    QCOMPARE(changed.count(), 1);
    QCOMPARE(kept.count(), 1);
    QCOMPARE(kept.first().first().toByteArray(), m_auth->refreshToken());
    QVERIFY(get(api));
    QCOMPARE(m_auth->refreshes(), 0);
}

void tst_Credentials::wrongPasswordInTheServersWords()
{
    const auto who = credentials();
    const auto outcome = QCoro::waitFor(who->logIn(u"ada"_s, u"wrong"_s));
    QCOMPARE(outcome.error().code(), Code::Unauthenticated);
    QCOMPARE(outcome.error().message(), u"user or password is wrong"_s);
    QCOMPARE(who->kind(), Kind::Nobody);
}

void tst_Credentials::throttledLoginSaysWhen()
{
    m_auth->throttle(42s);
    const auto who = credentials();
    const auto outcome = QCoro::waitFor(who->logIn(u"ada"_s, u"right"_s));
    QCOMPARE(outcome.error().code(), Code::ResourceExhausted);
    QVERIFY(outcome.error().decider());
    QVERIFY(outcome.error().decider()->retryAfter == 42s);
}

static QCoro::Task<> keep(Credentials &who, std::stop_token stop, std::optional<Result<void>> &outcome)
{
    outcome = co_await who.logIn(u"ada"_s, u"right"_s, stop);
}

void tst_Credentials::cancelledLoginChangesNothing()
{
    QList<FakeReply> held;
    m_server->on("GET /api/auth/me"_ba, [&held](const FakeRequest &, const FakeReply &reply) { held.append(reply); });
    const auto who = credentials();
    QSignalSpy changed(who.get(), &Credentials::changed);
    std::stop_source stop;
    std::optional<Result<void>> outcome;
    keep(*who, stop.get_token(), outcome);
    QTRY_COMPARE(held.size(), 1); // the password was right already
    stop.request_stop();
    QVERIFY(outcome);
    QCOMPARE(outcome->error().code(), Code::Cancelled);
    QCOMPARE(who->kind(), Kind::Nobody);
    QVERIFY(who->token().isEmpty());
    QCOMPARE(changed.count(), 0);
}

void tst_Credentials::expiringTokenIsRenewedFirst()
{
    m_auth->setLifetime(100s);
    const auto who = loggedIn();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    m_clock.advance(79s);
    QVERIFY(get(api));
    QCOMPARE(m_auth->refreshes(), 0);
    m_clock.advance(1s); // a fifth of its life before its end
    const auto before = m_server->count("/thing"_ba);
    QVERIFY(get(api));
    QCOMPARE(m_auth->refreshes(), 1);
    QCOMPARE(m_server->count("/thing"_ba), before + 1); // and no 401 on the way
}

static QCoro::Task<> ask(ApiClient &api, QList<int> &statuses)
{
    const auto answer = co_await api.get(u"/thing"_s);
    statuses.append(answer ? answer->status : -1);
}

void tst_Credentials::oneRefreshForAllThatMeetA401()
{
    const auto who = loggedIn();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    m_auth->expire();
    m_auth->hold();
    QList<int> statuses;
    for (int i = 0; i < 5; ++i)
        ask(api, statuses);
    QTRY_COMPARE(m_server->count("/thing"_ba), 5);
    QTRY_COMPARE(m_auth->refreshes(), 1);
    ask(api, statuses); // late: meets the old token's 401 as well
    QTRY_COMPARE(m_server->count("/thing"_ba), 6);
    m_auth->release();
    QTRY_COMPARE(statuses, QList<int>(6, 200));
    QCOMPARE(m_auth->refreshes(), 1);
}

void tst_Credentials::serverAheadOfUsIsNoLoop()
{
    const auto who = loggedIn();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    m_auth->refuseAll(true);
    const auto answer = get(api);
    QCOMPARE(answer.error().code(), Code::Unauthenticated);
    QCOMPARE(answer.error().message(), u"the token is not good"_s);
    QCOMPARE(m_auth->refreshes(), 1);
    QCOMPARE(m_server->count("/thing"_ba), 2);
    QCOMPARE(who->kind(), Kind::Login); // it is not over: the server says only that it cannot be used now

    EventSource stream(requestFor(u"/s"_s), quick(*who));
    QSignalSpy states(&stream, &EventSource::stateChanged);
    stream.start();
    QTRY_COMPARE(stream.state().phase, Phase::Waiting);
    QCOMPARE(stream.state().reason, u"the token is not good"_s);
    QCOMPARE(m_auth->refreshes(), 2);
    m_auth->refuseAll(false);
    QTRY_VERIFY(stream.isOnline());
}

void tst_Credentials::rotationGoesOn()
{
    const auto who = loggedIn();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    QSignalSpy kept(who.get(), &Credentials::refreshTokenChanged);
    for (int i = 1; i <= 3; ++i) {
        m_auth->expire();
        QVERIFY(get(api)); // an old refresh token would end the login
        QCOMPARE(kept.count(), i);
        QCOMPARE(kept.last().first().toByteArray(), m_auth->refreshToken());
    }
    QVERIFY(m_auth->isLoggedIn());
}

void tst_Credentials::passingFailureIsNoLogout()
{
    const auto who = loggedIn();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    QSignalSpy needed(who.get(), &Credentials::loginNeeded);
    m_auth->expire();
    m_auth->failRefreshes(true);
    QCOMPARE(get(api).error().code(), Code::Unauthenticated);
    QCOMPARE(who->kind(), Kind::Login);
    QCOMPARE(needed.count(), 0);
    m_auth->failRefreshes(false);
    QVERIFY(get(api));
}

void tst_Credentials::revokedFamilyIsALogout()
{
    const auto who = loggedIn();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    QSignalSpy needed(who.get(), &Credentials::loginNeeded), kept(who.get(), &Credentials::refreshTokenChanged);
    m_auth->revoke();
    QList<int> statuses;
    ask(api, statuses);
    ask(api, statuses);
    QTRY_COMPARE(statuses.size(), 2);
    QCOMPARE(needed.count(), 1);
    QVERIFY(needed.first().first().toString().contains(u"the login is over"_s));
    QCOMPARE(kept.count(), 1);
    QVERIFY(kept.first().first().toByteArray().isEmpty());
    QCOMPARE(who->kind(), Kind::Nobody);
    QVERIFY(!who->principal());
    QVERIFY(who->token().isEmpty());
}

void tst_Credentials::keptLoginIsTakenUp()
{
    loggedIn();
    const auto who = credentials();
    who->resume(m_auth->refreshToken());
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    QVERIFY(get(api));
    QCOMPARE(m_auth->refreshes(), 1);
    QCOMPARE(m_server->count("/thing"_ba), 1);

    const auto late = credentials();
    QSignalSpy needed(late.get(), &Credentials::loginNeeded);
    late->resume("refresh-of-long-ago"_ba);
    api.setCredentials(*late);
    QCOMPARE(get(api).error().code(), Code::Unauthenticated);
    QCOMPARE(needed.count(), 1);
}

void tst_Credentials::logoutForgetsAndTells()
{
    const auto who = loggedIn();
    QSignalSpy needed(who.get(), &Credentials::loginNeeded), changed(who.get(), &Credentials::changed);
    QCoro::waitFor(who->logOut());
    QVERIFY(!m_auth->isLoggedIn());
    QCOMPARE(changed.count(), 1);
    QCOMPARE(needed.count(), 0); // who logs out is not asked to log in
    QVERIFY(!who->loginNeededFor().isEmpty());
    QCOMPARE(who->kind(), Kind::Nobody);
    QVERIFY(!who->principal());
}

void tst_Credentials::logoutGoesBackToTheLocalToken()
{
    const QByteArray token = "gwl_"_ba + QByteArray(64, 'a');
    writeLocal(token, m_server->url().toEncoded());
    const auto who = credentials();
    QCOMPARE(who->kind(), Kind::Local);
    QCOMPARE(who->token(), token);
    QVERIFY(QCoro::waitFor(who->logIn(u"bob"_s, u"right"_s)));
    QCOMPARE(who->kind(), Kind::Login);
    QCoro::waitFor(who->logOut());
    QCOMPARE(who->kind(), Kind::Local);
    QCOMPARE(who->token(), token);
    QVERIFY(who->loginNeededFor().isEmpty());
}

void tst_Credentials::loginInTheMiddleOfARefresh()
{
    const auto who = loggedIn();
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    m_auth->expire();
    m_auth->hold();
    QList<int> statuses;
    ask(api, statuses);
    QTRY_COMPARE(m_auth->refreshes(), 1);
    QVERIFY(QCoro::waitFor(who->logIn(u"bob"_s, u"right"_s)));
    m_auth->release();
    QTRY_COMPARE(statuses, QList<int>{ 200 });
    QCOMPARE(who->principal().value().name, u"bob"_s);
    QCOMPARE(m_auth->nameOf(m_server->requests().constLast()), u"bob"_s);
}

void tst_Credentials::destructionEndsWhatWaits()
{
    auto who = loggedIn();
    auto api = std::make_unique<ApiClient>(m_server->url());
    api->setCredentials(*who);
    m_auth->expire();
    m_auth->hold();
    QList<int> first, second;
    ask(*api, first);
    QTRY_COMPARE(m_auth->refreshes(), 1);
    api.reset();
    QCOMPARE(first, QList<int>{ -1 });

    ApiClient other(m_server->url());
    other.setCredentials(*who);
    ask(other, second);
    QTRY_COMPARE(m_server->count("/thing"_ba), 2);
    QTRY_COMPARE(m_server->requests().constLast().path, "/thing"_ba);
    EventSource stream(requestFor(u"/s"_s), quick(*who));
    stream.start();
    QTRY_COMPARE(m_server->count("/s"_ba), 1);
    who.reset();
    QTRY_COMPARE(second, QList<int>{ -1 });
}

void tst_Credentials::expiryInTheMiddleOfAStream()
{
    m_auth->setLifetime(100s);
    const auto who = loggedIn();
    EventSource stream(requestFor(u"/s"_s), quick(*who));
    QSignalSpy received(&stream, &EventSource::received);
    stream.start();
    QTRY_COMPARE(m_streams.size(), 1);
    m_streams.first().send({ .event = {}, .data = "one"_ba, .id = "7:1"_ba, .retry = {} });
    QTRY_COMPARE(received.count(), 1);
    m_auth->expire();
    m_clock.advance(101s);
    m_streams.first().cut(); // as a server may at the token's end
    QTRY_COMPARE(m_streams.size(), 2);
    QTRY_VERIFY(stream.isOnline());
    QCOMPARE(m_auth->refreshes(), 1);
    QCOMPARE(m_server->count("/s"_ba), 2); // renewed before it was sent: no 401 between
    QCOMPARE(m_server->requests().constLast().headers.value("last-event-id"_ba), "7:1"_ba);
}

void tst_Credentials::streamWaitsForALogin()
{
    const auto who = loggedIn();
    EventSource stream(requestFor(u"/s"_s), quick(*who));
    stream.start();
    QTRY_VERIFY(stream.isOnline());
    m_streams.last().send({ .event = {}, .data = "one"_ba, .id = "7:1"_ba, .retry = {} });
    QTRY_COMPARE(stream.lastEventId(), "7:1"_ba);
    m_auth->revoke();
    m_streams.last().cut();
    QTRY_COMPARE(stream.state().phase, Phase::Unauthenticated);
    const auto asked = m_server->count("/s"_ba);
    const auto nobody = credentials();
    ConnectionOptions other = quick(*nobody);
    other.credentials = nullptr; // retries, by the same backoff
    EventSource witness(requestFor(u"/witness"_s), other);
    witness.start();
    QTRY_VERIFY(m_server->count("/witness"_ba) >= 3);
    QCOMPARE(m_server->count("/s"_ba), asked); // nobody is asked in vain

    QVERIFY(QCoro::waitFor(who->logIn(u"ada"_s, u"right"_s)));
    QTRY_VERIFY(stream.isOnline());
    QCOMPARE(m_server->requests().constLast().headers.value("last-event-id"_ba), "7:1"_ba);
}

void tst_Credentials::anotherLoginStartsTheStreamAnew()
{
    const auto who = loggedIn();
    EventSource stream(requestFor(u"/s"_s), quick(*who));
    EventSource quiet(requestFor(u"/s"_s), quick(*who)); // never started, and left so
    stream.start();
    QTRY_VERIFY(stream.isOnline());
    QVERIFY(QCoro::waitFor(who->logIn(u"bob"_s, u"right"_s)));
    QTRY_COMPARE(m_streamUsers, QStringList({ u"ada"_s, u"bob"_s }));
    QTRY_VERIFY(stream.isOnline());
    QCOMPARE(quiet.state().phase, Phase::Offline);
}

void tst_Credentials::restartedDaemonHasAnotherLocalToken()
{
    const QByteArray first = "gwl_"_ba + QByteArray(64, 'a'), second = "gwl_"_ba + QByteArray(64, 'b');
    writeLocal(first, m_server->url().toEncoded());
    m_auth->addToken(first, { .userId = 0, .name = u"local"_s, .role = Role::Admin });
    const auto who = credentials();
    QSignalSpy needed(who.get(), &Credentials::loginNeeded);
    ApiClient api(m_server->url());
    api.setCredentials(*who);
    EventSource stream(requestFor(u"/s"_s), quick(*who));
    stream.start();
    QTRY_VERIFY(stream.isOnline());

    m_server->stop();
    m_auth->removeToken(first);
    m_auth->addToken(second, { .userId = 0, .name = u"local"_s, .role = Role::Admin });
    QTRY_COMPARE(stream.state().phase, Phase::Waiting);
    writeLocal(second, m_server->url().toEncoded());
    m_server->resume();
    QTRY_VERIFY(stream.isOnline());
    QVERIFY(get(api));
    QCOMPARE(m_server->requests().constLast().headers.value("authorization"_ba), QByteArray("Bearer "_ba + second));
    QCOMPARE(needed.count(), 0);
}

void tst_Credentials::startingDaemonIsNotAskedForALogin()
{
    const QByteArray token = "gwl_"_ba + QByteArray(64, 'a');
    m_auth->addToken(token, { .userId = 0, .name = u"local"_s, .role = Role::Admin });
    writeLocal(token, {}); // it listens already, and has not said so
    const auto who = credentials();
    QSignalSpy needed(who.get(), &Credentials::loginNeeded);
    EventSource stream(requestFor(u"/s"_s), quick(*who));
    stream.start();
    QTRY_COMPARE(stream.state().phase, Phase::Waiting);
    writeLocal(token, m_server->url().toEncoded());
    QTRY_VERIFY(stream.isOnline());
    QCOMPARE(needed.count(), 0);

    stream.stop();
    m_auth->removeToken(token);
    writeLocal(token, {}); // and if it never says so, it is another one that listens there
    stream.start();
    QTRY_COMPARE(stream.state().phase, Phase::Waiting);
    m_clock.advance(2s);
    QTRY_COMPARE(stream.state().phase, Phase::Unauthenticated);
    QCOMPARE(needed.count(), 1);
}

void tst_Credentials::refusedFileIsReadAgain()
{
    const QString name = m_folder->filePath(u"token"_s);
    const auto write = [&name](const QByteArray &text) {
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text + '\n');
    };
    write("old"_ba);
    m_auth->addToken("new"_ba, { .userId = 7, .name = u"robot"_s, .role = Role::Member });
    Credentials who({ .server = m_server->url(), .tokenFile = name });
    QCOMPARE(who.kind(), Kind::File);
    ApiClient api(m_server->url());
    api.setCredentials(who);
    QCOMPARE(get(api).error().message(), u"the token is not good"_s);
    QVERIFY(who.loginNeededFor().contains(name));
    write("new"_ba);
    QVERIFY(get(api));
    QFile::remove(name);
    QVERIFY(get(api)); // what was read is still good
}

void tst_Credentials::socketRenewsAndConnects()
{
    QStringList users;
    m_server->onSocket(u"/ws"_s, [&](QWebSocket &peer) {
        users.append(QString::fromLatin1(peer.request().rawHeader("Authorization"_ba)));
    });
    const auto who = loggedIn();
    m_auth->expire();
    Socket link(requestFor(u"/ws"_s), quick(*who));
    QSignalSpy states(&link, &Socket::stateChanged);
    link.start();
    QTRY_VERIFY(link.isOnline());
    QCOMPARE(m_auth->refreshes(), 1);
    QCOMPARE(users, QStringList{ u"Bearer access-2"_s });
    for (const auto &state : states)
        QVERIFY(state.first().value<ConnectionState>().phase != Phase::Waiting);

    m_auth->revoke();
    m_server->cutAll();
    QTRY_COMPARE(link.state().phase, Phase::Unauthenticated);
    QVERIFY(QCoro::waitFor(who->logIn(u"bob"_s, u"right"_s)));
    QTRY_VERIFY(link.isOnline());
}

void tst_Credentials::refusedSocketSaysWhy()
{
    m_server->setGate([](const FakeRequest &, const FakeReply &reply) {
        reply.problem(403, u"this needs the role operator"_s);
        return false;
    });
    const auto who = credentials();
    Socket link(requestFor(u"/ws"_s), quick(*who));
    link.start();
    QTRY_COMPARE(link.state().phase, Phase::Waiting);
    QCOMPARE(link.state().reason, u"this needs the role operator"_s);
}

QTEST_GUILESS_MAIN(tst_Credentials)
#include "tst_credentials.moc"
