// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/answerframer.h"

#include "server/http/syntax.h"

#include <cstring>

namespace godwit::http {

qsizetype ChunkFollower::take(QByteArrayView bytes, QByteArray *data)
{
    qsizetype i = 0;
    while (i < bytes.size() && m_state != State::Complete) {
        if (m_state == State::Data) {
            const auto taken = qsizetype(std::min<qint64>(m_missing, bytes.size() - i));
            if (data)
                data->append(bytes.sliced(i, taken));
            i += taken;
            m_missing -= taken;
            if (m_missing == 0)
                m_state = State::DataEnd;
            continue;
        }
        const char c = bytes[i++];
        const bool endsLine = c == '\n';
        if (m_state == State::Size) {
            const char lower = syntax::toLower(c);
            if (c >= '0' && c <= '9')
                m_missing = m_missing * 16 + (c - '0');
            else if (lower >= 'a' && lower <= 'f')
                m_missing = m_missing * 16 + (lower - 'a' + 10);
            else
                m_state = State::RestOfLine;
        }
        if (!endsLine) {
            m_lineSize += c != '\r';
            continue;
        }
        const bool isEmpty = std::exchange(m_lineSize, 0) == 0;
        if (m_state == State::Trailer)
            m_state = isEmpty ? State::Complete : State::Trailer;
        else if (m_state == State::DataEnd)
            m_state = State::Size;
        else
            m_state = m_missing > 0 ? State::Data : State::Trailer;
    }
    return i;
}

void AnswerFramer::begin(const Framing &framing)
{
    *this = AnswerFramer();
    m_framing = framing;
}

AnswerFramer::State AnswerFramer::take(QByteArrayView bytes, QByteArray &out)
{
    while (!bytes.isEmpty() && m_state == State::Head) {
        const qsizetype before = m_head.size();
        m_head.append(bytes);
        const qsizetype end = m_head.indexOf("\r\n\r\n", std::max<qsizetype>(0, before - 3));
        if (end < 0)
            return m_state;
        bytes = bytes.sliced(end + 4 - before);
        m_head.truncate(end + 2);
        finishHead(out);
        m_head = QByteArray();
    }
    if (m_state == State::Content && !bytes.isEmpty())
        takeContent(bytes, out);
    return m_state;
}

void AnswerFramer::finishHead(QByteArray &out)
{
    const qsizetype statusEnd = m_head.indexOf("\r\n");
    const QByteArrayView statusLine = QByteArrayView(m_head).first(statusEnd);
    const int status = statusLine.size() >= 12 ? statusLine.sliced(9, 3).toByteArray().toInt() : 0;
    if (status >= 100 && status < 200) { // an interim answer; HTTP/1.0 does not know them
        if (m_framing.minorVersion > 0)
            out.append(m_head).append("\r\n");
        return;
    }
    QByteArray fields;
    QByteArrayView rest = QByteArrayView(m_head).sliced(statusEnd + 2);
    while (!rest.isEmpty()) {
        const qsizetype end = rest.indexOf("\r\n");
        takeField(rest.first(end), fields);
        rest = rest.sliced(end + 2);
    }
    const bool hasContent = status != 204 && status != 304;
    if (!hasContent || m_framing.headOnly)
        m_form = ContentForm::Complete;
    else if (m_isChunked)
        m_form = m_framing.minorVersion == 0 ? ContentForm::UntilClose : ContentForm::Chunked;
    else if (m_missing >= 0)
        m_form = ContentForm::Sized;
    m_closes = m_closes || m_framing.closes || m_form == ContentForm::UntilClose;
    out.append("HTTP/1.1").append(statusLine.sliced(std::min<qsizetype>(8, statusLine.size()))).append("\r\n");
    out.append(fields);
    if (!m_hasDate)
        out.append(dateField());
    if (hasContent && m_isChunked && m_framing.minorVersion > 0)
        out.append("Transfer-Encoding: chunked\r\n");
    else if (hasContent && m_missing >= 0)
        out.append("Content-Length: ").append(QByteArray::number(m_missing)).append("\r\n");
    if (m_closes)
        out.append("Connection: close\r\n");
    else if (m_framing.wantsKeepAlive)
        out.append("Connection: keep-alive\r\n");
    out.append("\r\n");
    const bool isOver = m_form == ContentForm::Complete || (m_form == ContentForm::Sized && m_missing == 0);
    m_state = isOver ? State::Complete : State::Content;
}

/// Keeps what does not concern the framing.
void AnswerFramer::takeField(QByteArrayView line, QByteArray &fields)
{
    const qsizetype colon = line.indexOf(':');
    if (colon <= 0)
        return;
    const QByteArrayView name = syntax::trimmed(line.first(colon)), value = syntax::trimmed(line.sliced(colon + 1));
    if (syntax::equalsLower(name, "content-length")) {
        bool isNumber = false;
        const qint64 size = value.toByteArray().toLongLong(&isNumber);
        m_missing = isNumber ? size : m_missing;
    } else if (syntax::equalsLower(name, "transfer-encoding")) {
        m_isChunked = m_isChunked || syntax::equalsLower(value, "chunked");
    } else if (syntax::equalsLower(name, "connection")) {
        m_closes = m_closes || syntax::equalsLower(value, "close");
    } else {
        m_hasDate = m_hasDate || syntax::equalsLower(name, "date");
        fields.append(name).append(": ").append(value).append("\r\n");
    }
}

void AnswerFramer::takeContent(QByteArrayView bytes, QByteArray &out)
{
    if (m_isChunked) {
        const bool unwraps = m_framing.minorVersion == 0;
        const qsizetype taken = m_chunks.take(bytes, unwraps ? &out : nullptr);
        if (!unwraps)
            out.append(bytes.first(taken));
        if (m_chunks.isComplete())
            m_state = State::Complete;
        return;
    }
    const auto taken
        = m_form == ContentForm::Sized ? qsizetype(std::min<qint64>(m_missing, bytes.size())) : bytes.size();
    out.append(bytes.first(taken));
    if (m_form != ContentForm::Sized)
        return;
    m_missing -= taken;
    if (m_missing == 0)
        m_state = State::Complete;
}

} // namespace godwit::http
