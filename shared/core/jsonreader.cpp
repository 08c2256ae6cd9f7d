// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/jsonreader.h"

#include <QJsonDocument>

#include <cmath>

using namespace Qt::StringLiterals;

namespace godwit {

void JsonReader::fail(QLatin1StringView name, const QString &what)
{
    if (!m_error)
        m_error = Error(Error::Code::FailedValidation,
                        u"\""_s + name + (what.startsWith(u':') || what.startsWith(u'[') ? u"\""_s : u"\" "_s) + what);
}

bool JsonReader::has(QLatin1StringView name)
{
    m_asked.append(name);
    return m_object.contains(name);
}

bool JsonReader::isGiven(QLatin1StringView name)
{
    return has(name) && !m_object.value(name).isNull();
}

void JsonReader::failUnknown()
{
    QStringList known(m_asked.begin(), m_asked.end());
    for (auto member = m_object.constBegin(); member != m_object.constEnd() && !m_error; ++member) {
        if (known.contains(member.key()))
            continue;
        known.removeDuplicates();
        const QString takes = known.isEmpty() ? u"no members"_s : known.join(u", "_s);
        m_error = Error(Error::Code::FailedValidation,
                        u"\"%1\" is not known here, where there may be %2"_s.arg(member.key().left(100), takes));
    }
}

template<class T, class Is, class Get>
T JsonReader::take(QLatin1StringView name, const std::optional<T> &fallback, const QString &expected, Is is, Get get)
{
    m_asked.append(name);
    const QJsonValue value = m_object.value(name);
    if (value.isUndefined()) {
        if (!fallback)
            fail(name, u"is missing: expected "_s + expected);
        return fallback.value_or(T());
    }
    if (!is(value)) {
        fail(name, u"must be "_s + expected);
        return fallback.value_or(T());
    }
    return get(value);
}

QString JsonReader::string(QLatin1StringView name)
{
    return take<QString>(
        name, {}, u"a string"_s, [](const QJsonValue &v) { return v.isString(); },
        [](const QJsonValue &v) { return v.toString(); });
}

QString JsonReader::string(QLatin1StringView name, const QString &fallback)
{
    return take<QString>(
        name, fallback, u"a string"_s, [](const QJsonValue &v) { return v.isString(); },
        [](const QJsonValue &v) { return v.toString(); });
}

QString JsonReader::text(QLatin1StringView name)
{
    QString value = string(name);
    if (value.contains(QChar::Null))
        fail(name, u"must not contain U+0000"_s);
    else if (!value.isValidUtf16())
        fail(name, u"must not contain half of a surrogate pair"_s);
    return value;
}

qint64 JsonReader::integer(QLatin1StringView name, std::optional<qint64> fallback)
{
    // JSON has doubles; beyond 2^53 they no longer tell neighbours apart.
    return take<qint64>(
        name, fallback, u"a whole number"_s,
        [](const QJsonValue &v) {
            return v.isDouble() && std::abs(v.toDouble()) <= 9007199254740992.0
                && std::floor(v.toDouble()) == v.toDouble();
        },
        [](const QJsonValue &v) { return v.toInteger(); });
}

double JsonReader::number(QLatin1StringView name, std::optional<double> fallback)
{
    return take<double>(
        name, fallback, u"a number"_s, [](const QJsonValue &v) { return v.isDouble(); },
        [](const QJsonValue &v) { return v.toDouble(); });
}

bool JsonReader::boolean(QLatin1StringView name, std::optional<bool> fallback)
{
    return take<bool>(
        name, fallback, u"true or false"_s, [](const QJsonValue &v) { return v.isBool(); },
        [](const QJsonValue &v) { return v.toBool(); });
}

QJsonObject JsonReader::object(QLatin1StringView name, std::optional<QJsonObject> fallback)
{
    return take<QJsonObject>(
        name, fallback, u"an object"_s, [](const QJsonValue &v) { return v.isObject(); },
        [](const QJsonValue &v) { return v.toObject(); });
}

QJsonArray JsonReader::array(QLatin1StringView name, std::optional<QJsonArray> fallback)
{
    return take<QJsonArray>(
        name, fallback, u"an array"_s, [](const QJsonValue &v) { return v.isArray(); },
        [](const QJsonValue &v) { return v.toArray(); });
}

Result<QJsonObject> parseJsonObject(QByteArrayView bytes)
{
    QJsonParseError error;
    const auto document = QJsonDocument::fromJson(QByteArray::fromRawData(bytes.data(), bytes.size()), &error);
    if (error.error != QJsonParseError::NoError)
        return failure(Error::Code::InvalidArgument,
                       u"not valid JSON: %1 at byte %2"_s.arg(error.errorString()).arg(error.offset));
    if (!document.isObject())
        return failure(Error::Code::InvalidArgument, u"expected a JSON object"_s);
    return document.object();
}

} // namespace godwit
