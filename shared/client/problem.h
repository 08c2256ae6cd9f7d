// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/error.h"

#include <QNetworkReply>

#include <chrono>

namespace godwit::client {

/// The error that a failed reply stands for: the `detail` or `title` of a problem+json @p body, else the status line,
/// else what the network said. Its text is fit to be shown; its decider says who refused, and when to come back.
Error errorOf(const QNetworkReply &reply, QByteArrayView body);

/// Zero without a status (no answer came).
int statusOf(const QNetworkReply &reply);

/// `Retry-After` in seconds; zero without one.
std::chrono::milliseconds retryAfter(const QNetworkReply &reply);

} // namespace godwit::client
