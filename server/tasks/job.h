// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/principal.h"

#include <QJsonObject>
#include <QStringList>

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

namespace godwit::tasks {

/// A task at work, as its handler sees it: on a thread where it may block.
class Job
{
public:
    virtual ~Job() = default;

    virtual qint64 id() const = 0;
    virtual const QJsonObject &params() const = 0;
    /// 1 at first; more after a restart or a retry. What was done before may be done again.
    virtual int attempt() const = 0;
    /// Fires when the task is cancelled and when the server drains. A handler that returns or throws soon after is
    /// then cancelled, or queued again for the next start.
    virtual std::stop_token stopToken() const = 0;
    /// As often as one likes: what is told is at most ten times a second.
    virtual void setProgress(double percent, const QString &message) = 0;
    /// A line of the task's log, on disk within seconds and at the latest with the task's end: the last 1,000 lines, of
    /// at most 1,000 characters.
    virtual void log(const QString &text) = 0;
};

/// Does the work and returns the result, of 1 MiB at most. Throws Error to fail the task; its message is shown. What
/// may pass (Unavailable, DeadlineExceeded, ResourceExhausted) is tried again, as often as the task or its kind says.
using Handler = std::function<QJsonObject(Job &)>;

struct KindOptions
{
    int concurrency = 1; ///< how many of the kind run at the same time
    /// Throws Error::FailedValidation for params that are wrong, before the task is accepted. On the submitter's
    /// thread: short.
    std::function<void(const QJsonObject &params)> check = {};
    /// Throws Error::PermissionDenied where more than leastRole is needed for these params. As check.
    std::function<void(const QJsonObject &params, const protocol::Principal &caller)> checkCaller = {};
    /// The names of all params; others are refused, where they are submitted. None: there may be any.
    std::optional<QStringList> params = {};
    protocol::Role leastRole = protocol::Role::Operator; ///< that may submit it
    int maxAttempts = 1; ///< of a task that says nothing else
    std::chrono::milliseconds backoff{ 1'000 }; ///< before the second attempt; doubles with each, up to an hour
    std::chrono::milliseconds timeout{ 0 }; ///< of an attempt, of a task that says nothing else; zero: none
};

} // namespace godwit::tasks
