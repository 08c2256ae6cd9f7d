// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/websocket/frame.h"

#include <QtEndian>

namespace godwit::websocket {
namespace {

enum Opcode : uchar { Text = 0x1, Binary = 0x2, Close = 0x8, Ping = 0x9 };
constexpr uchar finalFragment = 0x80;
constexpr qsizetype controlPayloadBytes = 125;

QByteArray frame(Opcode opcode, QByteArrayView payload)
{
    uchar head[10] = { uchar(finalFragment | opcode) };
    qsizetype headBytes = 2;
    if (payload.size() < 126) {
        head[1] = uchar(payload.size());
    } else if (payload.size() <= 0xffff) {
        head[1] = 126;
        qToBigEndian(quint16(payload.size()), head + 2);
        headBytes = 4;
    } else {
        head[1] = 127;
        qToBigEndian(quint64(payload.size()), head + 2);
        headBytes = 10;
    }
    QByteArray bytes;
    bytes.reserve(headBytes + payload.size());
    bytes.append(QByteArrayView(head, headBytes));
    bytes.append(payload);
    return bytes;
}

bool continuesCharacter(char byte)
{
    return (uchar(byte) & 0xc0) == 0x80;
}

} // namespace

QByteArray textFrame(QByteArrayView utf8)
{
    return frame(Text, utf8);
}

QByteArray binaryFrame(QByteArrayView bytes)
{
    return frame(Binary, bytes);
}

QByteArray pingFrame(QByteArrayView payload)
{
    return frame(Ping, payload.first(qMin(payload.size(), controlPayloadBytes)));
}

QByteArray closeFrame(CloseCode code, QByteArrayView reason)
{
    qsizetype size = qMin(reason.size(), controlPayloadBytes - 2);
    while (size > 0 && size < reason.size() && continuesCharacter(reason[size]))
        --size;
    QByteArray payload(2, Qt::Uninitialized);
    qToBigEndian(quint16(code), payload.data());
    payload.append(reason.first(size));
    return frame(Close, payload);
}

} // namespace godwit::websocket
