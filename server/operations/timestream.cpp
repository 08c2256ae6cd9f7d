// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/timestream.h"

#include "server/http/eventstream.h"
#include "shared/protocol/sse.h"

#include <QTimer>

namespace godwit::operations {

namespace {

class TimeSource final : public QObject
{
public:
    TimeSource(const Clock &clock, const std::shared_ptr<http::EventStream> &stream, qint64 firstId)
        : m_clock(clock),
          m_stream(stream),
          m_nextId(firstId)
    {
        connect(&m_timer, &QTimer::timeout, this, &TimeSource::tell);
        // Later: the stream may die within tell(), when the last reference to it is ours.
        stream->onClosed([this] {
            m_timer.stop();
            deleteLater();
        });
    }

    void start(std::chrono::milliseconds interval)
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.start(interval);
        tell();
    }

private:
    void tell()
    {
        const auto stream = m_stream.lock();
        if (!stream)
            return;
        if (stream->isFinished()) {
            m_timer.stop();
            return;
        }
        stream->push(protocol::encodeSse({ .event = {},
                                           .data = "Current time: " + toRfc3339Bytes(m_clock.timestamp()),
                                           .id = QByteArray::number(m_nextId++),
                                           .retry = {} }));
    }

    const Clock &m_clock;
    const std::weak_ptr<http::EventStream> m_stream; // owned by its connection
    qint64 m_nextId;
    QTimer m_timer;
};

} // namespace

std::shared_ptr<http::EventStream> makeTimeStream(const Clock &clock, std::chrono::milliseconds interval,
                                                  qint64 firstId)
{
    // Shared by its connection and, while it speaks, by its source.
    auto stream
        = std::make_shared<http::EventStream>(http::EventStream::Options{ .policy = http::SlowConsumer::KeepNewest });
    (new TimeSource(clock, stream, firstId))->start(interval); // ends with the stream
    return stream;
}

} // namespace godwit::operations
