// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatview.h"
#include "monitor/chat/composer.h"
#include "monitor/chat/messageview.h"
#include "monitor/chat/namecolour.h"
#include "monitor/chat/roomswitcher.h"
#include "tests/support/fakegodwit.h"

#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;

using chat::ChatView;
using chat::RoomSession;
using models::ChatModel;
using models::SendState;
using test::FakeGodwit;

namespace {

const QString lobby = u"lobby"_s;

/// A view of its own server, shown, that comes back quickly.
struct Stage
{
    explicit Stage(const QString &outboxFile = {})
    {
        client::ConnectionOptions connection;
        connection.backoff.first = 10ms;
        connection.backoff.minimum = 1ms;
        connection.backoff.maximum = 50ms;
        session.emplace(net::Session::Options{ .server = server.url(), .user = u"bob"_s, .connection = connection });
        open(outboxFile);
    }
    void open(const QString &outboxFile = {})
    {
        view.emplace(*session, chat::Rooms::Options{ u"bob"_s, {}, outboxFile });
        view->resize(700, 400);
        view->show();
        view->activateWindow();
    }
    RoomSession &room() { return *view->rooms().session(view->currentRoom()); }
    ChatModel &model() { return room().model(); }
    bool isOnline() { return room().connection().isOnline() && !room().isFetching(); }
    SendState stateOf(int row) { return model().index(row).data(ChatModel::StateRole).value<SendState>(); }
    void fill(qint64 first, qint64 last)
    {
        for (qint64 offset = first; offset <= last; ++offset)
            server.say({ offset, lobby, offset, u"ada"_s, u"message %1"_s.arg(offset), Clock::system().timestamp() });
    }
    void write(const QString &text)
    {
        QTest::keyClicks(view->composer()->edit(), text);
        QTest::keyClick(view->composer()->edit(), Qt::Key_Return);
    }

    FakeGodwit server;
    std::optional<net::Session> session;
    std::optional<ChatView> view;
};

} // namespace

class tst_ChatView : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void enterSendsAndShiftEnterBreaks();
    void whatIsWrittenOfflineGoesOutOnceOnline();
    void aLostEchoIsCalledUnconfirmedAndNotSentAgain();
    void historyConfirmsWhatArrivedAfterAll();
    void anUnconfirmedMessageCanBeSentAgainOrDiscarded();
    void theOutboxSurvivesARestart();
    void anOutboxThatCannotBeReadIsSaid();
    void missedMessagesAreThereAfterAReconnect();
    void aGapIsFetchedByAClick();
    void olderMessagesComeWhenTheReaderScrollsUp();
    void staysWhereTheReaderIs();
    void otherRoomsCountTheirUnread();
    void silenceOfTheServerIsNotCalledAnEmptyRoom();
    void theSwitcherJoinsANewRoom();
    void draftsStayInTheirRooms();
    void initialsStandForNames_data();
    void initialsStandForNames();
};

void tst_ChatView::enterSendsAndShiftEnterBreaks()
{
    Stage stage;
    QTRY_VERIFY(stage.isOnline());
    QPlainTextEdit *edit = stage.view->composer()->edit();
    QTest::keyClicks(edit, u"one"_s);
    QTest::keyClick(edit, Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClicks(edit, u"two"_s);
    QCOMPARE(stage.server.messages().size(), 0);
    QTest::keyClick(edit, Qt::Key_Return);
    QTRY_COMPARE(stage.server.messages().size(), 1);
    QCOMPARE(stage.server.messages().first().message, u"one\ntwo"_s);
    QVERIFY(edit->toPlainText().isEmpty());
    QTest::keyClick(edit, Qt::Key_Return); // nothing to send
    QTRY_COMPARE(stage.stateOf(0), SendState::Confirmed);
    QCOMPARE(stage.model().rowCount(), 1);
}

void tst_ChatView::whatIsWrittenOfflineGoesOutOnceOnline()
{
    Stage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.stop();
    QTRY_VERIFY(!stage.room().connection().isOnline());
    stage.write(u"first"_s);
    stage.write(u"second"_s);
    QCOMPARE(stage.stateOf(0), SendState::Waiting);
    QCOMPARE(stage.view->rooms().outbox().size(), 2);
    stage.server.resume();
    QTRY_COMPARE(stage.server.messages().size(), 2);
    QCOMPARE(stage.server.messages().first().message, u"first"_s);
    QTRY_COMPARE(stage.view->rooms().outbox().size(), 0);
    QCOMPARE(stage.model().messageCount(), 2);
}

void tst_ChatView::aLostEchoIsCalledUnconfirmedAndNotSentAgain()
{
    Stage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.setEchoing(false);
    stage.write(u"hello"_s);
    QCOMPARE(stage.stateOf(0), SendState::Sending);
    stage.server.cutAll();
    QTRY_COMPARE(stage.stateOf(0), SendState::Unconfirmed);
    stage.server.setEchoing(true);
    QTRY_VERIFY(stage.isOnline());
    stage.write(u"next"_s); // proves that the new connection works
    QTRY_COMPARE(stage.server.messages().size(), 1);
    QCOMPARE(stage.server.messages().first().message, u"next"_s);
    QTRY_COMPARE(stage.model().messageCount(), 1);
    QCOMPARE(stage.model().pending().size(), 1);
}

void tst_ChatView::historyConfirmsWhatArrivedAfterAll()
{
    Stage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.setEchoing(false);
    stage.write(u"hello"_s);
    stage.server.stop();
    QTRY_COMPARE(stage.stateOf(0), SendState::Unconfirmed);
    stage.server.post(lobby, u"bob"_s, u"hello"_s); // it was stored, only the echo was lost
    stage.server.resume();
    QTRY_COMPARE(stage.stateOf(0), SendState::Confirmed);
    QCOMPARE(stage.model().rowCount(), 1);
    QCOMPARE(stage.view->rooms().outbox().size(), 0);
}

void tst_ChatView::anUnconfirmedMessageCanBeSentAgainOrDiscarded()
{
    Stage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.setEchoing(false);
    stage.write(u"again"_s);
    stage.write(u"never mind"_s);
    stage.server.cutAll();
    QTRY_COMPARE(stage.stateOf(1), SendState::Unconfirmed);
    stage.server.setEchoing(true);
    QTRY_VERIFY(stage.isOnline());
    const auto pending = stage.model().pending();
    Q_EMIT stage.view->messages()->discardClicked(pending.at(1).localId);
    Q_EMIT stage.view->messages()->resendClicked(pending.at(0).localId);
    QTRY_COMPARE(stage.server.messages().size(), 1);
    QTRY_COMPARE(stage.stateOf(0), SendState::Confirmed);
    QCOMPARE(stage.model().rowCount(), 1);
}

void tst_ChatView::theOutboxSurvivesARestart()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"outbox.json"_s);
    Stage stage(file);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().connection().isOnline());
    stage.write(u"kept"_s);
    stage.view.reset();
    stage.server.resume();
    stage.open(file);
    QTRY_COMPARE(stage.server.messages().size(), 1);
    QCOMPARE(stage.server.messages().first().message, u"kept"_s);
}

void tst_ChatView::anOutboxThatCannotBeReadIsSaid()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"outbox.json"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no JSON");
    file.close();
    Stage stage(file.fileName());
    QSignalSpy failed(&*stage.view, &ChatView::failed);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed.first().first().toString().contains("put aside"_L1));
}

void tst_ChatView::missedMessagesAreThereAfterAReconnect()
{
    Stage stage;
    stage.fill(1, 3);
    QTRY_COMPARE(stage.model().messageCount(), 3);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().connection().isOnline());
    stage.fill(4, 9);
    stage.server.resume();
    QTRY_COMPARE(stage.model().messageCount(), 9);
    QVERIFY(stage.model().gaps().isEmpty());
}

void tst_ChatView::aGapIsFetchedByAClick()
{
    Stage stage;
    stage.fill(1, 3);
    QTRY_VERIFY(stage.isOnline() && stage.model().messageCount() == 3);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().connection().isOnline());
    stage.fill(4, 80); // more than a page
    stage.server.resume();
    QTRY_COMPARE(stage.model().gaps().size(), 1);
    QCOMPARE(stage.model().gaps().first().count(), 80 - 3 - RoomSession::pageSize);
    chat::MessageView &messages = *stage.view->messages();
    const QModelIndex gap = stage.model().index(3);
    QCOMPARE(gap.data(ChatModel::KindRole).value<ChatModel::RowKind>(), ChatModel::RowKind::Gap);
    messages.scrollTo(gap, QAbstractItemView::PositionAtCenter);
    QTest::mouseClick(messages.viewport(), Qt::LeftButton, {}, messages.visualRect(gap).center());
    QTRY_VERIFY(stage.model().gaps().isEmpty());
    QCOMPARE(stage.model().messageCount(), 80);
}

void tst_ChatView::olderMessagesComeWhenTheReaderScrollsUp()
{
    Stage stage;
    stage.view.reset();
    stage.fill(1, 120);
    stage.open();
    QTRY_COMPARE(stage.model().firstOffset(), 71);
    QTRY_VERIFY(stage.view->messages()->verticalScrollBar()->maximum() > 0);
    stage.view->messages()->verticalScrollBar()->setValue(0);
    QTRY_COMPARE(stage.model().firstOffset(), 21);
    stage.view->messages()->verticalScrollBar()->setValue(0);
    QTRY_COMPARE(stage.model().firstOffset(), 1);
    QVERIFY(!stage.model().canLoadOlder());
}

void tst_ChatView::staysWhereTheReaderIs()
{
    Stage stage;
    stage.fill(1, 40);
    QTRY_COMPARE(stage.model().messageCount(), 40);
    chat::MessageView &messages = *stage.view->messages();
    QTRY_VERIFY(messages.verticalScrollBar()->maximum() > 400);
    QVERIFY(messages.isAtEnd());
    stage.server.post(lobby, u"ada"_s, u"followed"_s);
    QTRY_COMPARE(stage.model().messageCount(), 41);
    QTRY_COMPARE(messages.verticalScrollBar()->value(), messages.verticalScrollBar()->maximum());

    messages.verticalScrollBar()->setValue(messages.verticalScrollBar()->maximum() - 300);
    const int place = messages.verticalScrollBar()->value();
    stage.server.post(lobby, u"ada"_s, u"not followed"_s);
    QTRY_COMPARE(stage.model().messageCount(), 42);
    auto *jump = messages.findChild<QToolButton *>(u"jumpToLatest"_s);
    QTRY_COMPARE(jump->text(), u"1 new"_s);
    QCOMPARE(messages.verticalScrollBar()->value(), place);
    QTest::mouseClick(jump, Qt::LeftButton);
    QVERIFY(messages.isAtEnd());
    QVERIFY(!jump->isVisible());
}

void tst_ChatView::otherRoomsCountTheirUnread()
{
    Stage stage;
    QVERIFY(stage.view->rooms().join(u"kiln"_s));
    RoomSession *kiln = stage.view->rooms().session(u"kiln"_s);
    QTRY_VERIFY(kiln->connection().isOnline() && !kiln->isFetching());
    QSignalSpy unread(&*stage.view, &ChatView::unreadChanged);
    stage.server.post(u"kiln"_s, u"ada"_s, u"it beeps"_s);
    stage.server.post(u"kiln"_s, u"ada"_s, u"again"_s);
    QTRY_COMPARE(unread.isEmpty() ? 0 : unread.last().first().toInt(), 2);
    QCOMPARE(stage.view->rooms().model().room(u"kiln"_s)->preview, u"ada: again"_s);
    stage.view->showRoom(u"kiln"_s);
    QTRY_COMPARE(unread.last().first().toInt(), 0);
}

void tst_ChatView::silenceOfTheServerIsNotCalledAnEmptyRoom()
{
    Stage stage;
    stage.server.stop(); // before anything was heard of it
    const auto says = [&stage](const QString &text) {
        const auto labels = stage.view->findChildren<QLabel *>();
        return std::any_of(labels.cbegin(), labels.cend(),
                           [&](const QLabel *label) { return label->isVisible() && label->text().contains(text); });
    };
    QTRY_VERIFY(stage.room().connection().state().failures > 0);
    QVERIFY(says(u"Waiting for the server"_s));
    QVERIFY(!says(u"Nothing has been said"_s));
    stage.server.resume();
    QTRY_VERIFY(says(u"Nothing has been said here yet"_s));
}

void tst_ChatView::theSwitcherJoinsANewRoom()
{
    Stage stage;
    QVERIFY(QTest::qWaitForWindowActive(&*stage.view));
    QTest::keyClick(&*stage.view, Qt::Key_K, Qt::ControlModifier);
    auto *switcher = stage.view->findChild<chat::RoomSwitcher *>();
    QVERIFY(switcher);
    QTest::keyClicks(switcher->findChild<QLineEdit *>(), u"kiln"_s);
    QTest::keyClick(switcher->findChild<QLineEdit *>(), Qt::Key_Return);
    QCOMPARE(stage.view->currentRoom(), u"kiln"_s);
    QCOMPARE(stage.view->rooms().joined(), (QStringList{ u"kiln"_s, lobby }));
}

void tst_ChatView::draftsStayInTheirRooms()
{
    Stage stage;
    QTest::keyClicks(stage.view->composer()->edit(), u"half a"_s);
    stage.view->showRoom(u"kiln"_s);
    QVERIFY(stage.view->composer()->text().isEmpty());
    stage.view->showRoom(lobby);
    QCOMPARE(stage.view->composer()->text(), u"half a"_s);
}

void tst_ChatView::initialsStandForNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("letters");
    QTest::newRow("one word") << u"bob"_s << u"B"_s;
    QTest::newRow("two words") << u"Ada Lovelace"_s << u"AL"_s;
    QTest::newRow("dotted") << u"ada.lovelace"_s << u"AL"_s;
    QTest::newRow("three words") << u"a b c"_s << u"AC"_s;
    QTest::newRow("emoji") << u"👩‍🔬 lab"_s << u"👩‍🔬L"_s;
    QTest::newRow("nothing but separators") << u"..."_s << u"?"_s;
}

void tst_ChatView::initialsStandForNames()
{
    QFETCH(QString, name);
    QTEST(chat::initials(name), "letters");
}

QTEST_MAIN(tst_ChatView)
#include "tst_chatview.moc"
