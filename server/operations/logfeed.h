// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/eventhub.h"
#include "shared/core/clock.h"

#include <QByteArray>
#include <QString>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <tuple>

namespace godwit::http {
class EventStream;
}

namespace godwit::operations {

/// In the order of their weight.
enum class LogLevel { Debug, Info, Warning, Error };

/// A line of the log, in its parts.
struct LogLine
{
    Timestamp time{};
    LogLevel level = LogLevel::Info;
    QString category, message;
    QString requestId{}; ///< of the request in work, where it is known
};

/// Which lines one wants to see.
struct LogFilter
{
    LogLevel least = LogLevel::Info;
    QString category{}; ///< empty: all; else it and those below: `godwit.http` and `godwit.http.pipeline`
    QString requestId{}; ///< empty: all

    bool admits(const LogLine &line) const;
    friend bool operator<(const LogFilter &a, const LogFilter &b)
    {
        return std::tie(a.least, a.category, a.requestId) < std::tie(b.least, b.category, b.requestId);
    }
};

/// The lines of GET /api/logs/stream, and the last of them. Fed from any thread, by whatever logs; behind a lock that
/// is held for one line. A line is encoded once for all who listen. What logs within here is not fed again.
///
/// A client that reads slower than lines come loses some, and is told how many (`event: gap`).
class LogFeed
{
public:
    /// @param kept lines for those who come.
    explicit LogFeed(size_t kept = 2'000) : m_kept(kept) { }

    void add(const LogLine &line);

    /// On the stream's reactor. What came after @p lastEventId (`epoch:number`), or without one the last @p tail lines
    /// that the filter admits, then all that follow. Where lines are gone, or are of another run, it says so first:
    /// `event: gap` with `{recovered: false, oldest}`.
    void subscribe(const std::shared_ptr<http::EventStream> &stream, const LogFilter &filter, int tail,
                   QByteArrayView lastEventId);

private:
    struct Kept
    {
        qint64 number;
        LogLine line;
        QByteArray event; ///< as it goes over the wire
    };
    QByteArray idOf(qint64 number) const { return m_epoch + ':' + QByteArray::number(number); }
    void recover(http::EventStream &stream, const LogFilter &filter, QByteArrayView lastEventId) const;
    static QByteArray makeEpoch();

    const size_t m_kept;
    const QByteArray m_epoch = makeEpoch();
    std::mutex m_mutex; // guards all below
    std::deque<Kept> m_recent;
    qint64 m_last = 0;
    std::map<LogFilter, std::unique_ptr<http::EventHub>> m_hubs; // those that somebody listens with
};

} // namespace godwit::operations
