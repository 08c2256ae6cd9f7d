// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QDateTime>

#include <chrono>
#include <optional>

namespace godwit {

/// Monotonic time: for durations, deadlines and timers. Never goes over the wire.
using TimePoint = std::chrono::steady_clock::time_point;
/// Time of day in UTC, milliseconds: what is stored and shown.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Where time comes from. Given to whatever decides by time, so that a test can move it.
class Clock
{
public:
    virtual ~Clock() = default;
    virtual TimePoint now() const { return std::chrono::steady_clock::now(); }
    virtual Timestamp timestamp() const
    {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }

    /// The real one; lives as long as the process.
    static const Clock &system();
};

/// A clock that stands until it is moved.
class ManualClock final : public Clock
{
public:
    TimePoint now() const override { return m_now; }
    Timestamp timestamp() const override { return m_timestamp; }
    void advance(std::chrono::milliseconds by)
    {
        m_now += by;
        m_timestamp += by;
    }

private:
    TimePoint m_now{ std::chrono::hours(1) };
    Timestamp m_timestamp{ std::chrono::hours(24 * 365 * 50) };
};

/// RFC 3339 in UTC with milliseconds: `2026-11-22T17:00:00.123Z`.
QString toRfc3339(Timestamp time);
/// The same as bytes, written without an allocation beyond the result.
QByteArray toRfc3339Bytes(Timestamp time);
/// Nothing if @p text is not a date and time with a zone.
std::optional<Timestamp> fromRfc3339(const QString &text);

} // namespace godwit
