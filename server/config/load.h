// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/config.h"
#include "shared/core/result.h"

#include <QMap>
#include <QProcessEnvironment>

namespace godwit::config {

/// Where values come from, the weakest first: defaults, the file, the environment, the arguments.
struct Sources
{
    /// Must exist if it is given; without, the first of standardFiles() that exists, or none.
    QString file;
    QProcessEnvironment environment;
    QMap<QString, QStringList> arguments; ///< values by key path: `server.listen`
    bool allowsFaults = false; ///< `[faults]` may be set
};

struct Loaded
{
    Config config;
    QString file; ///< that was read; empty: none
    QStringList warnings; ///< such as a variable GODWIT_... that is no key
};

/// The whole configuration, or Error::InvalidArgument whose message names all that is wrong, a line each: file, line
/// and key (or variable, or argument), and what was expected.
Result<Loaded> load(const Sources &sources);

/// `$XDG_CONFIG_HOME/godwit/godwit.toml`, then `/etc/godwit/godwit.toml`.
QStringList standardFiles(const QProcessEnvironment &environment);

/// godwit.toml.example: every key with its help, what it may be, its variable and, commented out, its default.
QByteArray exampleFile();
/// The keys with their defaults, for `--help`.
QString keysHelp();

} // namespace godwit::config
