// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

/// Topics of the event log, for those who append to them and those who read.
namespace godwit::protocol::topics {

inline constexpr char16_t tasks[] = u"tasks"; ///< tasks that are queued, begin, go on and end
inline constexpr char16_t alerts[] = u"alerts"; ///< that fire and are resolved
inline constexpr char16_t users[] = u"users"; ///< that are created, changed and removed
inline constexpr char16_t files[] = u"files"; ///< that have arrived and are removed

/// @p name as normalizedName() makes it.
inline QString ofRoom(const QString &name)
{
    return QStringLiteral("room:") + name;
}

} // namespace godwit::protocol::topics
