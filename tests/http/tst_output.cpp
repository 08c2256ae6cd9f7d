// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/outputqueue.h"
#include "server/http/pen.h"
#include "server/http/responsewriter.h"
#include "server/http/transport.h"

#include <QTest>

#include <sys/socket.h>

#include <limits>

using namespace Qt::StringLiterals;
using namespace godwit::http;

class tst_Output : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void chunksOfAnySize_data();
    void chunksOfAnySize();
    void aFrameForManyIsShared();
    void anEmptyQueueHoldsNoMemory();
    void whatTheClientDoesNotTakeStays();
    void thePenWritesTextAndNumbers();
};

/// Both ends of a connection.
struct Connection
{
    Connection()
    {
        int ends[2] = { -1, -1 };
        if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
            qFatal("no socket pair");
        ours = std::make_unique<Transport>(ends[0]);
        theirs = std::make_unique<Transport>(ends[1]);
    }
    QByteArray received() const
    {
        QByteArray all;
        char piece[65536];
        for (qint64 size = 0; (size = theirs->read(piece, sizeof piece)) > 0;)
            all.append(piece, qsizetype(size));
        return all;
    }
    std::unique_ptr<Transport> ours, theirs;
};

void tst_Output::chunksOfAnySize_data()
{
    QTest::addColumn<qsizetype>("size");
    for (const qsizetype size : { 0, 1, 15, 16, 255, 4'095, 65'535, 65'536, 0xfffff, 0x100000, 0x100001 })
        QTest::addRow("%lld bytes", qint64(size)) << size;
}

void tst_Output::chunksOfAnySize()
{
    QFETCH(qsizetype, size);
    QByteArray data(size, 'd');
    if (size > 1)
        data.front() = 'b', data.back() = 'e';
    QByteArray out = "what came before";
    writeChunk(out, [&data](QByteArray &to) {
        to.append(data);
        return 0;
    });
    const QByteArray chunk = size == 0 ? ""_ba : QByteArray::number(size, 16) + "\r\n" + data + "\r\n";
    QCOMPARE(out, "what came before" + chunk);
}

void tst_Output::aFrameForManyIsShared()
{
    const QByteArray frame = QByteArray("a frame for the whole room").append('!');
    OutputQueue first, second;
    first.append(frame);
    second.append(frame);
    QCOMPARE(static_cast<const void *>(std::as_const(first.buffer()).constData()), frame.constData());
    second.append("more"_ba);
    QCOMPARE(second.buffer(), "a frame for the whole room!more"_ba);
    QCOMPARE(frame, "a frame for the whole room!"_ba);

    const Connection connection;
    qint64 written = 0;
    QCOMPARE(first.flushTo(*connection.ours, written), OutputQueue::Flushed::All);
    QCOMPARE(second.flushTo(*connection.ours, written), OutputQueue::Flushed::All);
    QCOMPARE(connection.received(), frame + frame + "more");
    first.buffer() += "of its own"; // is not written into the frame
    QCOMPARE(frame, "a frame for the whole room!"_ba);
}

void tst_Output::anEmptyQueueHoldsNoMemory()
{
    const Connection connection;
    OutputQueue first, second;
    first.bufferFor(50'000) += "an answer";
    qint64 written = 0;
    QCOMPARE(first.flushTo(*connection.ours, written), OutputQueue::Flushed::All);
    QCOMPARE(written, 9);
    QVERIFY(second.buffer().capacity() >= 50'000); // it has the buffer now
    QVERIFY(first.buffer().capacity() < 50'000);
    QVERIFY(second.isEmpty());
}

void tst_Output::whatTheClientDoesNotTakeStays()
{
    const Connection connection;
    OutputQueue queue;
    QByteArray all;
    for (int i = 0; all.size() < 4'000'000; ++i)
        all += QByteArray::number(i) + ' ';
    queue.append(QByteArrayView(all));
    qint64 written = 0;
    QVERIFY(!queue.isBlocked());
    QCOMPARE(queue.flushTo(*connection.ours, written), OutputQueue::Flushed::Blocked);
    QVERIFY(written > 0 && written < all.size());
    QCOMPARE(queue.size(), all.size() - written);

    QByteArray received = connection.received();
    while (queue.flushTo(*connection.ours, written) == OutputQueue::Flushed::Blocked)
        received += connection.received();
    received += connection.received();
    QCOMPARE(received, all);
    QVERIFY(queue.isEmpty() && !queue.isBlocked());
}

void tst_Output::thePenWritesTextAndNumbers()
{
    char room[100];
    Pen pen(room);
    pen << "a literal " << qint64(-12) << QByteArrayView(" view ") << std::numeric_limits<qint64>::min();
    QCOMPARE(QByteArrayView(room, pen.at() - room), QByteArrayView("a literal -12 view -9223372036854775808"));
}

QTEST_APPLESS_MAIN(tst_Output)
#include "tst_output.moc"
