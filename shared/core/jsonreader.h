// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QVarLengthArray>

#include <optional>

namespace godwit {

/// Reads the members of a JSON object into plain values and keeps the first thing that was wrong, with its member's
/// name.
///
///     JsonReader reader(json);
///     NewTask task{.kind = reader.string("kind"_L1)};
///     if (task.kind.isEmpty())
///         reader.fail("kind"_L1, u"must not be empty"_s);
///     return reader.finish(std::move(task));
class JsonReader
{
public:
    explicit JsonReader(const QJsonObject &object) : m_object(object) { }

    QString string(QLatin1StringView name);
    QString string(QLatin1StringView name, const QString &fallback);
    /// string(), of what is to be stored and shown: neither NUL nor half of a surrogate pair, of which a database would
    /// keep something else.
    QString text(QLatin1StringView name);
    qint64 integer(QLatin1StringView name, std::optional<qint64> fallback = {});
    double number(QLatin1StringView name, std::optional<double> fallback = {});
    bool boolean(QLatin1StringView name, std::optional<bool> fallback = {});
    QJsonObject object(QLatin1StringView name, std::optional<QJsonObject> fallback = {});
    QJsonArray array(QLatin1StringView name, std::optional<QJsonArray> fallback = {});
    bool has(QLatin1StringView name);
    bool isGiven(QLatin1StringView name); ///< it is there, and not null

    /// Only the first failure counts. The message becomes `"<name>" <what>`.
    void fail(QLatin1StringView name, const QString &what);

    /// @p value, or Error::FailedValidation.
    template<class T>
    Result<T> finish(T value)
    {
        if (m_error)
            return Failure(*m_error);
        return value;
    }
    /// The same for the body of a request, in which only what was asked for may stand: a member that is not known may
    /// be one that was meant to be something else, and what it says would be left out without a word.
    template<class T>
    Result<T> finishBody(T value)
    {
        failUnknown();
        return finish(std::move(value));
    }

private:
    void failUnknown();

    template<class T, class Is, class Get>
    T take(QLatin1StringView name, const std::optional<T> &fallback, const QString &expected, Is is, Get get);

    QJsonObject m_object;
    std::optional<Error> m_error;
    QVarLengthArray<QLatin1StringView, 16> m_asked; // for
};

/// An object, or Error::InvalidArgument that names the place of the fault.
Result<QJsonObject> parseJsonObject(QByteArrayView bytes);

} // namespace godwit
