// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QBasicTimer>
#include <QObject>

#include <chrono>
#include <vector>

namespace godwit::http {

class EventStream;

/// Keeps the event streams of one thread alive: a comment to each every 15 s, from one timer. Without it proxies close
/// a quiet connection, and a client that has vanished without a word is never noticed.
class Heartbeat final : public QObject
{
public:
    static constexpr std::chrono::seconds interval{ 15 };

    static Heartbeat &ofThisThread();

    void add(EventStream &stream);
    void remove(EventStream &stream);
    /// Says the comment to each stream; what the timer calls.
    void beat();
    bool isRunning() const { return m_timer.isActive(); }

protected:
    void timerEvent(QTimerEvent *event) override;

private:
    std::vector<EventStream *> m_streams;
    QBasicTimer m_timer; // runs only while there are streams
};

} // namespace godwit::http
