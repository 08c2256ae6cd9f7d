// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/messageview.h"
#include "monitor/chat/namecolour.h"
#include "monitor/chat/roomswitcher.h"
#include "monitor/chat/sharedfile.h"
#include "tests/monitor/chatstage.h"

#include <QDesktopServices>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;

using chat::ChatView;
using chat::MessageView;
using chat::RoomSession;
using models::ChatModel;
using models::SendState;
using test::ChatStage;

namespace {

const QString lobby = u"lobby"_s;

} // namespace

class tst_ChatView : public QObject
{
    Q_OBJECT

public Q_SLOTS:
    /// In the desktop's place.
    void open(const QUrl &url) { m_opened = url; }

private Q_SLOTS:
    void initTestCase() { QDesktopServices::setUrlHandler(u"http"_s, this, "open"); }
    void cleanupTestCase() { QDesktopServices::unsetUrlHandler(u"http"_s); }
    void enterSendsAndShiftEnterBreaks();
    void anOutboxThatCannotBeReadIsSaid();
    void olderMessagesComeWhenTheReaderScrollsUp();
    void staysWhereTheReaderIs();
    void otherRoomsCountTheirUnread();
    void theArrowUpEditsTheLastMessage();
    void aDeletionIsAskedFor();
    void onlyAnOperatorDeletesWhatOthersSaid();
    void newMessagesBeginBelowALine();
    void aMentionIsToldToWhoLooksElsewhere();
    void whoWritesIsSaidWithoutAJump();
    void aFileIsNamedAndOpened();
    void whereTokensAreNeededAFileIsOpenedByATicket();
    void silenceOfTheServerIsNotCalledAnEmptyRoom();
    void theSwitcherJoinsANewRoom();
    void draftsStayInTheirRooms();
    void initialsStandForNames_data();
    void initialsStandForNames();

private:
    QUrl m_opened;
};

void tst_ChatView::enterSendsAndShiftEnterBreaks()
{
    ChatStage stage;
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

void tst_ChatView::anOutboxThatCannotBeReadIsSaid()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(u"outbox.json"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no JSON");
    file.close();
    ChatStage stage(file.fileName());
    QSignalSpy failed(&*stage.view, &ChatView::failed);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed.first().first().toString().contains("put aside"_L1));
}

void tst_ChatView::olderMessagesComeWhenTheReaderScrollsUp()
{
    ChatStage stage;
    stage.view.reset();
    stage.fill(120);
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
    ChatStage stage;
    stage.fill(40);
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
    ChatStage stage;
    QVERIFY(stage.view->rooms().join(u"kiln"_s));
    RoomSession *kiln = stage.view->rooms().session(u"kiln"_s);
    QTRY_VERIFY(kiln->isJoined() && !kiln->isFetching());
    QSignalSpy unread(&*stage.view, &ChatView::unreadChanged);
    stage.server.post(u"kiln"_s, u"ada"_s, u"it beeps"_s);
    stage.server.post(u"kiln"_s, u"ada"_s, u"again"_s);
    QTRY_COMPARE(unread.isEmpty() ? 0 : unread.last().first().toInt(), 2);
    QCOMPARE(stage.view->rooms().model().room(u"kiln"_s)->preview, u"ada: again"_s);
    stage.view->showRoom(u"kiln"_s);
    QTRY_COMPARE(unread.last().first().toInt(), 0);
}

void tst_ChatView::theArrowUpEditsTheLastMessage()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.write(u"helo"_s);
    QTRY_COMPARE(stage.view->rooms().outbox().size(), 0);
    chat::Composer &composer = *stage.view->composer();
    QTest::keyClick(composer.edit(), Qt::Key_Up);
    QVERIFY(composer.isEditing());
    QCOMPARE(composer.text(), u"helo"_s);
    QVERIFY(composer.findChild<QLabel *>(u"editing"_s)->isVisible());
    QTest::keyClick(composer.edit(), Qt::Key_Escape);
    QVERIFY(!composer.isEditing());
    QVERIFY(composer.text().isEmpty());

    QTest::keyClick(composer.edit(), Qt::Key_Up);
    QTest::keyClick(composer.edit(), Qt::Key_Backspace);
    QTest::keyClicks(composer.edit(), u"lo"_s);
    QTest::keyClick(composer.edit(), Qt::Key_Return);
    QVERIFY(!composer.isEditing());
    QTRY_COMPARE(stage.textOf(0), u"hello"_s);
    QCOMPARE(stage.server.messages().size(), 1);
    QVERIFY(stage.server.commands(u"typing"_s).size() <= 1); // an edit is none of typing
    QTest::keyClicks(composer.edit(), u"half a"_s);
    QTest::keyClick(composer.edit(), Qt::Key_Up); // is the text's
    QVERIFY(!composer.isEditing());
}

/// Presses the button that does it.
static void confirm(const ChatView &view)
{
    const auto *question = view.findChild<QMessageBox *>();
    QVERIFY(question);
    for (QAbstractButton *button : question->buttons()) {
        if (question->buttonRole(button) == QMessageBox::DestructiveRole)
            QTest::mouseClick(button, Qt::LeftButton);
    }
}

void tst_ChatView::aDeletionIsAskedFor()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.write(u"oops"_s);
    QTRY_COMPARE(stage.view->rooms().outbox().size(), 0);
    stage.view->messages()->setCurrentIndex(stage.model().index(0));
    QTest::keyClick(stage.view->messages(), Qt::Key_Delete);
    QCOMPARE(stage.server.commands(u"delete"_s).size(), 0);
    confirm(*stage.view);
    QTRY_VERIFY(stage.model().index(0).data(ChatModel::DeletedRole).toBool());
    QTRY_VERIFY(!stage.view->findChild<QMessageBox *>());
    QTest::keyClick(stage.view->messages(), Qt::Key_Delete); // there is nothing left of it
    QVERIFY(!stage.view->findChild<QMessageBox *>());
}

void tst_ChatView::onlyAnOperatorDeletesWhatOthersSaid()
{
    ChatStage stage;
    stage.fill(1);
    QTRY_VERIFY(stage.isOnline() && stage.model().messageCount() == 1);
    stage.view->messages()->setCurrentIndex(stage.model().index(0));
    QTest::keyClick(stage.view->messages(), Qt::Key_Delete);
    QVERIFY(!stage.view->findChild<QMessageBox *>());
    stage.server.setModerating(true);
    stage.server.cutAll();
    QTRY_VERIFY(stage.room().mayModerate());
    QTRY_VERIFY(stage.isOnline());
    QTest::keyClick(stage.view->messages(), Qt::Key_Delete);
    confirm(*stage.view);
    QTRY_VERIFY(stage.model().index(0).data(ChatModel::DeletedRole).toBool());
}

void tst_ChatView::newMessagesBeginBelowALine()
{
    ChatStage stage;
    stage.view.reset();
    stage.fill(2);
    stage.server.setRead(lobby, u"bob"_s, 2);
    stage.fill(3);
    stage.open();
    QTRY_COMPARE(stage.model().messageCount(), 5);
    QTRY_VERIFY(stage.model().index(2).data(ChatModel::StartsUnreadRole).toBool());
    QVERIFY(QTest::qWaitForWindowActive(&*stage.view));
    QTRY_COMPARE(stage.room().unread(), 0); // read, and the line stays
    QVERIFY(stage.model().index(2).data(ChatModel::StartsUnreadRole).toBool());
    stage.write(u"thanks"_s);
    QVERIFY(!stage.model().unreadMark());
}

void tst_ChatView::aMentionIsToldToWhoLooksElsewhere()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    QWidget other;
    other.show();
    other.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&other));
    QSignalSpy mentioned(&*stage.view, &ChatView::mentioned);
    stage.fill(1);
    stage.server.say({ .room = lobby, .user = u"ada"_s, .message = u"@bob!"_s, .mentions = { u"bob"_s } });
    QTRY_COMPARE(mentioned.count(), 1);
    QCOMPARE(mentioned.first().at(2).toString(), u"@bob!"_s);
    QTRY_COMPARE(stage.view->rooms().model().room(lobby)->mentions, 1);
    QCOMPARE(stage.view->rooms().model().room(lobby)->unread, 2);
}

void tst_ChatView::whoWritesIsSaidWithoutAJump()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    const auto *typing = stage.view->findChild<QLabel *>(u"typing"_s);
    const QRect place = typing->geometry(), composer = stage.view->composer()->geometry();
    QVERIFY(typing->text().isEmpty());
    stage.server.tell(lobby, u"typing"_s, { { u"user"_s, u"ada"_s } });
    QTRY_COMPARE(typing->text(), u"ada is typing…"_s);
    stage.server.tell(lobby, u"typing"_s, { { u"user"_s, u"cy"_s } });
    QTRY_COMPARE(typing->text(), u"ada and cy are typing…"_s);
    QCOMPARE(typing->geometry(), place);
    QCOMPARE(stage.view->composer()->geometry(), composer);
}

void tst_ChatView::aFileIsNamedAndOpened()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.say({ .room = lobby, .user = u"ada"_s, .file = u"50% of it.csv"_s });
    QTRY_COMPARE(stage.model().rowCount(), 1);
    const QModelIndex row = stage.model().index(0);
    QVERIFY(row.data().toString().contains(u"50% of it.csv"_s)); // for screen readers
    QTRY_COMPARE(stage.view->rooms().model().room(lobby)->preview, u"ada: 50% of it.csv"_s);
    auto *messages = stage.view->findChild<MessageView *>();
    QTRY_VERIFY(messages->isVisible());
    chat::MessageLayouts layouts;
    const QRect place = messages->visualRect(row);
    const auto geometry = layouts.geometry(row, place.width(), widgets::Tokens::of(*messages));
    QVERIFY(geometry.bubble.contains(geometry.file) && geometry.text.height() == 0);
    QVERIFY(geometry.time.left() > geometry.file.right()); // beside it, as beside a text
    m_opened.clear();
    QTest::mouseClick(messages->viewport(), Qt::LeftButton, {}, place.topLeft() + geometry.file.center().toPoint());
    QTRY_COMPARE(m_opened.path(), u"/files/50% of it.csv"_s);
    QVERIFY(m_opened.query().isEmpty()); // nobody who could be proved
}

void tst_ChatView::whereTokensAreNeededAFileIsOpenedByATicket()
{
    test::FakeGodwit server;
    const QTemporaryDir folder;
    QFile token(folder.filePath(u"token"_s));
    QVERIFY(token.open(QIODevice::WriteOnly) && token.write("gwt_1") > 0);
    token.close();
    net::Session session({ .server = server.url(), .tokenFile = token.fileName(), .daemonFolder = folder.path() });
    QString problem;
    const auto failed = [&problem](const Error &error) { problem = error.message(); };
    m_opened.clear();
    chat::openSharedFile(session, u"a.csv"_s, failed);
    QTRY_VERIFY(!problem.isEmpty()); // 404: this server has no tickets
    QVERIFY(m_opened.isEmpty());
    server.on("POST /api/auth/ticket"_ba, [](const test::FakeRequest &, const test::FakeReply &reply) {
        reply.json(QJsonDocument(QJsonObject{ { u"ticket"_s, u"gwk_1"_s } }));
    });
    chat::openSharedFile(session, u"a.csv"_s, failed);
    QTRY_COMPARE(m_opened.toString(), server.url().toString() + u"/files/a.csv?ticket=gwk_1"_s);
}

void tst_ChatView::silenceOfTheServerIsNotCalledAnEmptyRoom()
{
    ChatStage stage;
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
    ChatStage stage;
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
    ChatStage stage;
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
