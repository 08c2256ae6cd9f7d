// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/websocket/rawclient.h"

#include <QHostAddress>
#include <QtEndian>

namespace godwit::test {
namespace {

/// Of RFC 6455, 1.3, with the answer that belongs to it.
constexpr char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr char acceptOfKey[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr char mask[] = { 0x12, 0x34, 0x56, 0x78 };

} // namespace

int RawClient::Frame::closeCode() const
{
    return payload.size() < 2 ? 1005 : qFromBigEndian<quint16>(payload.constData());
}

RawClient::RawClient(quint16 port)
{
    m_socket.connectToHost(QHostAddress::LocalHost, port);
    m_socket.waitForConnected();
}

QByteArray RawClient::handshakeFields()
{
    return QByteArray("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ")
        + key + "\r\n";
}

void RawClient::request(const QByteArray &target, const QByteArray &fields)
{
    sendBytes("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + QByteArray::number(m_socket.peerPort()) + "\r\n"
              + fields + "\r\n");
}

QByteArray RawClient::readAnswer()
{
    qsizetype end;
    while ((end = m_buffer.indexOf("\r\n\r\n")) < 0)
        if (!fill(5'000))
            return {};
    const QByteArray head = m_buffer.first(end + 4);
    m_buffer.remove(0, end + 4);
    const qsizetype length = head.toLower().indexOf("content-length: ");
    const qsizetype bodySize
        = length < 0 ? 0 : head.mid(length + 16, head.indexOf("\r\n", length) - length - 16).toInt();
    while (m_buffer.size() < bodySize && fill(5'000)) { }
    m_answerBody = m_buffer.first(qMin(bodySize, m_buffer.size()));
    m_buffer.remove(0, m_answerBody.size());
    return head;
}

bool RawClient::open(const QByteArray &target)
{
    request(target);
    const QByteArray answer = readAnswer();
    return answer.startsWith("HTTP/1.1 101 ") && answer.contains(acceptOfKey);
}

QByteArray RawClient::frameBytes(Opcode opcode, const QByteArray &payload, Mask masking, bool isFinal)
{
    QByteArray frame;
    const char maskBit = masking == Mask::Yes ? char(0x80) : char(0);
    frame += char((isFinal ? 0x80 : 0) | opcode);
    if (payload.size() < 126) {
        frame += char(maskBit | char(payload.size()));
    } else if (payload.size() <= 0xffff) {
        frame += char(maskBit | 126);
        frame.resize(4);
        qToBigEndian(quint16(payload.size()), frame.data() + 2);
    } else {
        frame += char(maskBit | 127);
        frame.resize(10);
        qToBigEndian(quint64(payload.size()), frame.data() + 2);
    }
    if (masking == Mask::Yes)
        frame.append(mask, 4);
    const qsizetype at = frame.size();
    frame += payload;
    if (masking == Mask::Yes)
        for (qsizetype i = 0; i < payload.size(); ++i)
            frame[at + i] = char(frame[at + i] ^ mask[i % 4]);
    return frame;
}

void RawClient::send(Opcode opcode, const QByteArray &payload, Mask masking, bool isFinal)
{
    sendBytes(frameBytes(opcode, payload, masking, isFinal));
}

void RawClient::sendBytes(const QByteArray &bytes)
{
    m_socket.write(bytes);
    while (m_socket.bytesToWrite() > 0 && m_socket.waitForBytesWritten(5'000)) { }
}

/// Of the frame at the start of the buffer, with its head; -1 while that is not known.
qsizetype RawClient::frameSize() const
{
    if (m_buffer.size() < 2)
        return -1;
    const int size = m_buffer[1] & 0x7f; // a server's frame is not masked
    if (size < 126)
        return 2 + size;
    if (m_buffer.size() < (size == 126 ? 4 : 10))
        return -1;
    return size == 126 ? 4 + qFromBigEndian<quint16>(m_buffer.constData() + 2)
                       : 10 + qsizetype(qFromBigEndian<quint64>(m_buffer.constData() + 2));
}

std::optional<RawClient::Frame> RawClient::readFrame(int milliseconds)
{
    qsizetype size;
    while ((size = frameSize()) < 0 || m_buffer.size() < size)
        if (!fill(milliseconds))
            return {};
    const int shortSize = m_buffer[1] & 0x7f;
    const qsizetype head = shortSize < 126 ? 2 : shortSize == 126 ? 4 : 10;
    Frame frame{ quint8(m_buffer[0] & 0x0f), m_buffer.sliced(head, size - head) };
    m_buffer.remove(0, size);
    return frame;
}

bool RawClient::waitForEnd(int milliseconds)
{
    while (fill(milliseconds))
        m_buffer.clear();
    return m_socket.state() != QAbstractSocket::ConnectedState;
}

bool RawClient::fill(int milliseconds)
{
    if (m_socket.bytesAvailable() == 0 && !m_socket.waitForReadyRead(milliseconds) && m_socket.bytesAvailable() == 0)
        return false;
    m_buffer += m_socket.readAll();
    return true;
}

} // namespace godwit::test
