// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <chrono>
#include <optional>

namespace godwit::protocol {

/// One event of `text/event-stream` (WHATWG HTML, 9.2).
struct SseEvent
{
    QByteArray event{}; ///< empty: `message`
    QByteArray data{};
    QByteArray id{}; ///< null: none sent
    std::optional<std::chrono::milliseconds> retry{};
};

/// Renders @p event with its empty line. Line breaks in data become several `data:` lines; CR, LF and NUL in `event`
/// and `id` are dropped. With null data and no name only the other fields are sent: a client takes them over without
/// an event.
QByteArray encodeSse(const SseEvent &event);
/// `: text` and an empty line: a heartbeat.
QByteArray encodeSseComment(QByteArrayView text);

/// Reads a stream of events from pieces of any size: CR, LF, CRLF, a BOM, comments, unknown fields, as the standard
/// says. A line or an event over @p limit bytes fails the stream.
class SseParser
{
public:
    explicit SseParser(qsizetype limitBytes = 1024 * 1024) : m_limit(limitBytes) { }

    /// Events that are complete after these bytes. A retry time that came without an event comes with the next one.
    QList<SseEvent> feed(QByteArrayView bytes);
    const QByteArray &lastEventId() const { return m_lastEventId; }
    /// The last retry time that came, with an event or without.
    std::optional<std::chrono::milliseconds> retry() const { return m_retry; }
    bool hasFailed() const { return m_failed; }
    void reset();

private:
    void line(QByteArrayView text, QList<SseEvent> &events);
    void dispatch(QList<SseEvent> &events);

    qsizetype m_limit;
    QByteArray m_buffer, m_lastEventId;
    SseEvent m_event;
    std::optional<std::chrono::milliseconds> m_retry;
    bool m_hasData = false, m_sawCr = false, m_started = false, m_failed = false;
};

} // namespace godwit::protocol
