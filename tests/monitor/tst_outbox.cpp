// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/outbox.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;

using godwit::Timestamp;
using godwit::chat::Outbox;
using godwit::models::PendingMessage;
using godwit::models::SendState;

class tst_Outbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void outlivesTheProgram();
    void whatWasBeingSentIsSentAgainByItsName();
    void aRefusalIsKept();
    void onlyWhatWasNeverSentGoesToAnotherName();
    void keepsRoomsAndUsersApart();
    void isBounded();
    void isOfOneProgramAtATime();
    void aDamagedFileIsPutAsideAndSaid();
    void saysWhenItCannotBeKept();
};

void tst_Outbox::outlivesTheProgram()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"deeper/outbox.json"_s);
    PendingMessage kept;
    {
        Outbox outbox(file);
        kept = outbox.add(u"lobby"_s, u"bob"_s, u"schöne\nGrüße 🐦"_s).value();
        const auto dropped = outbox.add(u"lobby"_s, u"bob"_s, u"no"_s).value();
        outbox.remove(dropped.localId);
    }
    QCOMPARE(Outbox(file).messages(u"lobby"_s, u"bob"_s), QList<PendingMessage>{ kept });
    QCOMPARE(QFile(file).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
}

void tst_Outbox::whatWasBeingSentIsSentAgainByItsName()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"outbox.json"_s);
    QByteArray name;
    {
        Outbox outbox(file);
        PendingMessage message = outbox.add(u"lobby"_s, u"bob"_s, u"hello"_s).value();
        message.state = SendState::Sending;
        message.wasSent = true;
        outbox.update(message);
        name = message.localId;
    }
    const PendingMessage again = Outbox(file).messages(u"lobby"_s, u"bob"_s).value(0);
    QCOMPARE(again.state, SendState::Waiting);
    QCOMPARE(again.localId, name);
    QVERIFY(again.wasSent);
}

void tst_Outbox::aRefusalIsKept()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"outbox.json"_s);
    PendingMessage message;
    {
        Outbox outbox(file);
        message = outbox.add(u"lobby"_s, u"bob"_s, u"hello"_s).value();
        message.state = SendState::Refused;
        message.problem = u"too long"_s;
        outbox.update(message);
    }
    QCOMPARE(Outbox(file).message(message.localId), std::optional(message));
}

void tst_Outbox::onlyWhatWasNeverSentGoesToAnotherName()
{
    Outbox outbox;
    outbox.add(u"lobby"_s, u"me"_s, u"new"_s);
    PendingMessage sent = outbox.add(u"lobby"_s, u"me"_s, u"may have arrived"_s).value();
    sent.wasSent = true;
    outbox.update(sent);
    outbox.adopt(u"me"_s, u"bob"_s, Timestamp());
    QCOMPARE(outbox.messages(u"lobby"_s, u"bob"_s).size(), 1);
    QCOMPARE(outbox.messages(u"lobby"_s, u"bob"_s).first().text, u"new"_s);
    QCOMPARE(outbox.messages(u"lobby"_s, u"me"_s), QList<PendingMessage>{ sent });
}

void tst_Outbox::keepsRoomsAndUsersApart()
{
    Outbox outbox;
    outbox.add(u"lobby"_s, u"bob"_s, u"1"_s);
    outbox.add(u"kiln"_s, u"bob"_s, u"2"_s);
    outbox.add(u"lobby"_s, u"ada"_s, u"3"_s);
    QCOMPARE(outbox.messages(u"lobby"_s, u"bob"_s).size(), 1);
    QCOMPARE(outbox.rooms(u"bob"_s), (QStringList{ u"lobby"_s, u"kiln"_s }));
    QCOMPARE(outbox.rooms(u"ada"_s), QStringList{ u"lobby"_s });
}

void tst_Outbox::isOfOneProgramAtATime()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"outbox.json"_s);
    {
        Outbox first(file);
        first.add(u"lobby"_s, u"bob"_s, u"kept"_s);
        Outbox second(file);
        QVERIFY(!second.problem().isEmpty());
        QCOMPARE(second.size(), 0);
        QVERIFY(second.add(u"lobby"_s, u"bob"_s, u"in memory"_s));
        QVERIFY(!second.problem().isEmpty());
        first.add(u"lobby"_s, u"bob"_s, u"kept too"_s);
    }
    const Outbox again(file);
    QVERIFY(again.problem().isEmpty());
    QCOMPARE(again.size(), 2);
}

void tst_Outbox::isBounded()
{
    Outbox outbox;
    for (qsizetype i = 0; i < Outbox::limit; ++i)
        QVERIFY(outbox.add(u"lobby"_s, u"bob"_s, u"x"_s));
    QVERIFY(!outbox.add(u"lobby"_s, u"bob"_s, u"x"_s));
    QCOMPARE(outbox.size(), Outbox::limit);
}

void tst_Outbox::aDamagedFileIsPutAsideAndSaid()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"outbox.json"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("[{\"room\":");
    file.close();
    const Outbox outbox(file.fileName());
    QCOMPARE(outbox.size(), 0);
    QVERIFY(outbox.problem().contains("damaged"_L1));
    QVERIFY(QFile::exists(file.fileName() + ".damaged"_L1));
}

void tst_Outbox::saysWhenItCannotBeKept()
{
    const QTemporaryDir folder;
    QVERIFY(QFile(folder.filePath(u"file"_s)).open(QIODevice::WriteOnly));
    Outbox outbox(folder.filePath(u"file/outbox.json"_s)); // a folder cannot be below a file
    QVERIFY(outbox.add(u"lobby"_s, u"bob"_s, u"hello"_s));
    QVERIFY(!outbox.problem().isEmpty());
}

QTEST_GUILESS_MAIN(tst_Outbox)
#include "tst_outbox.moc"
