// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/monitor/chatstage.h"

#include <QSignalSpy>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;
using namespace godwit;

using chat::RoomSession;
using models::ChatModel;
using models::SendState;
using protocol::ChatMessage;
using test::ChatStage;
using test::FakeReply;
using test::FakeRequest;

static const QString ada = u"ada"_s;

class tst_RoomSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenOfflineGoesOutOnceOnline();
    void whatMayHaveArrivedIsSentAgainAndPostedOnce();
    void oneAfterTheOther();
    void aRefusalStaysAtItsMessage();
    void whatIsTooMuchIsSentAgainByItself();
    void theOutboxSurvivesARestart();
    void whatWasMissedIsRecovered();
    void whatIsNoLongerKeptIsReadAnew();
    void anotherHistoryIsReadAnew();
    void aPageOnItsWayDoesNotUndoAnEdit();
    void editsAndDeletes();
    void aChangeThatWasCutIsRepeated();
    void aRefusedEditIsNotLost();
    void theServerCountsWhatIsNotHere();
    void onlyMentionsAreNewsForANewcomer();
    void whatIsReadIsToldAndHeard();
    void whoIsHereAndWhoWrites();
    void allRoomsShareOneConnection();
};

void tst_RoomSession::whatIsWrittenOfflineGoesOutOnceOnline()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.stop();
    QTRY_VERIFY(!stage.room().isJoined());
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

void tst_RoomSession::whatMayHaveArrivedIsSentAgainAndPostedOnce()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.setAcking(false);
    stage.write(u"hello"_s);
    QTRY_COMPARE(stage.server.messages().size(), 1); // stored, and nobody is told
    QCOMPARE(stage.stateOf(0), SendState::Sending);
    stage.server.setAcking(true);
    stage.server.cutAll();
    QTRY_COMPARE(stage.view->rooms().outbox().size(), 0);
    QCOMPARE(stage.server.messages().size(), 1);
    QTRY_COMPARE(stage.model().rowCount(), 1);
    QCOMPARE(stage.stateOf(0), SendState::Confirmed);
    const auto posts = stage.server.commands(u"post"_s);
    QCOMPARE(posts.size(), 2);
    QCOMPARE(posts.at(0).value("client_id"_L1), posts.at(1).value("client_id"_L1));
}

void tst_RoomSession::oneAfterTheOther()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.setAnswering(false);
    for (const QString &text : { u"1"_s, u"2"_s, u"3"_s })
        stage.write(text);
    QTRY_COMPARE(stage.server.commands(u"post"_s).size(), 1);
    stage.server.setAnswering(true);
    stage.server.cutAll();
    QTRY_COMPARE(stage.server.messages().size(), 3);
    QStringList said;
    for (const ChatMessage &message : stage.server.messages())
        said.append(message.message);
    QCOMPARE(said, (QStringList{ u"1"_s, u"2"_s, u"3"_s }));
}

void tst_RoomSession::aRefusalStaysAtItsMessage()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.setRefusal({ { u"code"_s, u"failed_validation"_s }, { u"detail"_s, u"not like this"_s } });
    stage.write(u"no"_s);
    QTRY_COMPARE(stage.stateOf(0), SendState::Refused);
    QCOMPARE(stage.model().index(0).data(ChatModel::ProblemRole).toString(), u"not like this"_s);
    stage.server.setRefusal({});
    stage.write(u"next"_s); // is not held up
    QTRY_COMPARE(stage.server.messages().size(), 1);
    QCOMPARE(stage.server.messages().first().message, u"next"_s);
    QTRY_COMPARE(stage.model().pending().size(), 1);
    stage.room().resend(stage.model().pending().first().localId);
    QTRY_COMPARE(stage.server.messages().size(), 2);
    QTRY_COMPARE(stage.view->rooms().outbox().size(), 0);

    stage.server.setRefusal({ { u"code"_s, u"permission_denied"_s }, { u"detail"_s, u"no"_s } });
    stage.write(u"never mind"_s);
    QTRY_COMPARE(stage.stateOf(2), SendState::Refused);
    stage.room().discard(stage.model().pending().first().localId);
    QCOMPARE(stage.model().rowCount(), 2);
    QCOMPARE(stage.view->rooms().outbox().size(), 0);
}

void tst_RoomSession::whatIsTooMuchIsSentAgainByItself()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.server.setRefusal(
        { { u"code"_s, u"resource_exhausted"_s }, { u"detail"_s, u"too fast"_s }, { u"retry_after"_s, 0.05 } });
    stage.write(u"first"_s);
    stage.write(u"second"_s);
    QTRY_VERIFY(stage.server.commands(u"post"_s).size() >= 2);
    for (const QJsonObject &post : stage.server.commands(u"post"_s))
        QCOMPARE(post.value("message"_L1).toString(), u"first"_s);
    stage.server.setRefusal({});
    QTRY_COMPARE(stage.server.messages().size(), 2);
    QCOMPARE(stage.server.messages().last().message, u"second"_s);
    QTRY_COMPARE(stage.model().messageCount(), 2);
}

void tst_RoomSession::theOutboxSurvivesARestart()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"outbox.json"_s);
    ChatStage stage(file);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().connection().isOnline());
    stage.write(u"kept"_s);
    stage.view.reset();
    stage.server.resume();
    stage.open(file);
    QTRY_COMPARE(stage.server.messages().size(), 1);
    QCOMPARE(stage.server.messages().first().message, u"kept"_s);
}

void tst_RoomSession::whatWasMissedIsRecovered()
{
    ChatStage stage;
    stage.fill(3);
    QTRY_VERIFY(stage.isOnline() && stage.model().messageCount() == 3);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().isJoined());
    stage.server.edit(stage.lobby, 1, u"better"_s); // takes 4
    stage.server.remove(stage.lobby, 2); // takes 5
    stage.fill(70); // more than a page
    stage.server.resume();
    QTRY_COMPARE(stage.model().messageCount(), 73);
    QCOMPARE(stage.textOf(0), u"better"_s);
    QVERIFY(stage.model().index(1).data(ChatModel::DeletedRole).toBool());
    QCOMPARE(stage.server.commands(u"recover"_s).last().value("offset"_L1).toInteger(), 3);
    QCOMPARE(stage.server.count("/api/rooms/lobby/messages"_ba), 1);
}

void tst_RoomSession::whatIsNoLongerKeptIsReadAnew()
{
    ChatStage stage;
    stage.fill(3);
    QTRY_VERIFY(stage.isOnline() && stage.model().messageCount() == 3);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().isJoined());
    stage.fill(70);
    stage.server.forgetEvents();
    stage.fill(1);
    stage.server.resume();
    QTRY_COMPARE(stage.model().lastOffset(), 74);
    QTRY_COMPARE(stage.model().messageCount(), RoomSession::pageSize);
    QVERIFY(stage.model().canLoadOlder());
}

void tst_RoomSession::anotherHistoryIsReadAnew()
{
    ChatStage stage;
    stage.fill(5);
    QTRY_VERIFY(stage.isOnline() && stage.model().messageCount() == 5);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().isJoined());
    stage.server.startOver();
    stage.server.post(stage.lobby, ada, u"a new beginning"_s);
    stage.server.resume();
    QTRY_COMPARE(stage.model().messageCount(), 1);
    QCOMPARE(stage.textOf(0), u"a new beginning"_s);
}

void tst_RoomSession::aPageOnItsWayDoesNotUndoAnEdit()
{
    ChatStage stage;
    stage.view.reset();
    stage.fill(2);
    std::optional<FakeReply> waiting;
    stage.server.on("GET /api/rooms/{room}/messages"_ba,
                    [&waiting](const FakeRequest &, const FakeReply &reply) { waiting = reply; });
    QJsonArray page;
    for (const ChatMessage &message : stage.server.messages())
        page.append(message.toJson());
    stage.open();
    QTRY_VERIFY(waiting);
    stage.server.edit(stage.lobby, 1, u"better"_s);
    stage.server.remove(stage.lobby, 2);
    stage.fill(1);
    QTRY_COMPARE(stage.model().messageCount(), 1);
    waiting->json(QJsonDocument(QJsonObject{ { u"items"_s, page }, { u"next"_s, QJsonValue::Null } }));
    QTRY_COMPARE(stage.model().messageCount(), 3);
    QCOMPARE(stage.textOf(0), u"better"_s);
    QVERIFY(stage.model().index(1).data(ChatModel::DeletedRole).toBool());
}

void tst_RoomSession::editsAndDeletes()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.write(u"helo"_s);
    stage.write(u"oops"_s);
    QTRY_COMPARE(stage.view->rooms().outbox().size(), 0);
    QVERIFY(stage.room().edit(1, u" hello "_s));
    QTRY_COMPARE(stage.textOf(0), u"hello"_s);
    QVERIFY(stage.model().index(0).data(ChatModel::EditedRole).toBool());
    QVERIFY(stage.room().remove(2));
    QTRY_VERIFY(stage.model().index(1).data(ChatModel::DeletedRole).toBool());
    QVERIFY(!stage.room().edit(1, u"  "_s));
    QVERIFY(stage.room().edit(1, u"hello"_s)); // as it is: nothing is sent
    QCOMPARE(stage.server.commands(u"edit"_s).size(), 1);
    stage.server.stop();
    QTRY_VERIFY(!stage.room().isJoined());
    QVERIFY(!stage.room().edit(1, u"no connection"_s));
}

void tst_RoomSession::aChangeThatWasCutIsRepeated()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    stage.write(u"helo"_s);
    QTRY_COMPARE(stage.view->rooms().outbox().size(), 0);
    stage.server.setAnswering(false);
    QVERIFY(stage.room().edit(1, u"hello"_s));
    QTRY_COMPARE(stage.server.commands(u"edit"_s).size(), 1);
    stage.server.setAnswering(true);
    stage.server.cutAll();
    QTRY_COMPARE(stage.textOf(0), u"hello"_s);
}

void tst_RoomSession::aRefusedEditIsNotLost()
{
    ChatStage stage;
    stage.fill(1);
    QTRY_VERIFY(stage.isOnline() && stage.model().messageCount() == 1);
    QSignalSpy failed(&*stage.view, &chat::ChatView::failed);
    QVERIFY(stage.room().edit(1, u"not mine"_s));
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed.first().first().toString().contains("it is another's"_L1));
    QVERIFY(stage.view->composer()->isEditing());
    QCOMPARE(stage.view->composer()->text(), u"not mine"_s);
    QCOMPARE(stage.textOf(0), u"message 1"_s);
}

void tst_RoomSession::theServerCountsWhatIsNotHere()
{
    ChatStage stage;
    stage.view.reset();
    stage.server.say({ .room = stage.lobby, .user = ada, .message = u"@bob"_s, .mentions = { u"bob"_s } });
    stage.fill(120);
    stage.open();
    QVERIFY(stage.view->rooms().join(u"kiln"_s));
    stage.view->showRoom(u"kiln"_s); // so that nothing of the lobby is read
    RoomSession &lobby = *stage.view->rooms().session(stage.lobby);
    QTRY_COMPARE(lobby.model().messageCount(), RoomSession::pageSize);
    QCOMPARE(lobby.unread(), 121);
    QCOMPARE(lobby.mentions(), 1);
    QCOMPARE(stage.view->rooms().model().room(stage.lobby)->mentions, 1);
    stage.fill(1);
    QTRY_COMPARE(lobby.unread(), 122);
    stage.view->rooms().markRead(stage.lobby);
    QCOMPARE(lobby.unread(), 0);
    QCOMPARE(lobby.mentions(), 0);
}

void tst_RoomSession::onlyMentionsAreNewsForANewcomer()
{
    ChatStage stage;
    stage.view.reset();
    stage.fill(3);
    stage.server.say({ .room = u"kiln"_s, .user = ada, .message = u"@bob"_s, .mentions = { u"bob"_s } });
    stage.open();
    stage.view->showRoom(u"elsewhere"_s);
    QVERIFY(stage.view->rooms().join(u"kiln"_s));
    RoomSession &lobby = *stage.view->rooms().session(stage.lobby);
    RoomSession &kiln = *stage.view->rooms().session(u"kiln"_s);
    QTRY_VERIFY(lobby.model().messageCount() == 3 && kiln.model().messageCount() == 1);
    QCOMPARE(lobby.unread(), 0);
    QCOMPARE(kiln.unread(), 1);
    QCOMPARE(kiln.mentions(), 1);
}

void tst_RoomSession::whatIsReadIsToldAndHeard()
{
    ChatStage stage;
    QVERIFY(QTest::qWaitForWindowActive(&*stage.view));
    QTRY_VERIFY(stage.isOnline());
    stage.fill(3);
    QTRY_COMPARE(stage.model().messageCount(), 3);
    const auto told = [&stage] { return stage.server.commands(u"read"_s).value(0).value("offset"_L1).toInteger(); };
    QTRY_VERIFY(told() > 0);
    QTRY_COMPARE(stage.server.commands(u"read"_s).last().value("offset"_L1).toInteger(), 3);

    QVERIFY(stage.view->rooms().join(u"kiln"_s));
    RoomSession &kiln = *stage.view->rooms().session(u"kiln"_s);
    QTRY_VERIFY(kiln.isJoined() && !kiln.isFetching());
    stage.server.post(u"kiln"_s, ada, u"it beeps"_s);
    QTRY_COMPARE(kiln.unread(), 1);
    stage.server.tell(u"kiln"_s, u"read"_s, { { u"user"_s, u"bob"_s }, { u"offset"_s, 1 } }); // by another window
    QTRY_COMPARE(kiln.unread(), 0);
    QCOMPARE(stage.view->rooms().model().room(u"kiln"_s)->unread, 0);
}

void tst_RoomSession::whoIsHereAndWhoWrites()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    const chat::WhoIsHere &here = stage.room().here();
    QCOMPARE(here.users(), QStringList{ u"bob"_s });
    const auto presence = [&stage](const QString &user, const QString &state, int count) {
        stage.server.tell(stage.lobby, u"presence"_s,
                          { { u"user"_s, user }, { u"state"_s, state }, { u"count"_s, count } });
    };
    presence(ada, u"online"_s, 2);
    QTRY_COMPARE(here.users(), (QStringList{ ada, u"bob"_s }));
    QCOMPARE(here.count(), 2);
    stage.server.tell(stage.lobby, u"typing"_s, { { u"user"_s, ada } });
    stage.server.tell(stage.lobby, u"typing"_s, { { u"user"_s, u"bob"_s } }); // ourselves
    QTRY_COMPARE(here.typing(), QStringList{ ada });
    stage.fill(1); // said is said
    QTRY_COMPARE(here.typing(), QStringList{});
    presence(ada, u"offline"_s, 1);
    QTRY_COMPARE(here.count(), 1);
    QTest::keyClicks(stage.view->composer()->edit(), u"I am"_s);
    QTRY_COMPARE(stage.server.commands(u"typing"_s).size(), 1); // not one a key
    stage.server.stop();
    QTRY_COMPARE(here.count(), 0); // not known any more
}

void tst_RoomSession::allRoomsShareOneConnection()
{
    ChatStage stage;
    QVERIFY(stage.view->rooms().join(u"kiln"_s));
    QTRY_VERIFY(stage.isOnline() && stage.view->rooms().session(u"kiln"_s)->isJoined());
    QCOMPARE(&stage.room().connection(), &stage.view->rooms().session(u"kiln"_s)->connection());
    stage.view->rooms().leave(u"kiln"_s);
    QTRY_COMPARE(stage.server.commands(u"leave"_s).size(), 1);
    stage.server.post(u"kiln"_s, ada, u"nobody hears"_s);
    stage.fill(1);
    QTRY_COMPARE(stage.model().messageCount(), 1);
}

QTEST_MAIN(tst_RoomSession)
#include "tst_roomsession.moc"
