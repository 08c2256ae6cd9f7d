// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/migrations.h"
#include "server/search/service.h"

#include <QCoroTask>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>

namespace godwit::search {

using Source = ResultCache::Source;

struct Outcome
{
    std::optional<Service::Answer> answer{};
    std::optional<Error> error{};
};

/// QCoro::waitFor() does not come back from what throws.
inline QCoro::Task<Outcome> outcomeOf(QCoro::Task<Service::Answer> search)
{
    Outcome outcome;
    try {
        outcome.answer = co_await std::move(search);
    } catch (const Error &error) {
        outcome.error = error;
    }
    co_return outcome;
}

struct TestService
{
    explicit TestService(Service::Options options = {}, const Clock &clock = Clock::system())
        : pool(db::Options{ .file = dir.filePath(QStringLiteral("test.db")) }),
          service((db::migrate(pool), pool), options, clock)
    {
    }
    Service::Answer search(const Query &query, const async::Context &context = {})
    {
        const Outcome outcome = QCoro::waitFor(outcomeOf(service.search(context, query)));
        return outcome.answer ? *outcome.answer : throw *outcome.error;
    }
    QList<protocol::SearchHit> hits(const Query &query)
    {
        QList<protocol::SearchHit> hits;
        const auto array = QJsonDocument::fromJson(search(query).found->json).array();
        for (const auto &hit : array)
            hits.append(protocol::SearchHit::fromJson(hit.toObject()).value());
        return hits;
    }
    Source source(const Query &query) { return search(query).source; }
    qint64 add(const QString &title, const QString &body)
    {
        return service.createDocument({}, { .title = title, .body = body }).result().id;
    }
    QList<qint64> ids(const QString &text, int limit = 10)
    {
        QList<qint64> result;
        for (const auto &hit : hits({ .text = text, .limit = limit }))
            result.append(hit.id);
        return result;
    }

    QTemporaryDir dir;
    db::Pool pool;
    Service service;
};

/// One statement that writes.
inline void write(db::Pool &pool, const QString &sql, const QVariantList &values = {})
{
    pool.write({}, [=](db::Connection &c) { c.execute(sql, values); }).future().waitForFinished();
}

/// As chat::store does it.
inline void post(db::Pool &pool, const QString &user, const QString &text,
                 const QString &room = QStringLiteral("lobby"))
{
    pool.write({},
               [=](db::Connection &c) {
                   c.execute(u"INSERT INTO chat_rooms (name, last_offset, last_message_at) VALUES (?, 1, 1) "
                             "ON CONFLICT (name) DO UPDATE SET last_offset = last_offset + 1",
                             { room });
                   c.execute(u"INSERT INTO chat_messages (room_id, room_offset, user_name, message, created_at) "
                             "SELECT id, last_offset, ?, ?, 1 FROM chat_rooms WHERE name = ?",
                             { user, text, room });
               })
        .future()
        .waitForFinished();
}

} // namespace godwit::search
