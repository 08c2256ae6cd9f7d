// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/config.h"

#include <functional>
#include <vector>

namespace godwit::config {

/// One key of the configuration: the single description that the file, the environment, the arguments, `--help` and
/// godwit.toml.example are made from.
struct Key
{
    enum class Type { Text, Texts, Integer, Boolean, Duration, Size };

    QLatin1StringView section;
    QLatin1StringView name;
    QLatin1StringView help; ///< one sentence with the unit's meaning, what zero means, ...
    Type type = Type::Text;
    QString expected; ///< what a value may be: `a duration from 1s to 1h such as "30s"`

    /// Puts a value into the configuration; false if it is not as expected. All but Texts have exactly one value.
    std::function<bool(Config &, const QStringList &)> set;
    /// The value in the configuration, as TOML.
    std::function<QString(const Config &)> show;

    QString path() const { return section + u'.' + name; } ///< `limits.idle_timeout`
    QString environmentName() const; ///< `GODWIT_LIMITS_IDLE_TIMEOUT`
};

/// In the order of the example file.
const std::vector<Key> &keys();
/// By its path; null if there is none.
const Key *findKey(const QString &path);

/// The candidate that is most like @p word, or nothing if none is near: for "did you mean".
QString nearest(const QString &word, const QStringList &candidates);

} // namespace godwit::config
