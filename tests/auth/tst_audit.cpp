// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/auth/testauth.h"

#include <QTest>

using namespace godwit;
using namespace godwit::auth;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class tst_Audit : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsWhatHappened();
    void hasNoSecrets();
    void isBoundedByRows();
    void isBoundedByAge();
    void listsInPages();
    void cutsWhatIsLong();
    void nothingIsLostAtItsEnd();
};

void tst_Audit::tellsWhatHappened()
{
    TestAuth test;
    test.add(u"ada"_s);
    const Tokens tokens = test.logIn(u"ada"_s);
    users::codeOf([&] { awaited(test.service.logIn({ .requestId = "r-1" }, u"ada"_s, u"a guess"_s, test.address)); });
    test.service.logOut({}, test.service.sessionOf(tokens.refreshToken), u"ada"_s).future().waitForFinished();
    const auto created = awaited(test.service.createToken({}, { .user = u"ada"_s }, u"root"_s));
    test.service.revokeToken({}, created.session.id, u"root"_s).future().waitForFinished();
    const QString program = u"ada "_s + QString::fromLatin1(created.session.id);
    const QStringList told = test.audited();
    QCOMPARE(told.size(), 6);
    QVERIFY(told[0].startsWith(u"token_revoked"_s));
    QCOMPARE(told[1], u"token_created "_s + program);
    QCOMPARE(told.mid(2, 3), QStringList({ u"logout ada"_s, u"login_failed ada"_s, u"login ada"_s }));
    QVERIFY(told[5].startsWith(u"user_created ada"_s));

    const AuditEntry failed = test.auditEntries()[3];
    QCOMPARE(failed.event.address, test.address);
    QCOMPARE(failed.event.requestId, "r-1"_ba);
    QCOMPARE(failed.at, test.clock.timestamp());
}

void tst_Audit::hasNoSecrets()
{
    TestAuth test;
    test.add(u"ada"_s);
    const Tokens tokens = test.logIn(u"ada"_s);
    const Tokens next = test.refresh(tokens.refreshToken);
    users::codeOf([&] { test.refresh(tokens.refreshToken); });
    const auto created = awaited(test.service.createToken({}, { .user = u"ada"_s }, u"root"_s));
    const QString all = test.audited().join(u'\n');
    for (const QString &secret :
         { test.passwordOf(u"ada"_s), QString::fromLatin1(tokens.accessToken), QString::fromLatin1(tokens.refreshToken),
           QString::fromLatin1(next.refreshToken), QString::fromLatin1(created.token) })
        QVERIFY(!all.contains(secret));
}

void tst_Audit::isBoundedByRows()
{
    TestAuth test({}, { .rows = 10 });
    for (int i = 0; i < 25; ++i)
        test.audit.record({ .event = u"e"_s, .subject = QString::number(i) });
    const QStringList kept = test.audited();
    QCOMPARE(kept.size(), 10);
    QCOMPARE(kept.first(), u"e 24"_s);
    QCOMPARE(kept.last(), u"e 15"_s);
}

void tst_Audit::isBoundedByAge()
{
    TestAuth test({}, { .age = 24h });
    test.audit.record({ .event = u"old"_s });
    test.clock.advance(24h);
    test.audit.record({ .event = u"day"_s });
    QCOMPARE(test.audited().size(), 2);
    test.clock.advance(1ms);
    test.audit.record({ .event = u"new"_s });
    QCOMPARE(test.audited(), QStringList({ u"new "_s, u"day "_s }));
}

void tst_Audit::listsInPages()
{
    TestAuth test;
    for (int i = 0; i < 5; ++i)
        test.audit.record({ .event = u"e"_s, .subject = QString::number(i) });
    const auto newest = test.auditEntries(0, 2);
    QCOMPARE(newest.size(), 2);
    const auto older = test.auditEntries(newest.last().id);
    QCOMPARE(older.size(), 3);
    QCOMPARE(older.first().event.subject, u"2"_s);
}

void tst_Audit::cutsWhatIsLong()
{
    TestAuth test;
    test.audit.record({ .event = u"login_failed"_s, .subject = QString(100'000, u'x') });
    QCOMPARE(test.audited().first().size(), 200 + qsizetype(qstrlen("login_failed ")));
}

void tst_Audit::nothingIsLostAtItsEnd()
{
    TestAuth test;
    {
        AuditLog other(test.database.pool, {}, test.clock);
        for (int i = 0; i < 100; ++i)
            other.record({ .event = u"e"_s, .subject = QString::number(i) });
    }
    const auto kept = test.audit.list({}, 0, 1).future().result(); // at once
    QCOMPARE(kept.size(), 1);
    QCOMPARE(kept.first().event.subject, u"99"_s);
}

QTEST_GUILESS_MAIN(tst_Audit)
#include "tst_audit.moc"
