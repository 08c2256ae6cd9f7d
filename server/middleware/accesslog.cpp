// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/middleware/accesslog.h"

#include "shared/core/clock.h"

#include <QJsonDocument>

#include <cstdio>

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

/// A value that has nothing in it which ends a field; `-` for none.
QByteArray field(const QByteArray &value)
{
    return value.isEmpty() ? "-"_ba : value;
}

QByteArray toText(const Entry &entry)
{
    return "time=" + entry.time + " id=" + field(entry.id) + " client=" + field(entry.client)
        + " method=" + entry.method + " path=" + entry.path + " route=" + field(entry.route) + " status="
        + QByteArray::number(entry.status) + " bytes=" + (entry.bytes < 0 ? "-"_ba : QByteArray::number(entry.bytes))
        + " ms=" + QByteArray::number(entry.milliseconds, 'f', 3);
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
    const Entry entry = entryOf(exchange, response);
    m_sink(m_format == Format::Json ? toJson(entry) : toText(entry));
}

} // namespace godwit::middleware
