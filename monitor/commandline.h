// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/widgets/theme.h"
#include "shared/core/result.h"

#include <QSize>
#include <QStringList>
#include <QUrl>

#include <chrono>
#include <optional>

namespace godwit {

/// What `godwit-monitor` was asked for.
struct CommandLine
{
    std::optional<QUrl> server; ///< the one of last time if empty
    QString tokenFile; ///< readable; empty: none
    QString page;
    std::optional<widgets::Theme::Scheme> scheme;
    std::optional<QSize> size;
    QString screenshot; ///< a file to write; empty: none
    std::chrono::milliseconds after{ 3000 }; ///< when the picture is taken
    QString help; ///< to print and go; empty: to run

    /// @param arguments with the program's name first. InvalidArgument names the option and what was expected.
    static Result<CommandLine> parse(const QStringList &arguments);
};

} // namespace godwit
