// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/users/service.h"
#include "shared/async/faults.h"
#include "tests/users/testaccounts.h"

#include <QJsonArray>
#include <QScopeGuard>
#include <QTest>

using namespace godwit;
using namespace godwit::users;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using async::Context;
using protocol::Role;
using Code = Error::Code;
using Source = Service::Cache::Source;

namespace {

/// Accounts with a service over them.
struct TestService : TestAccounts
{
    Service::Known known(qint64 id) { return awaited(service.user({}, id)); }
    std::optional<Code> codeFor(qint64 id)
    {
        return codeOf([&] { known(id); });
    }

    Service service{ database.pool, accounts, Service::cacheOptions(), clock };
};

/// A part of an overview that is answered, or fails, when the test says so.
template<class T>
struct Part
{
    std::optional<typename async::OneShot<T>::Finisher> finisher;
    std::stop_token stop;
    bool hasEnded = false;

    static QCoro::Task<T> ask(Part &part, Context context)
    {
        auto [finisher, result] = async::oneShot<T>();
        part.finisher.emplace(std::move(finisher));
        part.stop = context.stop;
        const auto ended = qScopeGuard([&part] { part.hasEnded = true; });
        T value = co_await std::move(result);
        co_return value;
    }
    auto source()
    {
        return [this](const Context &context) { return ask(*this, context); };
    }
};

struct Parts
{
    Part<Account> basic;
    Part<QJsonObject> preferences;
    Part<QList<Activity>> activity;
    Part<QList<Friend>> connections;

    OverviewSources sources()
    {
        return { basic.source(), preferences.source(), activity.source(), connections.source() };
    }
};

QCoro::Task<> keep(QCoro::Task<Overview> task, std::optional<Overview> &value, std::optional<Error> &error)
{
    try {
        value = co_await std::move(task);
    } catch (const Error &failed) {
        error = failed;
    }
}

QCoro::Task<bool> done(QCoro::Task<> task)
{
    co_await std::move(task);
    co_return true;
}
void awaitedVoid(QCoro::Task<> task)
{
    awaited(done(std::move(task)));
}

void runLoop()
{
    for (int i = 0; i < 5; ++i)
        QCoreApplication::sendPostedEvents();
}

} // namespace

class tst_UserService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_test.emplace(); }
    void cleanup() { m_test.reset(); }

    void idsBelowOneAreRefused();
    void cacheThenDatabase();
    void whatIsNotThereIsRemembered();
    void changesGoToTheDatabaseThenToTheCache();
    void aChangeThatFailsLeavesTheCache();
    void theLastWriteIsInTheCache();
    void removedIsGoneAtOnce();
    void readsAreTriedAgain();
    void aHangEndsWithTheDeadline();
    void lookupKeepsTheOrder();
    void overviewAsksForAllAtOnce();
    void overviewEndsWithItsFirstFailure();
    void overviewOfNobody();
    void overviewOfSomebody();
    void preferencesAreReplaced();
    void preferencesAreBounded();
    void connectionsHaveADirection();
    void activityTellsOfChanges();
    void activityTellsOfLogins();
    void activityIsBounded();
    void whatBelongsToAUserGoesWithIt();
    void nothingOfNobody();

private:
    std::optional<TestService> m_test;
};

void tst_UserService::idsBelowOneAreRefused()
{
    try {
        m_test->known(0);
        QFAIL("no error");
    } catch (const Error &error) {
        QCOMPARE(error.code(), Code::InvalidArgument);
        QCOMPARE(error.message(), u"User ID cannot be zero"_s);
    }
    QCOMPARE(m_test->codeFor(-1), Code::InvalidArgument);
}

void tst_UserService::cacheThenDatabase()
{
    const Account anna = m_test->add(u"anna"_s);
    m_test->service.cache().clear();
    QCOMPARE(m_test->known(anna.id).source, Source::Miss);
    const auto again = m_test->known(anna.id);
    QCOMPARE(again.source, Source::Hit);
    QCOMPARE(again.account, anna);
    QCOMPARE(m_test->service.cache().figures().loads, 1);
    m_test->clock.advance(300s);
    QCOMPARE(m_test->known(anna.id).source, Source::Miss);
}

void tst_UserService::whatIsNotThereIsRemembered()
{
    QCOMPARE(m_test->codeFor(1), Code::NotFound);
    QCOMPARE(m_test->codeFor(1), Code::NotFound);
    QCOMPARE(m_test->service.cache().figures().loads, 1);
    const Account anna = m_test->add(u"anna"_s);
    QCOMPARE(anna.id, 1);
    QCOMPARE(m_test->known(1).account, anna); // not for longer than it is so
    QCOMPARE(m_test->codeFor(2), Code::NotFound);
    m_test->clock.advance(30s);
    QCOMPARE(m_test->codeFor(2), Code::NotFound);
    QCOMPARE(m_test->service.cache().figures().loads, 3);
}

void tst_UserService::changesGoToTheDatabaseThenToTheCache()
{
    const Account anna = m_test->add(u"anna"_s);
    m_test->known(anna.id);
    const Account changed = awaited(m_test->accounts.update({}, anna.id, { .name = u"Ann"_s, .role = Role::Operator }));
    const auto known = m_test->known(anna.id);
    QCOMPARE(known.source, Source::Hit);
    QCOMPARE(known.account, changed);
    QCOMPARE(known.account.name, u"Ann"_s);
    QCOMPARE(m_test->service.cache().figures().loads, 0);
}

void tst_UserService::aChangeThatFailsLeavesTheCache()
{
    const Account anna = m_test->add(u"anna"_s);
    m_test->add(u"bert"_s);
    QCOMPARE(codeOf([&] { awaited(m_test->accounts.update({}, anna.id, { .name = u"Bert"_s })); }), Code::Conflict);
    QCOMPARE(m_test->known(anna.id).account, anna);
}

void tst_UserService::theLastWriteIsInTheCache()
{
    const Account anna = m_test->add(u"anna"_s);
    std::vector<QCoro::Task<Account>> running;
    for (int i = 0; i < 50; ++i)
        running.push_back(m_test->accounts.update({}, anna.id, { .name = u"anna %1"_s.arg(i) }));
    for (auto &task : running)
        awaited(std::move(task));
    const auto known = m_test->known(anna.id);
    QCOMPARE(known.source, Source::Hit);
    QCOMPARE(known.account, m_test->accounts.get({}, anna.id).future().result());
    QCOMPARE(known.account.name, u"anna 49"_s);
}

void tst_UserService::removedIsGoneAtOnce()
{
    const Account anna = m_test->add(u"anna"_s);
    m_test->known(anna.id);
    m_test->accounts.remove({}, anna.id).future().waitForFinished();
    QCOMPARE(m_test->codeFor(anna.id), Code::NotFound);
    QCOMPARE(m_test->service.cache().figures().loads, 0);
}

void tst_UserService::readsAreTriedAgain()
{
    async::Faults faults(u"the database"_s);
    db::TestPool database({}, &faults);
    db::migrate(database.pool);
    runtime::BlockingPool threads;
    PasswordHasher hasher(threads, TestAccounts::cheap);
    Accounts accounts(database.pool, hasher);
    Service service(database.pool, accounts);
    const Account anna = awaited(accounts.create({}, { .name = u"anna"_s, .password = u"long enough"_s }));
    service.cache().clear();
    auto left = std::make_shared<int>(2);
    faults.set({ .errors = 0.5, .random = [left] { return (*left)-- > 0 ? 0.0 : 0.9; } });
    QCOMPARE(awaited(service.user({ .requestId = "r-1" }, anna.id)).account, anna);
    QCOMPARE(database.pool.figures().retried, 2);
    faults.set({ .errors = 1 });
    service.cache().clear();
    QCOMPARE(codeOf([&] { awaited(service.user({ .requestId = "r-2" }, anna.id)); }), Code::Unavailable);
    faults.set({});
    QCOMPARE(awaited(service.user({}, anna.id)).source, Source::Miss); // and the failure is not remembered
}

void tst_UserService::aHangEndsWithTheDeadline()
{
    async::Faults faults(u"the database"_s);
    db::TestPool database({}, &faults);
    db::migrate(database.pool);
    runtime::BlockingPool threads;
    PasswordHasher hasher(threads, TestAccounts::cheap);
    Accounts accounts(database.pool, hasher);
    auto options = Service::cacheOptions();
    QCOMPARE(options.loadDeadline, 1s);
    options.loadDeadline = 20ms;
    Service service(database.pool, accounts, options);
    faults.set({ .hangs = 1 });
    QCOMPARE(codeOf([&] { awaited(service.user({ .requestId = "r-1" }, 1)); }), Code::DeadlineExceeded);
    faults.set({});
    QCOMPARE(codeOf([&] { awaited(service.user({ .requestId = "r-2" }, 1)); }), Code::NotFound);
}

void tst_UserService::lookupKeepsTheOrder()
{
    const Account anna = m_test->add(u"anna"_s), bert = m_test->add(u"bert"_s);
    const auto found = awaited(m_test->service.lookup({}, { bert.id, 0, 99, anna.id, bert.id }, 2));
    QCOMPARE(found.size(), size_t(5));
    QCOMPARE(found[0]->account, bert);
    QCOMPARE(found[1].error().code(), Code::InvalidArgument);
    QCOMPARE(found[2].error().code(), Code::NotFound);
    QCOMPARE(found[3]->account, anna);
    QCOMPARE(found[4]->account, bert);
    QVERIFY(awaited(m_test->service.lookup({}, {}, 8)).empty());
}

/// The total is the time of the slowest, as all are begun before any has ended: shown by the order of events.
void tst_UserService::overviewAsksForAllAtOnce()
{
    Parts parts;
    std::optional<Overview> overview;
    std::optional<Error> error;
    keep(gatherOverview({}, parts.sources()), overview, error);
    QVERIFY(parts.basic.finisher && parts.preferences.finisher && parts.activity.finisher
            && parts.connections.finisher);
    parts.connections.finisher->set(QList<Friend>{ { .id = 2 } });
    parts.activity.finisher->set(QList<Activity>{});
    parts.basic.finisher->set(Account{ .id = 1, .name = u"anna"_s });
    runLoop();
    QVERIFY(!overview);
    parts.preferences.finisher->set(QJsonObject{ { u"theme"_s, u"dark"_s } });
    runLoop();
    QVERIFY(overview);
    QCOMPARE(overview->basic.name, u"anna"_s);
    QCOMPARE(overview->connections.size(), 1);
    QCOMPARE(overview->preferences.value("theme"_L1).toString(), u"dark"_s);
}

void tst_UserService::overviewEndsWithItsFirstFailure()
{
    Parts parts;
    std::optional<Overview> overview;
    std::optional<Error> error;
    keep(gatherOverview({}, parts.sources()), overview, error);
    parts.activity.finisher->fail(Error(Code::Unavailable, u"busy"_s));
    runLoop();
    QVERIFY(parts.basic.stop.stop_requested() && parts.preferences.stop.stop_requested()
            && parts.connections.stop.stop_requested());
    QVERIFY(!error); // not before all have ended
    parts.basic.finisher->fail(Error::cancelled());
    parts.connections.finisher->fail(Error::cancelled());
    parts.preferences.finisher->set(QJsonObject()); // too late to be stopped
    runLoop();
    QVERIFY(parts.basic.hasEnded && parts.connections.hasEnded && parts.preferences.hasEnded);
    QVERIFY(error && !overview);
    QCOMPARE(error->message(), u"busy"_s);
}

void tst_UserService::overviewOfNobody()
{
    QCOMPARE(codeOf([&] { awaited(m_test->service.overview({}, 7)); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(m_test->service.overview({}, 0)); }), Code::InvalidArgument);
}

void tst_UserService::overviewOfSomebody()
{
    const Account anna = m_test->add(u"anna"_s), bert = m_test->add(u"bert"_s);
    awaited(m_test->service.setPreferences({}, anna.id, { { u"theme"_s, u"dark"_s } }));
    awaited(m_test->service.connectTo({}, anna.id, bert.id));
    const Overview overview = awaited(m_test->service.overview({}, anna.id));
    QCOMPARE(overview.basic, anna);
    QCOMPARE(overview.preferences.value("theme"_L1).toString(), u"dark"_s);
    QCOMPARE(overview.connections.value(0).name, u"bert"_s);
    QCOMPARE(overview.recentActivity.size(), 3);
    QCOMPARE(overview.recentActivity.first().kind, u"connection_added"_s);
}

void tst_UserService::preferencesAreReplaced()
{
    const Account anna = m_test->add(u"anna"_s);
    QVERIFY(awaited(m_test->service.preferences({}, anna.id)).isEmpty());
    awaited(m_test->service.setPreferences({}, anna.id, { { u"a"_s, 1 }, { u"b"_s, QJsonArray{ 1, u"\u20ac"_s } } }));
    const QJsonObject second{ { u"c"_s, QJsonValue() } };
    QCOMPARE(awaited(m_test->service.setPreferences({}, anna.id, second)), second);
    QCOMPARE(awaited(m_test->service.preferences({}, anna.id)), second);
}

void tst_UserService::preferencesAreBounded()
{
    const Account anna = m_test->add(u"anna"_s);
    const QString much(Service::mostPreferenceBytes - 8, u'x'); // and {"a":""}
    awaited(m_test->service.setPreferences({}, anna.id, { { u"a"_s, much } }));
    QCOMPARE(
        codeOf([&] { awaited(m_test->service.setPreferences({}, anna.id, { { u"a"_s, QString(much + u'x') } })); }),
        Code::FailedValidation);
    QCOMPARE(awaited(m_test->service.preferences({}, anna.id)).value("a"_L1).toString(), much);
}

void tst_UserService::connectionsHaveADirection()
{
    const Account anna = m_test->add(u"anna"_s), bert = m_test->add(u"bert"_s), carl = m_test->add(u"carl"_s);
    Service &service = m_test->service;
    const Friend made = awaited(service.connectTo({}, anna.id, bert.id));
    QCOMPARE(made.name, u"bert"_s);
    m_test->clock.advance(1s);
    QCOMPARE(awaited(service.connectTo({}, anna.id, bert.id)).since, made.since); // again does nothing
    awaited(service.connectTo({}, anna.id, carl.id));
    QCOMPARE(awaited(service.connection({}, anna.id, bert.id)).id, bert.id);
    QCOMPARE(codeOf([&] { awaited(service.connection({}, bert.id, anna.id)); }), Code::NotFound);
    QCOMPARE(awaited(service.connections({}, anna.id, 0, 10)).size(), 2);
    QCOMPARE(awaited(service.connections({}, anna.id, bert.id, 10)).value(0).id, carl.id);
    QCOMPARE(awaited(service.connections({}, anna.id, 0, 1)).size(), 1);
    awaitedVoid(service.disconnectFrom({}, anna.id, bert.id));
    QCOMPARE(codeOf([&] { awaitedVoid(service.disconnectFrom({}, anna.id, bert.id)); }), Code::NotFound);
    QCOMPARE(awaited(service.connections({}, anna.id, 0, 10)).size(), 1);
    QCOMPARE(codeOf([&] { awaited(service.connectTo({}, anna.id, anna.id)); }), Code::FailedValidation);
    QCOMPARE(codeOf([&] { awaited(service.connectTo({}, anna.id, 99)); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(service.connectTo({}, anna.id, 0)); }), Code::InvalidArgument);
}

void tst_UserService::activityTellsOfChanges()
{
    const Account anna = m_test->add(u"anna"_s);
    awaited(m_test->accounts.update({}, anna.id, { .role = Role::Operator }));
    awaited(m_test->accounts.update({}, anna.id, { .role = Role::Operator })); // nothing changed
    awaited(m_test->accounts.update({}, anna.id, { .password = u"another password"_s }));
    const QList<Activity> all = awaited(m_test->service.activity({}, anna.id, 0, 10));
    QStringList kinds;
    for (const Activity &one : all)
        kinds.append(one.kind);
    QCOMPARE(kinds, (QStringList{ u"password_changed"_s, u"account_updated"_s, u"account_created"_s }));
    QCOMPARE(all[1].detail, u"anna, operator"_s);
    QVERIFY(all[0].detail.isEmpty()); // never a password
    const QList<Activity> older = awaited(m_test->service.activity({}, anna.id, all[0].id, 1));
    QCOMPARE(older.size(), 1);
    QCOMPARE(older[0].id, all[1].id);
}

void tst_UserService::activityTellsOfLogins()
{
    const Account anna = m_test->add(u"anna"_s);
    const auto log = [&] {
        QStringList kinds;
        for (const Activity &one : awaited(m_test->service.activity({}, anna.id, 0, 10)))
            kinds.append(one.kind);
        return kinds;
    };
    QVERIFY(!awaited(m_test->accounts.authenticate({}, u"anna"_s, u"wrong"_s)));
    QCOMPARE(log(), QStringList{ u"account_created"_s });
    QVERIFY(awaited(m_test->accounts.authenticate({}, u"anna"_s, TestAccounts::passwordOf(u"anna"_s))));
    QCOMPARE(log(), (QStringList{ u"login"_s, u"account_created"_s }));
}

void tst_UserService::activityIsBounded()
{
    const Account anna = m_test->add(u"anna"_s), bert = m_test->add(u"bert"_s);
    m_test->database.pool
        .write({},
               [&](db::Connection &connection) {
                   for (int i = 0; i < store::keptActivity + 50; ++i)
                       store::addActivity(connection, anna.id, u"test", QString::number(i), {});
                   return 0;
               })
        .future()
        .waitForFinished();
    const auto all = awaited(m_test->service.activity({}, anna.id, 0, 5'000));
    QCOMPARE(all.size(), store::keptActivity);
    QCOMPARE(all.first().detail, QString::number(store::keptActivity + 49));
    QCOMPARE(awaited(m_test->service.activity({}, bert.id, 0, 5'000)).size(), 1); // another's stays
}

void tst_UserService::whatBelongsToAUserGoesWithIt()
{
    const Account anna = m_test->add(u"anna"_s), bert = m_test->add(u"bert"_s);
    awaited(m_test->service.setPreferences({}, anna.id, { { u"a"_s, 1 } }));
    awaited(m_test->service.connectTo({}, anna.id, bert.id));
    awaited(m_test->service.connectTo({}, bert.id, anna.id));
    m_test->accounts.remove({}, anna.id).future().waitForFinished();
    QVERIFY(awaited(m_test->service.connections({}, bert.id, 0, 10)).isEmpty());
    for (const auto &table : { u"user_preferences"_s, u"user_connections"_s }) {
        const QString sql = u"SELECT count(*) FROM "_s + table;
        auto count = m_test->database.pool.read({}, [sql](db::Connection &c) { return db::number(c, sql); });
        QCOMPARE(std::move(count).future().result(), 0);
    }
}

void tst_UserService::nothingOfNobody()
{
    Service &service = m_test->service;
    const Account anna = m_test->add(u"anna"_s);
    QCOMPARE(codeOf([&] { awaited(service.preferences({}, 99)); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(service.setPreferences({}, 99, {})); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(service.activity({}, 99, 0, 10)); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(service.connections({}, 99, 0, 10)); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(service.connectTo({}, 99, anna.id)); }), Code::NotFound);
    QCOMPARE(codeOf([&] { awaited(service.preferences({}, 0)); }), Code::InvalidArgument);
}

QTEST_GUILESS_MAIN(tst_UserService)
#include "tst_userservice.moc"
