// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/users/testaccounts.h"

#include <QTest>

using namespace godwit;
using namespace godwit::users;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::Role;
using Code = Error::Code;

class tst_Accounts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init() { m_test.emplace(); }
    void cleanup() { m_test.reset(); }

    void keepsWhatWasCreated();
    void refusesWhatIsNoAccount_data();
    void refusesWhatIsNoAccount();
    void takesANameOnce_data();
    void takesANameOnce();
    void listsInPages();
    void authenticatesByNameAndPassword_data();
    void authenticatesByNameAndPassword();
    void raisesTheGenerationWithEachChange();
    void keepsOneAdmin();
    void tellsOfChangesAfterTheirCommit();

private:
    Account get(qint64 id) { return m_test->accounts.get({}, id).future().result(); }
    Account update(qint64 id, Accounts::Update change)
    {
        return awaited(m_test->accounts.update({}, id, std::move(change)));
    }

    std::optional<TestAccounts> m_test;
};

void tst_Accounts::keepsWhatWasCreated()
{
    const Account anna = m_test->add(u"  Anna "_s, Role::Operator);
    QCOMPARE(anna.name, u"Anna"_s);
    QVERIFY(anna.role == Role::Operator);
    QCOMPARE(anna.createdAt, m_test->clock.timestamp());
    QCOMPARE(get(anna.id), anna);
    QCOMPARE(m_test->accounts.find({}, u"aNNA"_s).future().result(), anna);
    QCOMPARE(codeOf([&] { get(anna.id + 1); }), Code::NotFound);
    QCOMPARE(codeOf([&] { m_test->accounts.find({}, u"bert"_s).future().result(); }), Code::NotFound);
}

void tst_Accounts::refusesWhatIsNoAccount_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("password");
    QTest::addColumn<Code>("code");
    QTest::newRow("no name") << u" "_s << u"long enough"_s << Code::InvalidArgument;
    QTest::newRow("a name that cannot be seen") << u"a\u200bb"_s << u"long enough"_s << Code::InvalidArgument;
    QTest::newRow("a name of the server's") << u"Local"_s << u"long enough"_s << Code::FailedValidation;
    QTest::newRow("in a compatibility form") << u"\uff4cocal"_s << u"long enough"_s << Code::FailedValidation;
    QTest::newRow("a short password") << u"anna"_s << u"1234567"_s << Code::FailedValidation;
    QTest::newRow("a long password") << u"anna"_s << u"x"_s.repeated(257) << Code::FailedValidation;
    QTest::newRow("a password with a NUL")
        << u"anna"_s << QString(u"long"_s + QChar::Null + u"enough"_s) << Code::FailedValidation;
}

void tst_Accounts::refusesWhatIsNoAccount()
{
    QFETCH(QString, name);
    QFETCH(QString, password);
    QFETCH(Code, code);
    QCOMPARE(codeOf([&] { awaited(m_test->accounts.create({}, { .name = name, .password = password })); }), code);
    QVERIFY(m_test->accounts.list({}, 0, 10).future().result().isEmpty());
}

void tst_Accounts::takesANameOnce_data()
{
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::newRow("the same") << u"anna"_s << u"anna"_s;
    QTest::newRow("another case") << u"Jürgen"_s << u"JÜRGEN"_s;
    QTest::newRow("a case of two letters") << u"Strauß"_s << u"STRAUSS"_s;
    QTest::newRow("another spelling") << u"Zoë"_s << u"Zoe\u0308"_s;
    QTest::newRow("a compatibility form") << u"anna"_s << u"\uff41nna"_s;
}

void tst_Accounts::takesANameOnce()
{
    QFETCH(QString, first);
    QFETCH(QString, second);
    m_test->add(first);
    QCOMPARE(codeOf([&] { m_test->add(second); }), Code::Conflict);
    const Account other = m_test->add(u"somebody else"_s);
    QCOMPARE(codeOf([&] { update(other.id, { .name = second }); }), Code::Conflict);
}

void tst_Accounts::listsInPages()
{
    for (const QString &name : { u"c"_s, u"a"_s, u"b"_s })
        m_test->add(name);
    const auto page = m_test->accounts.list({}, 0, 2).future().result();
    QCOMPARE(page.size(), 2);
    QCOMPARE(page[0].name, u"c"_s);
    const auto rest = m_test->accounts.list({}, page[1].id, 2).future().result();
    QCOMPARE(rest.size(), 1);
    QCOMPARE(rest[0].name, u"b"_s);
}

void tst_Accounts::authenticatesByNameAndPassword_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("password");
    QTest::addColumn<bool>("isRight");
    QTest::newRow("right") << u"Zoë"_s << u"Zoë's password"_s << true;
    QTest::newRow("name in another case") << u"zOË"_s << u"Zoë's password"_s << true;
    QTest::newRow("password decomposed") << u"Zoë"_s << u"Zoe\u0308's password"_s << true;
    QTest::newRow("password in another case") << u"Zoë"_s << u"zoë's password"_s << false;
    QTest::newRow("empty password") << u"Zoë"_s << QString() << false;
    QTest::newRow("unknown user") << u"Zoe"_s << u"Zoë's password"_s << false;
    QTest::newRow("SQL") << u"' OR 1=1 --"_s << u"Zoë's password"_s << false;
}

void tst_Accounts::authenticatesByNameAndPassword()
{
    QFETCH(QString, name);
    QFETCH(QString, password);
    QFETCH(bool, isRight);
    const Account zoe = m_test->add(u"Zoë"_s);
    const auto found = awaited(m_test->accounts.authenticate({}, name, password));
    QCOMPARE(found, isRight ? std::optional(zoe) : std::nullopt);
}

void tst_Accounts::raisesTheGenerationWithEachChange()
{
    const Account anna = m_test->add(u"anna"_s);
    m_test->clock.advance(5s);
    QCOMPARE(update(anna.id, {}).generation, anna.generation);
    QCOMPARE(update(anna.id, { .role = Role::Member }).updatedAt, anna.updatedAt); // what it is already
    const Account asViewer = update(anna.id, { .role = Role::Viewer });
    QCOMPARE(asViewer.generation, anna.generation + 1);
    QCOMPARE(asViewer.updatedAt, anna.updatedAt + 5s);
    QCOMPARE(update(anna.id, { .name = u"Anne"_s }).generation, anna.generation + 2);
    const Account changed = update(anna.id, { .password = u"another password"_s });
    QCOMPARE(changed.generation, anna.generation + 3);
    QCOMPARE(get(anna.id), changed);
    QCOMPARE(awaited(m_test->accounts.authenticate({}, u"anne"_s, u"another password"_s)), changed);
    QVERIFY(!awaited(m_test->accounts.authenticate({}, u"anne"_s, TestAccounts::passwordOf(u"anna"_s))));
}

void tst_Accounts::keepsOneAdmin()
{
    const Account first = m_test->add(u"first"_s, Role::Admin);
    m_test->add(u"member"_s);
    QCOMPARE(codeOf([&] { update(first.id, { .role = Role::Operator }); }), Code::Conflict);
    QCOMPARE(codeOf([&] { m_test->accounts.remove({}, first.id).future().result(); }), Code::Conflict);
    m_test->add(u"second"_s, Role::Admin);
    QVERIFY(update(first.id, { .role = Role::Operator }).role == Role::Operator);
    QCOMPARE(m_test->accounts.remove({}, first.id).future().result().name, u"first"_s);
}

void tst_Accounts::tellsOfChangesAfterTheirCommit()
{
    std::mutex mutex;
    QList<std::pair<Accounts::Event::Kind, QString>> told;
    m_test->accounts.addListener([&](const Accounts::Event &event) {
        const std::scoped_lock lock(mutex);
        told.append({ event.kind, event.account.name });
    });
    const Account anna = m_test->add(u"anna"_s);
    QCOMPARE(codeOf([&] { m_test->add(u"Anna"_s); }), Code::Conflict);
    update(anna.id, { .name = u"Anne"_s });
    update(anna.id, { .password = u"another password"_s });
    m_test->accounts.remove({}, anna.id).future().waitForFinished();
    using Kind = Accounts::Event::Kind;
    const decltype(told) expected{
        { Kind::Created, u"anna"_s },
        { Kind::Updated, u"Anne"_s },
        { Kind::PasswordChanged, u"Anne"_s },
        { Kind::Removed, u"Anne"_s },
    };
    const std::scoped_lock lock(mutex);
    QCOMPARE(told, expected);
}

QTEST_GUILESS_MAIN(tst_Accounts)
#include "tst_accounts.moc"
