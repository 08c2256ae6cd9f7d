// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/rowstream.h"
#include "shared/core/error.h"
#include "tests/support/testanswerer.h"

#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::http;
using godwit::test::TestAnswerer;

class tst_RowStream : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rowsComeAsFastAsTheyAreRead();
    void rowsCanBeWaitedFor();
    void aGeneratorThatThrowsHasFailed();
};

void tst_RowStream::rowsComeAsFastAsTheyAreRead()
{
    int made = 0;
    RowStream rows([&made](QByteArray &out) {
        out += "0123456789";
        return ++made < 100 ? Body::State::More : Body::State::End;
    });
    QByteArray out = "head";
    QCOMPARE(rows.read(out, 95), Body::State::More);
    QCOMPARE(made, 10); // no more than was asked for
    QCOMPARE(out.size(), 104);
    QCOMPARE(TestAnswerer::readAll(rows).size(), 900);
    QCOMPARE(made, 100);
    QCOMPARE(rows.size(), -1);
}

void tst_RowStream::rowsCanBeWaitedFor()
{
    QByteArrayList ready{ "a", "b" };
    RowStream rows([&ready](QByteArray &out) {
        if (ready.isEmpty())
            return Body::State::Wait;
        out += ready.takeFirst();
        return Body::State::More;
    });
    int wakes = 0;
    rows.setWaker([&wakes] { ++wakes; });
    QByteArray out;
    QCOMPARE(rows.read(out, 100), Body::State::Wait);
    QCOMPARE(out, "ab"_ba);
    ready << "c";
    rows.resume();
    QCOMPARE(wakes, 1);
    rows.read(out, 100);
    QCOMPARE(out, "abc"_ba);
}

void tst_RowStream::aGeneratorThatThrowsHasFailed()
{
    QTest::ignoreMessage(QtWarningMsg, QRegularExpression(u"cursor was lost"_s));
    RowStream rows([](QByteArray &) -> Body::State { throw Error::internal(u"the cursor was lost"_s); });
    QByteArray out;
    QCOMPARE(rows.read(out, 100), Body::State::Failed);
}

QTEST_GUILESS_MAIN(tst_RowStream)
#include "tst_rowstream.moc"
