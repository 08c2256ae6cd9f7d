// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QByteArrayView>
#include <QString>

#include <chrono>
#include <limits>
#include <optional>

namespace godwit::http {

/// Decodes `%41` and, in queries, `+`. Error::InvalidArgument on a broken escape, on NUL, and on what is not UTF-8.
Result<QString> percentDecode(QByteArrayView text, bool plusIsSpace);

/// Reads the parameters of a query into plain values; keeps the first thing that was wrong, with the parameter's name.
/// A parameter that stands twice counts once: the first.
class QueryReader
{
public:
    explicit QueryReader(QByteArrayView query) : m_query(query) { }

    std::optional<QString> optionalString(QLatin1StringView name);
    QString string(QLatin1StringView name, const QString &fallback = {});
    /// Fails outside [least, most].
    qint64 integer(QLatin1StringView name, qint64 fallback, qint64 least = std::numeric_limits<qint64>::min(),
                   qint64 most = std::numeric_limits<qint64>::max());
    double number(QLatin1StringView name, double fallback, double least, double most);
    bool has(QLatin1StringView name);

    void fail(QLatin1StringView name, const QString &what);

    /// @p value, or Error::InvalidArgument.
    template<class T>
    Result<T> finish(T value)
    {
        if (m_error)
            return Failure(*m_error);
        return value;
    }

private:
    QByteArrayView m_query;
    std::optional<Error> m_error;
};

} // namespace godwit::http
