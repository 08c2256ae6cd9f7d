// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>
#include <optional>

/// When the clients of a server that restarts are to come back: each at a time of its own, so that thousands of them do
/// not come back in step. Event streams are told by their `retry:` field, WebSockets by the reason of close code 1001,
/// requests by `Retry-After`.
namespace godwit::protocol {

constexpr std::chrono::milliseconds earliestComeBack{ 500 }, latestComeBack{ 3'000 };

/// A random one between those two, in whole hundredths of a second. Any thread.
std::chrono::milliseconds comeBackTime();
/// The same for a header that has whole seconds: 1 to 3 s.
std::chrono::seconds comeBackSeconds();

/// For a close frame: `restarting; come back in 1.73 s`.
QString comeBackReason(std::chrono::milliseconds time);
/// What such a reason says, a minute at most; nothing where it is another reason.
std::optional<std::chrono::milliseconds> comeBackTimeOf(QStringView reason);

} // namespace godwit::protocol
