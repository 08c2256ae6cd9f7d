// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <functional>

namespace godwit::http {

/// A body that is made while it is sent: a file, rows of a query, events. Pulled by the channel as fast as the client
/// reads, so memory stays bounded: that is the back-pressure. Lives and is called on the connection's reactor;
/// destroyed as soon as it has ended or the client has left.
class Body
{
public:
    enum class State {
        More, ///< there is more at once
        Wait, ///< nothing now: wake() follows
        End, ///< that was all
        Failed, ///< there was to be more: the connection is cut, so that nobody takes the part for the whole
    };

    virtual ~Body() = default;

    /// Appends about @p budget bytes, or less, to @p out (which may hold something already). Must not throw.
    virtual State read(QByteArray &out, qsizetype budget) = 0;

    /// Total size in bytes if it is known (then `Content-Length` in place of chunks), else -1.
    virtual qint64 size() const { return -1; }

    /// Whether the body may go on for ever and is to be asked to end when the server drains (SSE).
    virtual bool isEndless() const { return false; }
    /// The server drains: end soon. Called on the reactor.
    virtual void drain() { }

    /// Set by the channel before the first read().
    void setWaker(std::function<void()> waker) { m_waker = std::move(waker); }

protected:
    /// After a Wait: there is something to read. On the reactor; cheap to call often (once a loop turn counts).
    void wake()
    {
        if (m_waker)
            m_waker();
    }

private:
    std::function<void()> m_waker;
};

} // namespace godwit::http
