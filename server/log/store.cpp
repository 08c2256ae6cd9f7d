// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/store.h"

#include "shared/core/ids.h"

namespace godwit::log::store {

using namespace Qt::StringLiterals;

namespace {

/// Events that one round forgets at most: others wait for the writer meanwhile.
constexpr int trimBatch = 500;

qint64 toNumber(Timestamp time)
{
    return time.time_since_epoch().count();
}

/// Forgets a topic's events up to and with @p last.
void forget(db::Connection &connection, qint64 topic, qint64 last)
{
    connection.execute(u"DELETE FROM log_events WHERE topic_id = ? AND event_offset <= ?", { topic, last });
    connection.execute(u"UPDATE log_topics SET first_offset = ? WHERE id = ? AND first_offset <= ?",
                       { last + 1, topic, last });
}

struct Cut
{
    qint64 topic, last, count;
};

QList<Cut> cutsOf(QSqlQuery &query)
{
    QList<Cut> cuts;
    while (query.next())
        cuts.append({ query.value(0).toLongLong(), query.value(1).toLongLong(), query.value(2).toLongLong() });
    return cuts;
}

} // namespace

std::optional<TopicState> stateOf(db::Connection &connection, const QString &topic)
{
    QSqlQuery &query
        = connection.execute(u"SELECT epoch, last_offset, first_offset FROM log_topics WHERE name = ?", { topic });
    if (!query.next())
        return {};
    TopicState state{ .last = { query.value(0).toByteArray(), query.value(1).toLongLong() },
                      .oldest = query.value(2).toLongLong() };
    query.finish();
    return state;
}

std::optional<Position> sent(db::Connection &connection, const NewEvent &event)
{
    if (event.clientId.isEmpty())
        return {};
    QSqlQuery &query = connection.execute(u"SELECT t.epoch, s.event_offset FROM log_sends s "
                                          "JOIN log_topics t ON t.id = s.topic_id "
                                          "WHERE t.name = ? AND s.client = ? AND s.client_id = ?",
                                          { event.topic, event.client, event.clientId });
    if (!query.next())
        return {};
    Position position{ query.value(0).toByteArray(), query.value(1).toLongLong() };
    query.finish();
    return position;
}

Place take(db::Connection &connection, const QString &topic, const QByteArray &epoch)
{
    // RETURNING statements are finished at once: one that is still open stops the COMMIT.
    QSqlQuery &query
        = connection.execute(u"INSERT INTO log_topics (name, epoch, first_offset, last_offset) VALUES (?, ?, 1, 1) "
                             "ON CONFLICT (name) DO UPDATE SET last_offset = log_topics.last_offset + 1 "
                             "RETURNING id, epoch, last_offset",
                             { topic, QString::fromLatin1(epoch) });
    query.next();
    Place place{ .topic = query.value(0).toLongLong(),
                 .position = { query.value(1).toByteArray(), query.value(2).toLongLong() } };
    query.finish();
    return place;
}

void put(db::Connection &connection, const Place &place, const NewEvent &event, Timestamp now)
{
    connection.execute(u"INSERT INTO log_events (topic_id, event_offset, created_at, data) VALUES (?, ?, ?, ?)",
                       { place.topic, place.position.offset, toNumber(now), QString::fromUtf8(event.data) });
    if (event.clientId.isEmpty())
        return;
    connection.execute(u"INSERT INTO log_sends (topic_id, client, client_id, event_offset, created_at) "
                       "VALUES (?, ?, ?, ?, ?)",
                       { place.topic, event.client, event.clientId, place.position.offset, toNumber(now) });
}

QList<EventPointer> events(db::Connection &connection, const QString &topic, const Position &after, int limit,
                           qint64 bytesLimit)
{
    QSqlQuery &query = connection.execute(u"SELECT e.event_offset, e.created_at, e.data FROM log_events e "
                                          "JOIN log_topics t ON t.id = e.topic_id "
                                          "WHERE t.name = ? AND t.epoch = ? AND e.event_offset > ? "
                                          "ORDER BY e.event_offset LIMIT ?",
                                          { topic, QString::fromLatin1(after.epoch), after.offset, limit });
    QList<EventPointer> events;
    for (qint64 bytes = 0; bytes < bytesLimit && query.next(); bytes += events.constLast()->data.size()) {
        const qint64 offset = query.value(0).toLongLong();
        if (offset != after.offset + 1 + events.size())
            break; // trimmed since: the reader finds it out by where the topic stands
        events.append(std::make_shared<const Event>(
            Event{ .position = { after.epoch, offset },
                   .at = Timestamp(std::chrono::milliseconds(query.value(1).toLongLong())),
                   .data = query.value(2).toString().toUtf8() }));
    }
    query.finish();
    return events;
}

QList<NewEvent> takeOutbox(db::Connection &connection)
{
    QSqlQuery &query = connection.execute(u"SELECT id, topic, data FROM log_outbox ORDER BY id", {});
    QList<NewEvent> events;
    qint64 last = 0;
    while (query.next()) {
        last = query.value(0).toLongLong();
        events.append({ .topic = query.value(1).toString(), .data = query.value(2).toString().toUtf8() });
    }
    if (!events.isEmpty())
        connection.execute(u"DELETE FROM log_outbox WHERE id <= ?", { last });
    return events;
}

void beginNewEpochs(db::Connection &connection)
{
    QSqlQuery &query = connection.execute(u"SELECT id FROM log_topics", {});
    QList<qint64> topics;
    while (query.next())
        topics.append(query.value(0).toLongLong());
    for (const qint64 topic : std::as_const(topics))
        connection.execute(u"UPDATE log_topics SET epoch = ? WHERE id = ?",
                           { QString::fromLatin1(makeSecretId()), topic });
}

Trimmed trim(db::Connection &connection, Timestamp before, qint64 maxEvents)
{
    // From the oldest on, so what goes is the beginning of each topic.
    const QList<Cut> old = cutsOf(connection.execute(
        u"SELECT topic_id, max(event_offset), count(*) FROM (SELECT topic_id, event_offset FROM log_events "
        "WHERE created_at < ? ORDER BY created_at LIMIT ?) AS old GROUP BY topic_id",
        { toNumber(before), trimBatch }));
    qint64 forgotten = 0;
    QList<qint64> topics;
    for (const Cut &cut : old) {
        forget(connection, cut.topic, cut.last);
        forgotten += cut.count;
        topics.append(cut.topic);
    }
    bool isAll = forgotten < trimBatch;
    const QList<Cut> full
        = cutsOf(connection.execute(u"SELECT id, last_offset - ?, last_offset - first_offset + 1 - ? FROM log_topics "
                                    "WHERE last_offset - first_offset + 1 > ? ORDER BY id LIMIT ?",
                                    { maxEvents, maxEvents, maxEvents, trimBatch }));
    qint64 room = trimBatch;
    for (const Cut &cut : full) {
        const qint64 count = std::min(cut.count, room);
        isAll = isAll && count == cut.count;
        if (count == 0)
            break;
        forget(connection, cut.topic, cut.last - (cut.count - count));
        room -= count;
        topics.append(cut.topic);
    }
    connection.execute(u"DELETE FROM log_sends WHERE created_at < ? AND created_at <= (SELECT max(created_at) FROM "
                       "(SELECT created_at FROM log_sends ORDER BY created_at LIMIT ?) AS old)",
                       { toNumber(before), trimBatch });
    Trimmed trimmed{ .isAll = isAll };
    for (const qint64 id : std::as_const(topics)) {
        QSqlQuery &query
            = connection.execute(u"SELECT name, epoch, last_offset, first_offset FROM log_topics WHERE id = ?", { id });
        if (query.next())
            trimmed.topics.append({ .name = query.value(0).toString(),
                                    .state = { .last = { query.value(1).toByteArray(), query.value(2).toLongLong() },
                                               .oldest = query.value(3).toLongLong() } });
        query.finish();
    }
    return trimmed;
}

} // namespace godwit::log::store
