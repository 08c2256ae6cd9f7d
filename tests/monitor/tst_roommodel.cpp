// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/roommodel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;

using godwit::models::Room;
using godwit::models::RoomModel;

class tst_RoomModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void joinedRoomsComeFirstThenByName();
    void onlyAChangeIsReported();
};

void tst_RoomModel::joinedRoomsComeFirstThenByName()
{
    RoomModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto names = [&model] {
        QStringList result;
        for (int row = 0; row < model.rowCount(); ++row)
            result.append(model.index(row).data().toString());
        return result.join(u' ');
    };
    model.upsert({ .name = u"workshop"_s });
    model.upsert({ .name = u"lobby"_s, .unread = 2, .isJoined = true });
    model.upsert({ .name = u"alerts"_s });
    model.upsert({ .name = u"plant"_s, .unread = 3, .isJoined = true });
    QCOMPARE(names(), u"lobby plant alerts workshop"_s);
    QCOMPARE(model.unreadTotal(), 5);
    model.upsert({ .name = u"workshop"_s, .isJoined = true });
    QCOMPARE(names(), u"lobby plant workshop alerts"_s);
    model.remove(u"plant"_s);
    QCOMPARE(names(), u"lobby workshop alerts"_s);
    QCOMPARE(model.indexOf(u"alerts"_s).row(), 2);
    QVERIFY(!model.indexOf(u"plant"_s).isValid());
}

void tst_RoomModel::onlyAChangeIsReported()
{
    RoomModel model;
    const Room lobby{ .name = u"lobby"_s, .unread = 1 };
    model.upsert(lobby);
    QSignalSpy changed(&model, &RoomModel::dataChanged);
    model.upsert(lobby);
    QCOMPARE(changed.count(), 0);
    model.upsert({ .name = u"lobby"_s, .unread = 2 });
    QCOMPARE(changed.count(), 1);
    QCOMPARE(model.room(u"lobby"_s)->unread, 2);
}

QTEST_APPLESS_MAIN(tst_RoomModel)
#include "tst_roommodel.moc"
