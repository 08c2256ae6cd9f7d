// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <utility>

namespace godwit::async {

/// For whose request the calling thread works at the moment, so that a log line can say it. Set by whoever begins to
/// work for one: the pipeline, the pools, and the mailbox that resumes a coroutine. One pointer of the thread.
class CurrentRequest
{
public:
    /// Its id; null outside of a request.
    static QByteArray id() { return s_id ? *s_id : QByteArray(); }

    /// @p id must outlive it.
    explicit CurrentRequest(const QByteArray &id) : m_outer(std::exchange(s_id, &id)) { }
    CurrentRequest(const CurrentRequest &) = delete;
    CurrentRequest &operator=(const CurrentRequest &) = delete;
    ~CurrentRequest() { s_id = m_outer; }

private:
    static inline constinit thread_local const QByteArray *s_id = nullptr;
    const QByteArray *const m_outer;
};

} // namespace godwit::async
