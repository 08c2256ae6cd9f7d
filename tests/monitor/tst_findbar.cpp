// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/findbar.h"
#include "monitor/chat/messageview.h"
#include "tests/monitor/chatstage.h"

#include <QLineEdit>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;

using chat::FindBar;
using chat::MessageView;
using models::ChatModel;
using test::ChatStage;

class tst_FindBar : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsFromTheNewestOn();
    void looksFurtherBack();
    void anotherRoomClosesIt();
};

static FindBar &open(ChatStage &stage)
{
    auto *bar = stage.view->findChild<FindBar *>();
    QTest::keyClick(stage.view->composer()->edit(), Qt::Key_F, Qt::ControlModifier);
    return *bar;
}

static QString chosen(const ChatStage &stage)
{
    return stage.view->messages()->currentIndex().data(ChatModel::TextRole).toString();
}

void tst_FindBar::findsFromTheNewestOn()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    QVERIFY(QTest::qWaitForWindowActive(&*stage.view));
    for (const QString &text : { u"Probe 7 drifts"_s, u"which?"_s, u"probe 7"_s })
        stage.server.post(stage.lobby, u"ada"_s, text);
    stage.server.remove(stage.lobby, stage.server.post(stage.lobby, u"ada"_s, u"probe 8"_s));
    stage.server.say({ .room = stage.lobby, .user = u"ada"_s, .file = u"probe.csv"_s });
    QTRY_COMPARE(stage.model().rowCount(), 5);
    QTRY_VERIFY(stage.model().index(3).data(ChatModel::DeletedRole).toBool());
    FindBar &bar = open(stage);
    QTRY_VERIFY(bar.isVisible() && bar.field()->hasFocus());
    QTest::keyClicks(bar.field(), u"PROBE"_s);
    QCOMPARE(bar.stateText(), u"1 of 3"_s);
    QCOMPARE(stage.view->messages()->currentIndex().row(), 4); // by the name of its file
    QTest::keyClick(bar.field(), Qt::Key_Return);
    QCOMPARE(chosen(stage), u"probe 7"_s);
    QTest::keyClick(bar.field(), Qt::Key_Up);
    QCOMPARE(chosen(stage), u"Probe 7 drifts"_s);
    QCOMPARE(bar.stateText(), u"3 of 3"_s);
    QTest::keyClick(bar.field(), Qt::Key_Return);
    QCOMPARE(bar.stateText(), u"That is the oldest one"_s);
    QTest::keyClick(bar.field(), Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(chosen(stage), u"probe 7"_s);
    QTest::keyClicks(bar.field(), u" nowhere"_s);
    QCOMPARE(bar.stateText(), u"Not found"_s);
    QTest::keyClick(bar.field(), Qt::Key_Escape);
    QVERIFY(!bar.isVisible());
    QVERIFY(stage.view->composer()->edit()->hasFocus());
}

void tst_FindBar::looksFurtherBack()
{
    ChatStage stage;
    stage.server.post(stage.lobby, u"ada"_s, u"the needle"_s);
    stage.fill(200);
    QTRY_VERIFY(stage.isOnline() && stage.model().rowCount() > 0);
    QVERIFY(stage.model().canLoadOlder());
    QVERIFY(QTest::qWaitForWindowActive(&*stage.view));
    FindBar &bar = open(stage);
    QTRY_VERIFY(bar.isVisible());
    QTest::keyClicks(bar.field(), u"needle"_s);
    QVERIFY(bar.stateText().contains(u"further back"_s));
    QTest::keyClick(bar.field(), Qt::Key_Return);
    QTRY_COMPARE(bar.stateText(), u"1 of 1"_s);
    QCOMPARE(chosen(stage), u"the needle"_s);
    const QRect row = stage.view->messages()->visualRect(stage.view->messages()->currentIndex());
    QVERIFY(stage.view->messages()->viewport()->rect().intersects(row));
}

void tst_FindBar::anotherRoomClosesIt()
{
    ChatStage stage;
    QTRY_VERIFY(stage.isOnline());
    QVERIFY(QTest::qWaitForWindowActive(&*stage.view));
    FindBar &bar = open(stage);
    QTRY_VERIFY(bar.isVisible());
    stage.view->showRoom(u"lab"_s);
    QVERIFY(!bar.isVisible());
    QVERIFY(bar.field()->text().isEmpty());
}

QTEST_MAIN(tst_FindBar)
#include "tst_findbar.moc"
