// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/query.h"

#include "server/http/syntax.h"

#include <QStringDecoder>

#include <cmath>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

Result<QByteArray> decodeBytes(QByteArrayView text, bool plusIsSpace)
{
    QByteArray bytes;
    bytes.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '+' && plusIsSpace) {
            bytes += ' ';
        } else if (c != '%') {
            bytes += c;
        } else {
            const int high = i + 2 < text.size() ? syntax::hexDigit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? syntax::hexDigit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return failure(Error::Code::InvalidArgument, u"has a broken percent-escape"_s);
            bytes += char(high * 16 + low);
            i += 2;
        }
    }
    return bytes;
}

/// The raw value of the first parameter called @p name; a null view if there is none.
QByteArrayView rawValue(QByteArrayView query, QLatin1StringView name)
{
    while (!query.isEmpty()) {
        const qsizetype end = query.indexOf('&');
        const QByteArrayView pair = end < 0 ? query : query.first(end);
        query = end < 0 ? QByteArrayView() : query.sliced(end + 1);
        const qsizetype equals = pair.indexOf('=');
        const QByteArrayView key = equals < 0 ? pair : pair.first(equals);
        const QByteArrayView value = equals < 0 ? pair.last(0) : pair.sliced(equals + 1);
        if (key == QByteArrayView(name))
            return value;
        if (key.contains('%') || key.contains('+')) {
            const auto decoded = decodeBytes(key, true);
            if (decoded && *decoded == QByteArrayView(name))
                return value;
        }
    }
    return {};
}

} // namespace

Result<QString> percentDecode(QByteArrayView text, bool plusIsSpace)
{
    const Result<QByteArray> bytes = decodeBytes(text, plusIsSpace);
    if (!bytes)
        return Failure(bytes.error());
    if (bytes->contains('\0'))
        return failure(Error::Code::InvalidArgument, u"has a NUL"_s);
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString decoded = decoder(*bytes);
    if (decoder.hasError())
        return failure(Error::Code::InvalidArgument, u"is not UTF-8"_s);
    return decoded;
}

void QueryReader::fail(QLatin1StringView name, const QString &what)
{
    if (!m_error)
        m_error = Error(Error::Code::InvalidArgument, u"\""_s + name + u"\" "_s + what);
}

bool QueryReader::has(QLatin1StringView name)
{
    return !rawValue(m_query, name).isNull();
}

std::optional<QString> QueryReader::optionalString(QLatin1StringView name)
{
    const QByteArrayView raw = rawValue(m_query, name);
    if (raw.isNull())
        return std::nullopt;
    auto decoded = percentDecode(raw, true);
    if (!decoded) {
        fail(name, decoded.error().message());
        return std::nullopt;
    }
    return *std::move(decoded);
}

QString QueryReader::string(QLatin1StringView name, const QString &fallback)
{
    return optionalString(name).value_or(fallback);
}

qint64 QueryReader::integer(QLatin1StringView name, qint64 fallback, qint64 least, qint64 most)
{
    const auto text = optionalString(name);
    if (!text)
        return fallback;
    bool isNumber = false;
    const qint64 value = text->toLongLong(&isNumber);
    if (!isNumber) {
        fail(name, u"must be a whole number"_s);
        return fallback;
    }
    if (value < least || value > most) {
        fail(name, u"must be from %1 to %2"_s.arg(least).arg(most));
        return fallback;
    }
    return value;
}

double QueryReader::number(QLatin1StringView name, double fallback, double least, double most)
{
    const auto text = optionalString(name);
    if (!text)
        return fallback;
    bool isNumber = false;
    const double value = text->toDouble(&isNumber);
    if (!isNumber || !std::isfinite(value)) {
        fail(name, u"must be a number"_s);
        return fallback;
    }
    if (value < least || value > most) {
        fail(name, u"must be from %1 to %2"_s.arg(least).arg(most));
        return fallback;
    }
    return value;
}

} // namespace godwit::http
