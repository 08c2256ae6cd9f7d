// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/accesslog.h"

#include "shared/core/clock.h"

#include <QJsonDocument>

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

using namespace Qt::StringLiterals;

namespace godwit::middleware {

namespace {

void writeToStandardError(const QByteArray &line)
{
    // One call, so that lines of several threads do not mix.
    const QByteArray whole = line + '\n';
    std::fwrite(whole.constData(), 1, size_t(whole.size()), stderr);
}

/// The size of the content, or -1 where it is not known yet (a stream).
qint64 contentBytes(const http::Response &response)
{
    return response.body() ? response.body()->size() : response.content().size();
}

struct Entry
{
    QByteArray time, id, client, method, path, route;
    int status = 0;
    qint64 bytes = 0;
    double milliseconds = 0;
};

Entry entryOf(const http::Exchange &exchange, const http::Response &response)
{
    using Milliseconds = std::chrono::duration<double, std::milli>;
    return {
        .time = toRfc3339Bytes(Clock::system().timestamp()),
        .id = exchange.requestId,
        .client = exchange.request.clientAddress().toString().toLatin1(),
        .method = exchange.request.methodName().toByteArray(),
        .path = exchange.request.path().toByteArray(),
        .route = exchange.route ? exchange.route->pattern : QByteArray(),
        .status = int(response.status()),
        .bytes = contentBytes(response),
        .milliseconds = Milliseconds(std::chrono::steady_clock::now() - exchange.startedAt).count(),
    };
}

void append(QByteArray &line, qint64 number)
{
    std::array<char, std::numeric_limits<qint64>::digits10 + 2> digits; // filled by to_chars
    const char *const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    line.append(digits.data(), end - digits.data());
}

/// A value that has nothing in it which ends a field; `-` for none.
void append(QByteArray &line, QByteArrayView value)
{
    line.append(value.isEmpty() ? QByteArrayView("-") : value);
}

void append(QByteArray &line, const QHostAddress &address)
{
    if (address.protocol() != QAbstractSocket::IPv4Protocol) {
        append(line, QByteArrayView(address.toString().toLatin1()));
        return;
    }
    const quint32 number = address.toIPv4Address();
    for (int shift = 24; shift >= 0; shift -= 8) {
        append(line, qint64((number >> shift) & 0xff));
        if (shift > 0)
            line.append('.');
    }
}

void appendMilliseconds(QByteArray &line, std::chrono::microseconds time)
{
    constexpr int places = 3;
    append(line, qint64(time.count() / 1000));
    const QByteArray rest = QByteArray::number(time.count() % 1000);
    line.append('.').append(places - rest.size(), '0').append(rest);
}

/// Straight into one buffer: it is written for each request.
QByteArray textOf(const http::Exchange &exchange, const http::Response &response)
{
    constexpr qsizetype usual = 256;
    QByteArray line;
    line.reserve(usual);
    line.append("time=").append(toRfc3339Bytes(Clock::system().timestamp())).append(" id=");
    append(line, QByteArrayView(exchange.requestId));
    append(line.append(" client="), exchange.request.clientAddress());
    append(line.append(" method="), exchange.request.methodName());
    append(line.append(" path="), exchange.request.path());
    append(line.append(" route="), exchange.route ? QByteArrayView(exchange.route->pattern) : QByteArrayView());
    append(line.append(" status="), qint64(response.status()));
    line.append(" bytes=");
    if (const qint64 bytes = contentBytes(response); bytes >= 0)
        append(line, bytes);
    else
        line.append('-');
    appendMilliseconds(
        line.append(" ms="),
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - exchange.startedAt));
    return line;
}

QByteArray toJson(const Entry &entry)
{
    const auto text = [](const QByteArray &value) {
        return value.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(QString::fromUtf8(value));
    };
    const QJsonObject json{
        { u"time"_s, text(entry.time) },
        { u"id"_s, text(entry.id) },
        { u"client"_s, text(entry.client) },
        { u"method"_s, text(entry.method) },
        { u"path"_s, text(entry.path) },
        { u"route"_s, text(entry.route) },
        { u"status"_s, entry.status },
        { u"bytes"_s, entry.bytes < 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(entry.bytes) },
        { u"ms"_s, entry.milliseconds },
    };
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

} // namespace

AccessLog::AccessLog(Format format, Sink sink)
    : m_format(format),
      m_sink(sink ? std::move(sink) : Sink(writeToStandardError))
{
}

void AccessLog::after(http::Exchange &exchange, http::Response &response)
{
    m_sink(m_format == Format::Json ? toJson(entryOf(exchange, response)) : textOf(exchange, response));
}

} // namespace godwit::middleware
