// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/chatmodel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <random>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

using godwit::Timestamp;
using godwit::models::ChatModel;
using godwit::models::PendingMessage;
using godwit::models::SendState;
using godwit::protocol::ChatMessage;

namespace {

constexpr Timestamp noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 12h;

ChatMessage message(qint64 offset, const QString &user = u"alice"_s, Timestamp time = noon)
{
    return { .id = 1000 + offset,
             .room = u"lobby"_s,
             .offset = offset,
             .user = user,
             .message = u"message %1"_s.arg(offset),
             .timestamp = time };
}

QList<ChatMessage> messages(qint64 first, qint64 last)
{
    QList<ChatMessage> result;
    for (qint64 offset = first; offset <= last; ++offset)
        result.append(message(offset));
    return result;
}

/// "1 2 5 'pending'": the rows in short.
QString shape(const ChatModel &model)
{
    QStringList parts;
    for (int row = 0; row < model.rowCount(); ++row) {
        const QModelIndex index = model.index(row);
        const QString text = index.data(ChatModel::TextRole).toString();
        const bool isPending
            = index.data(ChatModel::KindRole).value<ChatModel::RowKind>() == ChatModel::RowKind::Pending;
        parts.append(isPending ? u"'%1'"_s.arg(text) : index.data(ChatModel::OffsetRole).toString());
    }
    return parts.join(u' ');
}

PendingMessage pending(const QByteArray &id, const QString &text)
{
    return { .localId = id, .text = text, .queuedAt = noon };
}

PendingMessage sent(const QByteArray &id, const QString &text)
{
    PendingMessage message = pending(id, text);
    message.state = SendState::Sending;
    message.wasSent = true;
    return message;
}

} // namespace

class tst_ChatModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ordersByOffset_data();
    void ordersByOffset();
    void offsetsThatOtherEventsTookAreNoHoles();
    void anyOrderOfArrivalEndsTheSame();
    void ignoresWhatItHolds();
    void staysBounded();
    void olderMessagesAreAskedForUntilThereAreNone();
    void clearedItKeepsWhatIsToBeSent();
    void anEchoStandsForTheOldestEqualMessage();
    void onlyAnEchoOfWhatWasSentStandsForIt();
    void anAcknowledgementConfirmsByName();
    void anOldAcknowledgementMakesNoHole();
    void editsAndDeletesChangeTheRow();
    void mentionsAreOfOthersAndOfUs();
    void theLastOwnMessageIsTheOneToEdit();
    void separatesDaysWritersAndPauses();
    void marksTheFirstUnreadMessageOnly();
    void countsUnreadMessagesOfOthers();
    void knowsWhetherItHoldsAllUnread();
};

void tst_ChatModel::ordersByOffset_data()
{
    QTest::addColumn<QList<qint64>>("arrivals");
    QTest::addColumn<QString>("rows");
    QTest::newRow("in order") << QList<qint64>{ 1, 2, 3 } << u"1 2 3"_s;
    QTest::newRow("history before") << QList<qint64>{ 10, 9, 8 } << u"8 9 10"_s;
    QTest::newRow("between") << QList<qint64>{ 1, 5, 3 } << u"1 3 5"_s;
    QTest::newRow("twice") << QList<qint64>{ 1, 3, 1 } << u"1 3"_s;
    QTest::newRow("no offset") << QList<qint64>{ 1, 0, -4 } << u"1"_s;
}

void tst_ChatModel::ordersByOffset()
{
    QFETCH(QList<qint64>, arrivals);
    QFETCH(QString, rows);
    ChatModel oneByOne;
    const QAbstractItemModelTester tester(&oneByOne, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QList<ChatMessage> all;
    for (const qint64 offset : arrivals) {
        all.append(message(offset));
        oneByOne.hear(all.last());
    }
    QCOMPARE(shape(oneByOne), rows);
    ChatModel atOnce;
    atOnce.insert(all);
    QCOMPARE(shape(atOnce), rows);
}

void tst_ChatModel::offsetsThatOtherEventsTookAreNoHoles()
{
    ChatModel model;
    model.insert({ message(1), message(2) });
    model.edit(1, u"other"_s, {}, noon); // at 3
    model.remove(2); // at 4
    model.hear(message(5));
    QCOMPARE(shape(model), u"1 2 5"_s);
    QCOMPARE(model.countAfter(2), 1);
    QCOMPARE(model.countAfter(0), 3);
}

void tst_ChatModel::anyOrderOfArrivalEndsTheSame()
{
    std::mt19937 random(7);
    QList<ChatMessage> all = messages(1, 60);
    all.removeIf([](const ChatMessage &m) { return m.offset % 7 == 0; });
    ChatModel expected;
    expected.insert(all);
    for (int round = 0; round < 50; ++round) {
        std::shuffle(all.begin(), all.end(), random);
        ChatModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (qsizetype at = 0; at < all.size();) {
            const qsizetype count = qMin(all.size() - at, qsizetype(1 + random() % 9));
            model.insert(all.mid(at, count));
            at += count;
        }
        QCOMPARE(shape(model), shape(expected));
        QCOMPARE(model.messageCount(), int(all.size()));
    }
}

void tst_ChatModel::ignoresWhatItHolds()
{
    ChatModel model;
    model.insert(messages(1, 5));
    QSignalSpy inserted(&model, &ChatModel::rowsInserted);
    model.insert(messages(2, 5));
    QCOMPARE(inserted.count(), 0);
    QCOMPARE(shape(model), u"1 2 3 4 5"_s);
}

void tst_ChatModel::staysBounded()
{
    ChatModel model(10);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.insert(messages(91, 95));
    model.setHasOlder(false);
    model.insert(messages(96, 103));
    QCOMPARE(shape(model), u"94 95 96 97 98 99 100 101 102 103"_s);
    model.hear(message(104));
    QCOMPARE(shape(model), u"95 96 97 98 99 100 101 102 103 104"_s);
    QVERIFY(model.hasOlder()); // what was pushed out is there no less
    QVERIFY(!model.canLoadOlder());
    model.insert(messages(50, 60)); // history beyond what it may hold
    QCOMPARE(model.firstOffset(), 95);
    QCOMPARE(model.messageCount(), 10);
}

void tst_ChatModel::olderMessagesAreAskedForUntilThereAreNone()
{
    ChatModel model;
    QVERIFY(!model.canLoadOlder()); // before what?
    model.insert(messages(5, 6));
    QVERIFY(model.canLoadOlder());
    model.insert(messages(3, 4));
    model.setHasOlder(false); // 1 and 2 were no messages
    QVERIFY(!model.canLoadOlder());
}

void tst_ChatModel::clearedItKeepsWhatIsToBeSent()
{
    ChatModel model;
    model.insert(messages(1, 5));
    model.setReadOffset(5);
    model.addPending(pending("a"_ba, u"hello"_s));
    model.clear();
    QCOMPARE(shape(model), u"'hello'"_s);
    QCOMPARE(model.readOffset(), 5); // whose offsets are other ones now sets it
    QVERIFY(model.hasOlder());
}

void tst_ChatModel::anEchoStandsForTheOldestEqualMessage()
{
    ChatModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setOwnUser(u"bob"_s);
    model.insert({ message(1) });
    model.addPending(sent("a"_ba, u"message 2"_s));
    model.addPending(sent("b"_ba, u"message 2"_s));
    model.hear(message(2, u"bob"_s));
    QCOMPARE(shape(model), u"1 2 'message 2'"_s);
    QCOMPARE(model.pending().first().localId, "b"_ba);
    model.hear(message(2, u"bob"_s)); // once more
    QCOMPARE(shape(model), u"1 2 'message 2'"_s);
}

void tst_ChatModel::onlyAnEchoOfWhatWasSentStandsForIt()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    model.addPending(pending("a"_ba, u"message 1"_s)); // never sent: said by another window of ours
    model.hear(message(1, u"bob"_s));
    QCOMPARE(model.pending().size(), 1);
    model.addPending(sent("b"_ba, u"message 2"_s));
    model.hear(message(2)); // another's
    model.insert({ message(3, u"bob"_s) }); // history
    QCOMPARE(model.pending().size(), 2);
}

void tst_ChatModel::anAcknowledgementConfirmsByName()
{
    ChatModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setOwnUser(u"bob"_s);
    model.insert({ message(1) });
    model.addPending(sent("a"_ba, u"x"_s));
    model.addPending(sent("b"_ba, u"y"_s));
    model.confirm("b"_ba, message(3, u"bob"_s));
    QCOMPARE(shape(model), u"1 3 'x'"_s);
    model.hear(message(2)); // was on its way
    model.hear(message(3, u"bob"_s));
    QCOMPARE(shape(model), u"1 2 3 'x'"_s);
}

void tst_ChatModel::anOldAcknowledgementMakesNoHole()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    model.addPending(sent("a"_ba, u"x"_s));
    model.confirm("a"_ba, message(7, u"bob"_s)); // nothing is known of what stands around it
    QCOMPARE(shape(model), QString());
    model.insert(messages(90, 92));
    model.addPending(sent("b"_ba, u"y"_s));
    model.confirm("b"_ba, message(8, u"bob"_s));
    QCOMPARE(shape(model), u"90 91 92"_s);
}

void tst_ChatModel::editsAndDeletesChangeTheRow()
{
    ChatModel model;
    model.insert(messages(1, 2));
    QSignalSpy changed(&model, &ChatModel::dataChanged);
    const QModelIndex first = model.index(0);
    const qint64 revision = first.data(ChatModel::RevisionRole).toLongLong();
    model.edit(1, u"better"_s, {}, noon + 1s);
    QCOMPARE(first.data(ChatModel::TextRole).toString(), u"better"_s);
    QVERIFY(first.data(ChatModel::EditedRole).toBool());
    QVERIFY(first.data().toString().endsWith("better (edited)"_L1));
    QVERIFY(first.data(ChatModel::RevisionRole).toLongLong() != revision);
    model.remove(1);
    QVERIFY(first.data(ChatModel::DeletedRole).toBool());
    QVERIFY(!first.data(ChatModel::EditedRole).toBool());
    QCOMPARE(first.data(ChatModel::TextRole).toString(), u"Message deleted"_s);
    QCOMPARE(changed.count(), 2);
    model.edit(9, u"nothing"_s, {}, noon); // is not held
    model.remove(9);
    QCOMPARE(changed.count(), 2);
}

void tst_ChatModel::mentionsAreOfOthersAndOfUs()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    ChatMessage ours = message(1, u"bob"_s), toUs = message(2), toAnother = message(3);
    ours.mentions = toUs.mentions = { u"Bob"_s };
    toAnother.mentions = { u"cy"_s };
    model.insert({ ours, toUs, toAnother });
    QCOMPARE(model.mentionCount(), 1);
    QVERIFY(!model.index(0).data(ChatModel::MentionsMeRole).toBool());
    QVERIFY(model.index(1).data(ChatModel::MentionsMeRole).toBool());
    QVERIFY(!model.index(2).data(ChatModel::MentionsMeRole).toBool());
    model.remove(2);
    QCOMPARE(model.mentionCount(), 0);
}

void tst_ChatModel::theLastOwnMessageIsTheOneToEdit()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    QVERIFY(!model.lastOwn());
    model.insert({ message(1, u"bob"_s), message(2, u"bob"_s), message(3) });
    QCOMPARE(model.lastOwn()->offset, 2);
    model.remove(2);
    QCOMPARE(model.lastOwn()->offset, 1);
}

void tst_ChatModel::separatesDaysWritersAndPauses()
{
    ChatModel model;
    model.insert({ message(1), message(2), message(3, u"bob"_s), message(4, u"bob"_s, noon + 6min),
                   message(5, u"bob"_s, noon + 48h) });
    QList<bool> days, groups;
    for (int row = 0; row < model.rowCount(); ++row) {
        days.append(model.index(row).data(ChatModel::StartsDayRole).toBool());
        groups.append(model.index(row).data(ChatModel::StartsGroupRole).toBool());
    }
    QCOMPARE(days, (QList<bool>{ true, false, false, false, true }));
    QCOMPARE(groups, (QList<bool>{ true, false, true, true, true }));
}

void tst_ChatModel::marksTheFirstUnreadMessageOnly()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    model.insert({ message(1), message(2), message(3, u"bob"_s), message(4), message(5) });
    const auto marked = [&model] {
        QList<qint64> offsets;
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.index(row).data(ChatModel::StartsUnreadRole).toBool())
                offsets.append(model.index(row).data(ChatModel::OffsetRole).toLongLong());
        }
        return offsets;
    };
    QCOMPARE(marked(), QList<qint64>{}); // no mark
    model.setUnreadMark(0);
    QCOMPARE(marked(), QList<qint64>{ 1 });
    model.setUnreadMark(2);
    QCOMPARE(marked(), QList<qint64>{ 4 });
    model.setUnreadMark(4);
    QCOMPARE(marked(), QList<qint64>{ 5 });
    model.setUnreadMark(5);
    QCOMPARE(marked(), QList<qint64>{});
}

void tst_ChatModel::countsUnreadMessagesOfOthers()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    model.insert({ message(1), message(2, u"bob"_s), message(3) });
    model.setReadOffset(1);
    QCOMPARE(model.unreadCount(), 1);
    model.setReadOffset(3);
    QCOMPARE(model.unreadCount(), 0);
}

void tst_ChatModel::knowsWhetherItHoldsAllUnread()
{
    ChatModel model;
    QVERIFY(!model.holdsAllUnread());
    model.insert(messages(11, 20));
    QVERIFY(!model.holdsAllUnread()); // 1 to 10 may be unread
    model.setReadOffset(10);
    QVERIFY(model.holdsAllUnread());
    model.setReadOffset(0);
    model.setHasOlder(false);
    QVERIFY(model.holdsAllUnread());
}

QTEST_APPLESS_MAIN(tst_ChatModel)
#include "tst_chatmodel.moc"
