// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/authenticator.h"

#include <QTest>

using namespace godwit;
using namespace godwit::auth;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::Principal;
using protocol::Role;

class tst_Tickets : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void areGoodOnce();
    void areGoodForTheirTime();
    void areBoundedForAUser();
    void areBoundedForAll();
    void endWithTheirToken();
    void endWithTheirUser();
    void giveTheRoleOfNow();

private:
    static Tickets::Holder holder(qint64 user, Role role = Role::Member)
    {
        return { .principal = std::make_shared<const Principal>(
                     Principal{ .userId = user, .name = u"user-%1"_s.arg(user), .role = role }),
                 .claims = {} };
    }
    QByteArray tokenOf(const users::Account &account, std::chrono::seconds lifetime) const
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(m_clock.timestamp());
        return jwt::sign({ .userId = account.id,
                           .role = account.role,
                           .session = "s",
                           .generation = account.generation,
                           .issuedAt = now,
                           .expiresAt = now + lifetime },
                         m_keys.newest());
    }

    ManualClock m_clock;
    Keyring m_keys{ {}, m_clock };
    const users::Account m_ada{ .id = 4711, .name = u"ada"_s, .role = Role::Member, .generation = 1 };
};

void tst_Tickets::areGoodOnce()
{
    Tickets tickets({});
    const auto ticket = tickets.make(holder(1), m_clock.now());
    QVERIFY(ticket);
    QVERIFY(ticket->startsWith("gwk_"));
    const auto found = tickets.redeem(*ticket, m_clock.now());
    QVERIFY(found);
    QCOMPARE(found->principal->userId, 1);
    QVERIFY(!tickets.redeem(*ticket, m_clock.now()));
    QVERIFY(!tickets.redeem("gwk_unknown", m_clock.now()));
    QCOMPARE(tickets.size(), 0);
}

void tst_Tickets::areGoodForTheirTime()
{
    Tickets tickets({ .lifetime = 30s });
    const auto now = m_clock.now();
    const auto early = tickets.make(holder(1), now);
    const auto late = tickets.make(holder(1), now);
    QVERIFY(tickets.redeem(*early, now + 30s - 1ms));
    QVERIFY(!tickets.redeem(*late, now + 30s));
}

void tst_Tickets::areBoundedForAUser()
{
    Tickets tickets({ .lifetime = 30s, .mostOfAUser = 2 });
    const auto now = m_clock.now();
    QVERIFY(tickets.make(holder(1), now));
    QVERIFY(tickets.make(holder(1, Role::Operator), now));
    for (const Role role : { Role::Viewer, Role::Member, Role::Operator, Role::Admin }) {
        const auto refused = tickets.make(holder(1, role), now); // another role is no other user
        QVERIFY(!refused);
        QCOMPARE(refused.error().code(), Error::Code::ResourceExhausted);
        QVERIFY(refused.error().decider());
        QCOMPARE(refused.error().decider()->limit, 2.0);
    }
    QVERIFY(tickets.make(holder(2), now));
    QVERIFY(tickets.make(holder(1), now + 30s)); // the old ones have had their time
}

void tst_Tickets::areBoundedForAll()
{
    Tickets tickets({ .most = 3 });
    const auto now = m_clock.now();
    for (const qint64 user : { 1, 2, 3 })
        QVERIFY(tickets.make(holder(user), now));
    const auto refused = tickets.make(holder(4), now);
    QVERIFY(!refused);
    QCOMPARE(refused.error().decider()->limit, 3.0);
}

void tst_Tickets::endWithTheirToken()
{
    LiveAccounts accounts;
    accounts.set(m_ada);
    Authenticator authenticator({ .ticketLifetime = 30s }, m_keys, accounts, m_clock);
    const auto found = authenticator.byToken(tokenOf(m_ada, 10s));
    QVERIFY(found);
    const auto early = authenticator.makeTicket(*found);
    const auto late = authenticator.makeTicket(*found);
    m_clock.advance(9s);
    QVERIFY(authenticator.byTicket(*early));
    m_clock.advance(1s);
    const auto refused = authenticator.byTicket(*late);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), Error::Code::Unauthenticated);
    QCOMPARE(authenticator.figures().refused, 1);
}

void tst_Tickets::endWithTheirUser()
{
    LiveAccounts accounts;
    accounts.set(m_ada);
    Authenticator authenticator({}, m_keys, accounts, m_clock);
    const auto found = authenticator.byToken(tokenOf(m_ada, 10min));
    QVERIFY(found);
    const auto ticket = authenticator.makeTicket(*found);
    accounts.remove(m_ada.id);
    const auto refused = authenticator.byTicket(*ticket);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code(), Error::Code::Unauthenticated);
}

void tst_Tickets::giveTheRoleOfNow()
{
    LiveAccounts accounts;
    users::Account ada = m_ada;
    ada.role = Role::Operator;
    accounts.set(ada);
    Authenticator authenticator({}, m_keys, accounts, m_clock);
    const auto found = authenticator.byToken(tokenOf(ada, 10min));
    QVERIFY(found);
    const auto ticket = authenticator.makeTicket(*found);
    ada.role = Role::Viewer; // without another generation: as a program's token sees it
    accounts.set(ada);
    const auto redeemed = authenticator.byTicket(*ticket);
    QVERIFY(redeemed);
    QVERIFY(redeemed->principal->role == Role::Viewer);
}

QTEST_GUILESS_MAIN(tst_Tickets)
#include "tst_tickets.moc"
