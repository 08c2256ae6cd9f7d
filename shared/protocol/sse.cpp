// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/sse.h"

#include <algorithm>

namespace godwit::protocol {

namespace {

bool isLineEnd(char c)
{
    return c == '\r' || c == '\n';
}

/// The bytes up to the next line end, cut off @p text together with that (CR, LF or CRLF).
QByteArrayView takeLine(QByteArrayView &text)
{
    const auto end = std::find_if(text.begin(), text.end(), isLineEnd);
    const QByteArrayView line = text.first(end - text.begin());
    text = text.sliced(line.size());
    text = text.sliced(text.startsWith("\r\n") ? 2 : qMin<qsizetype>(1, text.size()));
    return line;
}

void appendField(QByteArray &out, QByteArrayView name, QByteArrayView value)
{
    out += name;
    out += ": ";
    for (const char c : value) {
        if (!isLineEnd(c) && c != '\0')
            out += c;
    }
    out += '\n';
}

bool isAllDigits(QByteArrayView text)
{
    return !text.isEmpty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

QByteArray encodeSse(const SseEvent &event)
{
    QByteArray out;
    out.reserve(event.data.size() + event.event.size() + event.id.size() + 64);
    if (event.retry)
        appendField(out, "retry", QByteArray::number(qint64(event.retry->count())));
    if (!event.event.isEmpty())
        appendField(out, "event", event.event);
    if (!event.id.isNull())
        appendField(out, "id", event.id);
    if (!event.data.isNull() || !event.event.isEmpty()) {
        QByteArrayView left = event.data;
        bool endsOpen = true; // also data that ends with a line break, or is empty, has a last, empty line
        while (endsOpen) {
            const qsizetype before = left.size();
            const QByteArrayView line = takeLine(left);
            endsOpen = line.size() < before;
            out += "data: ";
            out += line;
            out += '\n';
        }
    }
    out += '\n';
    return out;
}

QByteArray encodeSseComment(QByteArrayView text)
{
    QByteArray out;
    out.reserve(text.size() + 4);
    appendField(out, "", text);
    out += '\n';
    return out;
}

QList<SseEvent> SseParser::feed(QByteArrayView bytes)
{
    QList<SseEvent> events;
    while (!bytes.isEmpty() && !m_failed) {
        if (std::exchange(m_sawCr, false) && bytes.front() == '\n') {
            bytes = bytes.sliced(1); // the rest of a CRLF that came in two pieces
            continue;
        }
        const auto end = std::find_if(bytes.begin(), bytes.end(), isLineEnd);
        const QByteArrayView piece = bytes.first(end - bytes.begin());
        if (m_buffer.size() + piece.size() > m_limit) {
            m_failed = true;
            break;
        }
        if (end == bytes.end()) {
            m_buffer += piece;
            break;
        }
        m_sawCr = *end == '\r';
        bytes = bytes.sliced(piece.size() + 1);
        if (m_buffer.isEmpty()) {
            line(piece, events);
        } else {
            m_buffer += piece;
            line(std::exchange(m_buffer, {}), events);
        }
    }
    return events;
}

void SseParser::line(QByteArrayView text, QList<SseEvent> &events)
{
    if (!std::exchange(m_started, true) && text.startsWith("\xEF\xBB\xBF"))
        text = text.sliced(3);
    if (text.isEmpty())
        return dispatch(events);
    const qsizetype colon = text.indexOf(':');
    if (colon == 0)
        return; // a comment
    const QByteArrayView name = colon < 0 ? text : text.first(colon);
    QByteArrayView value = colon < 0 ? text.last(0) : text.sliced(colon + 1);
    if (value.startsWith(' '))
        value = value.sliced(1);
    if (name == "data") {
        if (std::exchange(m_hasData, true))
            m_event.data += '\n';
        m_event.data += value;
        m_failed = m_event.data.size() > m_limit;
    } else if (name == "event") {
        m_event.event = value.toByteArray();
    } else if (name == "id" && !value.contains('\0')) {
        m_event.id = QByteArray(value.data(), value.size()); // empty, but not null, if the server resets it
    } else if (name == "retry" && isAllDigits(value)) {
        bool fits = false;
        const qint64 span = value.toLongLong(&fits);
        if (fits)
            m_retry = m_event.retry = std::chrono::milliseconds(span);
    }
}

void SseParser::dispatch(QList<SseEvent> &events)
{
    if (!m_event.id.isNull())
        m_lastEventId = m_event.id;
    if (!std::exchange(m_hasData, false)) {
        // Not an event. What the standard lets outlive it: the retry time, here told with the next event.
        m_event = { .retry = m_event.retry };
        return;
    }
    events.append(std::exchange(m_event, {}));
}

void SseParser::reset()
{
    *this = SseParser(m_limit);
}

} // namespace godwit::protocol
