// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/frame.h"

#include <QTest>

using namespace godwit;
using namespace godwit::websocket;

class tst_WsFrame : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesTheShortestLength_data();
    void writesTheShortestLength();
    void namesItsKind();
    void cutsACloseReasonAtACharacter();
    void everyErrorHasACloseCode_data();
    void everyErrorHasACloseCode();
};

void tst_WsFrame::writesTheShortestLength_data()
{
    QTest::addColumn<qsizetype>("size");
    QTest::addColumn<QByteArray>("head");
    QTest::newRow("nothing") << qsizetype(0) << QByteArray::fromHex("8100");
    QTest::newRow("the longest in one byte") << qsizetype(125) << QByteArray::fromHex("817d");
    QTest::newRow("the shortest in two") << qsizetype(126) << QByteArray::fromHex("817e007e");
    QTest::newRow("the longest in two") << qsizetype(65'535) << QByteArray::fromHex("817effff");
    QTest::newRow("the shortest in eight") << qsizetype(65'536) << QByteArray::fromHex("817f0000000000010000");
}

void tst_WsFrame::writesTheShortestLength()
{
    QFETCH(qsizetype, size);
    QFETCH(QByteArray, head);
    const QByteArray payload(size, 'x');
    QCOMPARE(textFrame(payload), head + payload);
}

void tst_WsFrame::namesItsKind()
{
    QCOMPARE(binaryFrame("b"), QByteArray::fromHex("820162"));
    QCOMPARE(pingFrame(), QByteArray::fromHex("8900"));
    QCOMPARE(pingFrame(QByteArray(200, 'p')).size(), 127); // RFC 6455, 5.5: 125 bytes at most
    QCOMPARE(closeFrame(CloseCode::TryAgainLater), QByteArray::fromHex("880203f5"));
    QCOMPARE(closeFrame(CloseCode::Normal, "bye"), QByteArray::fromHex("880503e8627965"));
}

void tst_WsFrame::cutsACloseReasonAtACharacter()
{
    // 122 bytes and a character of two: 124 would not fit behind the code.
    const QByteArray reason = QByteArray(122, 'x') + "\xc3\xa4";
    QCOMPARE(closeFrame(CloseCode::Normal, reason).size(), 2 + 2 + 122);
    QCOMPARE(closeFrame(CloseCode::Normal, QByteArray(123, 'x')).size(), 2 + 125);
    QCOMPARE(closeFrame(CloseCode::Normal, QByteArray(124, 'x')).size(), 2 + 125);
}

void tst_WsFrame::everyErrorHasACloseCode_data()
{
    QTest::addColumn<Error::Code>("code");
    QTest::addColumn<CloseCode>("closeCode");
    QTest::newRow("wrong input") << Error::Code::FailedValidation << CloseCode::PolicyViolation;
    QTest::newRow("too large") << Error::Code::PayloadTooLarge << CloseCode::MessageTooBig;
    QTest::newRow("full") << Error::Code::Unavailable << CloseCode::TryAgainLater;
    QTest::newRow("drain") << Error::Code::Cancelled << CloseCode::GoingAway;
    QTest::newRow("ours") << Error::Code::Internal << CloseCode::InternalError;
}

void tst_WsFrame::everyErrorHasACloseCode()
{
    QFETCH(Error::Code, code);
    QFETCH(CloseCode, closeCode);
    QCOMPARE(closeCodeFor(code), closeCode);
}

QTEST_APPLESS_MAIN(tst_WsFrame)
#include "tst_wsframe.moc"
