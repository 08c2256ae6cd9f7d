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
using godwit::models::ChatGap;
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

/// "1 2 [3-4] 5 'pending'": the rows in short.
QString shape(const ChatModel &model)
{
    QStringList parts;
    for (int row = 0; row < model.rowCount(); ++row) {
        const QModelIndex index = model.index(row);
        const qint64 offset = index.data(ChatModel::OffsetRole).toLongLong();
        switch (index.data(ChatModel::KindRole).value<ChatModel::RowKind>()) {
        case ChatModel::RowKind::Message:
            parts.append(QString::number(offset));
            break;
        case ChatModel::RowKind::Gap:
            parts.append(u"[%1-%2]"_s.arg(offset).arg(offset + index.data(ChatModel::GapCountRole).toLongLong() - 1));
            break;
        case ChatModel::RowKind::Pending:
            parts.append(u"'%1'"_s.arg(index.data(ChatModel::TextRole).toString()));
            break;
        }
    }
    return parts.join(u' ');
}

PendingMessage pending(const QByteArray &id, const QString &text)
{
    return { .localId = id, .text = text, .queuedAt = noon };
}

SendState stateOf(const ChatModel &model, int row)
{
    return model.index(row).data(ChatModel::StateRole).value<SendState>();
}

} // namespace

class tst_ChatModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ordersByOffsetAndShowsGaps_data();
    void ordersByOffsetAndShowsGaps();
    void anyOrderOfArrivalEndsTheSame();
    void ignoresWhatItHolds();
    void aGapSaysHowManyAreMissing();
    void remembersThatAGapIsGone();
    void staysBounded();
    void aRoomThatWasStartedOverIsShownFresh();
    void anEchoConfirmsTheOldestEqualMessage();
    void onlyALaterEchoOfOurOwnConfirms();
    void whatWasNeverWrittenIsNotConfirmed();
    void historyConfirmsWhatALostLinkLeftOpen();
    void separatesDaysWritersAndPauses();
    void marksTheFirstUnreadMessageOnly();
    void countsUnreadMessagesOfOthers();
};

void tst_ChatModel::ordersByOffsetAndShowsGaps_data()
{
    QTest::addColumn<QList<qint64>>("arrivals");
    QTest::addColumn<QString>("rows");
    QTest::newRow("in order") << QList<qint64>{ 1, 2, 3 } << u"1 2 3"_s;
    QTest::newRow("history before") << QList<qint64>{ 10, 9, 8 } << u"8 9 10"_s;
    QTest::newRow("one missing") << QList<qint64>{ 1, 3 } << u"1 [2-2] 3"_s;
    QTest::newRow("three missing") << QList<qint64>{ 1, 5 } << u"1 [2-4] 5"_s;
    QTest::newRow("gap filled from below") << QList<qint64>{ 1, 4, 2 } << u"1 2 [3-3] 4"_s;
    QTest::newRow("gap filled from above") << QList<qint64>{ 1, 4, 3 } << u"1 [2-2] 3 4"_s;
    QTest::newRow("gap split") << QList<qint64>{ 1, 5, 3 } << u"1 [2-2] 3 [4-4] 5"_s;
    QTest::newRow("gap closed") << QList<qint64>{ 1, 3, 2 } << u"1 2 3"_s;
    QTest::newRow("gap before the first") << QList<qint64>{ 9, 5 } << u"5 [6-8] 9"_s;
    QTest::newRow("what is before the first is no gap") << QList<qint64>{ 7 } << u"7"_s;
    QTest::newRow("no offset") << QList<qint64>{ 1, 0, -4 } << u"1"_s;
}

void tst_ChatModel::ordersByOffsetAndShowsGaps()
{
    QFETCH(QList<qint64>, arrivals);
    QFETCH(QString, rows);
    ChatModel oneByOne;
    const QAbstractItemModelTester tester(&oneByOne, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QList<ChatMessage> all;
    for (const qint64 offset : arrivals) {
        all.append(message(offset));
        oneByOne.insert({ all.last() });
    }
    QCOMPARE(shape(oneByOne), rows);
    ChatModel atOnce;
    atOnce.insert(all);
    QCOMPARE(shape(atOnce), rows);
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

void tst_ChatModel::aGapSaysHowManyAreMissing()
{
    ChatModel model;
    model.insert({ message(1), message(5) });
    QCOMPARE(model.index(1).data().toString(), u"3 messages missing — fetch"_s);
    model.setGapState(2, ChatGap::State::Fetching);
    QCOMPARE(model.index(1).data().toString(), u"Fetching 3 messages…"_s);
    model.insert({ message(3), message(4) });
    QCOMPARE(model.index(1).data().toString(), u"1 message missing — fetch"_s);
}

void tst_ChatModel::remembersThatAGapIsGone()
{
    ChatModel model;
    model.insert({ message(1), message(5) });
    model.setGapState(2, ChatGap::State::Gone);
    QCOMPARE(model.gaps(), (QList<ChatGap>{ { 2, 4, ChatGap::State::Gone } }));
    QCOMPARE(model.index(1).data().toString(), u"3 messages no longer on the server"_s);
}

void tst_ChatModel::staysBounded()
{
    ChatModel model(10);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.insert(messages(91, 95));
    QVERIFY(model.canLoadOlder());
    model.insert(messages(97, 103));
    QCOMPARE(shape(model), u"93 94 95 [96-96] 97 98 99 100 101 102 103"_s);
    model.insert(messages(104, 106));
    QCOMPARE(shape(model), u"97 98 99 100 101 102 103 104 105 106"_s);
    QVERIFY(!model.canLoadOlder());
    model.insert(messages(50, 60)); // history beyond what it may hold
    QCOMPARE(model.firstOffset(), 97);
    QCOMPARE(model.messageCount(), 10);
}

void tst_ChatModel::aRoomThatWasStartedOverIsShownFresh()
{
    ChatModel model;
    model.insert(messages(1, 5));
    model.setReadOffset(5);
    model.addPending(pending("a"_ba, u"hello"_s));
    QSignalSpy restarted(&model, &ChatModel::restarted);
    ChatMessage other = message(3);
    other.id = 77;
    model.insert({ other });
    QCOMPARE(restarted.count(), 1);
    QCOMPARE(shape(model), u"3 'hello'"_s);
    QCOMPARE(model.readOffset(), 0);
}

void tst_ChatModel::anEchoConfirmsTheOldestEqualMessage()
{
    ChatModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setOwnUser(u"bob"_s);
    model.insert({ message(1) });
    model.addPending(pending("a"_ba, u"message 2"_s));
    model.addPending(pending("b"_ba, u"message 2"_s));
    QCOMPARE(stateOf(model, 1), SendState::Waiting);
    model.setSent("a"_ba);
    model.setSent("b"_ba);
    QCOMPARE(stateOf(model, 1), SendState::Sending);
    QSignalSpy confirmed(&model, &ChatModel::confirmed);
    model.insert({ message(2, u"bob"_s) });
    QCOMPARE(confirmed.count(), 1);
    QCOMPARE(confirmed.first().at(0).toByteArray(), "a"_ba);
    QCOMPARE(confirmed.first().at(1).toLongLong(), 2);
    QCOMPARE(shape(model), u"1 2 'message 2'"_s);
    QCOMPARE(stateOf(model, 1), SendState::Confirmed);
    model.insert({ message(2, u"bob"_s) }); // the same echo again, by history
    QCOMPARE(shape(model), u"1 2 'message 2'"_s);
}

void tst_ChatModel::onlyALaterEchoOfOurOwnConfirms()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    model.insert({ message(7) });
    model.addPending(pending("a"_ba, u"message 3"_s));
    model.setSent("a"_ba);
    model.insert({ message(3, u"bob"_s) }); // said before, and only fetched now
    QCOMPARE(model.pending().size(), 1);
    ChatMessage others = message(8);
    others.message = u"message 3"_s;
    model.insert({ others });
    QCOMPARE(model.pending().size(), 1);
}

void tst_ChatModel::whatWasNeverWrittenIsNotConfirmed()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    model.addPending(pending("a"_ba, u"message 1"_s));
    model.insert({ message(1, u"bob"_s) });
    QCOMPARE(shape(model), u"1 'message 1'"_s);
}

void tst_ChatModel::historyConfirmsWhatALostLinkLeftOpen()
{
    ChatModel model;
    model.setOwnUser(u"bob"_s);
    model.insert(messages(1, 3));
    model.addPending(pending("a"_ba, u"message 4"_s));
    model.setSent("a"_ba);
    model.setPendingState("a"_ba, SendState::Unconfirmed);
    model.insert({ message(4, u"bob"_s), message(5) });
    QCOMPARE(shape(model), u"1 2 3 4 5"_s);
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

QTEST_APPLESS_MAIN(tst_ChatModel)
#include "tst_chatmodel.moc"
