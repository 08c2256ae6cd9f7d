// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/users/testaccounts.h"

#include <QElapsedTimer>
#include <QSet>
#include <QTest>

using namespace godwit;
using namespace godwit::users;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class tst_PasswordHasher : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hashesWithArgon2idAndSalt();
    void isConstantForAnUnknownUser();
    void refusesAStorm();
    void leavesTheQueueWithItsClient();
    void makesPasswords();
};

void tst_PasswordHasher::hashesWithArgon2idAndSalt()
{
    runtime::BlockingPool threads;
    PasswordHasher hasher(threads); // at the cost of the daemon
    const QByteArray hash = awaited(hasher.hash({}, u"correct horse"_s));
    QVERIFY2(hash.startsWith("$argon2id$v=19$m=65536,t=2,p=1$"), hash.constData());
    QVERIFY(hash != awaited(hasher.hash({}, u"correct horse"_s)));
    QVERIFY(awaited(hasher.verify({}, u"correct horse"_s, hash)));
    QVERIFY(!awaited(hasher.verify({}, u"Correct horse"_s, hash)));
    QVERIFY(!awaited(hasher.verify({}, u"correct horse"_s, "not a hash"_ba)));
}

void tst_PasswordHasher::isConstantForAnUnknownUser()
{
    runtime::BlockingPool threads;
    PasswordHasher hasher(threads);
    const QByteArray hash = awaited(hasher.hash({}, u"correct horse"_s));
    const auto least = [&](const QByteArray &of) {
        qint64 best = std::numeric_limits<qint64>::max();
        for (int i = 0; i < 3; ++i) {
            QElapsedTimer timer;
            timer.start();
            [&] { QVERIFY(!awaited(hasher.verify({}, u"wrong"_s, of))); }();
            best = std::min(best, timer.nsecsElapsed());
        }
        return best;
    };
    const qint64 known = least(hash), unknown = least({});
    // A hash that is not computed takes a hundredth; the rest is room for a busy machine.
    QVERIFY2(unknown > known / 4 && unknown < known * 4, qPrintable(u"%1 %2"_s.arg(known).arg(unknown)));
}

void tst_PasswordHasher::refusesAStorm()
{
    db::Gate gate;
    runtime::BlockingPool threads({ .blockingThreads = 1 });
    auto held = threads.run({}, [&gate] { gate.pass(); }).future();
    QTRY_COMPARE(gate.arrived(), 1);
    PasswordHasher hasher(threads, { .passes = 1, .memoryBytes = 8192, .concurrency = 1, .queue = 2 });
    std::vector<QCoro::Task<bool>> logins;
    for (int i = 0; i < 3; ++i)
        logins.push_back(hasher.verify({}, u"wrong"_s, {}));
    QCOMPARE(hasher.figures().running, 1);
    QCOMPARE(hasher.figures().waiting, 2);
    try {
        awaited(hasher.verify({}, u"wrong"_s, {}));
        QFAIL("was not refused");
    } catch (const Error &error) {
        QCOMPARE(error.code(), Error::Code::Unavailable);
        QVERIFY(error.decider());
        QCOMPARE(error.decider()->kind, Decider::Kind::Bulkhead);
        QCOMPARE(error.decider()->name, u"passwords"_s);
    }
    gate.open();
    for (auto &login : logins)
        QVERIFY(!awaited(std::move(login)));
    held.waitForFinished();
}

void tst_PasswordHasher::leavesTheQueueWithItsClient()
{
    db::Gate gate;
    runtime::BlockingPool threads({ .blockingThreads = 1 });
    auto held = threads.run({}, [&gate] { gate.pass(); }).future();
    PasswordHasher hasher(threads, { .passes = 1, .memoryBytes = 8192, .concurrency = 1, .queue = 2 });
    auto first = hasher.verify({}, u"wrong"_s, {});
    std::stop_source client;
    auto second = hasher.verify({ .stop = client.get_token() }, u"wrong"_s, {});
    QCOMPARE(hasher.figures().waiting, 1);
    client.request_stop();
    QCOMPARE(codeOf([&] { awaited(std::move(second)); }), Error::Code::Cancelled);
    QCOMPARE(hasher.figures().waiting, 0);
    gate.open();
    QVERIFY(!awaited(std::move(first)));
    held.waitForFinished();
}

void tst_PasswordHasher::makesPasswords()
{
    QSet<QString> passwords;
    for (int i = 0; i < 100; ++i) {
        const QString password = makePassword();
        QVERIFY(checkPassword(password));
        QCOMPARE(password.size(), 24);
        passwords.insert(password);
    }
    QCOMPARE(passwords.size(), 100);
}

QTEST_GUILESS_MAIN(tst_PasswordHasher)
#include "tst_passwordhasher.moc"
