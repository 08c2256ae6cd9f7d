// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"
#include "shared/protocol/logposition.h"

#include <QList>

#include <memory>

namespace godwit::log {

using Position = protocol::LogPosition;

/// One event as it is kept and shared by all who read it.
struct Event
{
    Position position{};
    Timestamp at{};
    QByteArray data{}; ///< a JSON object
};
using EventPointer = std::shared_ptr<const Event>; // shared by the ring and by all who read it at the moment

/// What is asked to be appended.
struct NewEvent
{
    QString topic{};
    QByteArray data{}; ///< a JSON object
    /// Who sends it, and what it is called there: the same again is answered with the first result. Empty: never.
    QString client{}, clientId{};
};

/// Where a topic stands.
struct TopicState
{
    Position last{};
    qint64 oldest = 1; ///< of the offsets that can still be read; behind the last one if none can
};

/// The SQL of the log. Each function is a job's work, on a thread of the pool.
namespace store {

/// Nothing for a topic that nothing was ever appended to.
std::optional<TopicState> stateOf(db::Connection &connection, const QString &topic);
/// What was appended under these names before.
std::optional<Position> sent(db::Connection &connection, const NewEvent &event);
/// A place that an event of this transaction takes.
struct Place
{
    qint64 topic = 0;
    Position position{};
};
/// The topic's next one. @p epoch is that of the topic if it is new.
Place take(db::Connection &connection, const QString &topic, const QByteArray &epoch);
/// Puts @p event there.
void put(db::Connection &connection, const Place &place, const NewEvent &event, Timestamp now);
/// In order of their offsets, after @p after, without a hole; none if the epoch is another one. No more once
/// their data has reached @p bytesLimit.
QList<EventPointer> events(db::Connection &connection, const QString &topic, const Position &after, int limit,
                           qint64 bytesLimit);

/// All of the outbox, in order, which is empty then.
QList<NewEvent> takeOutbox(db::Connection &connection);

/// Gives every topic another history, that begins now: after the database was replaced by an older one, what readers
/// know of it is not true any more.
void beginNewEpochs(db::Connection &connection);

/// What a round of trimming has done.
struct Trimmed
{
    struct Topic
    {
        QString name;
        TopicState state;
    };
    QList<Topic> topics{};
    bool isAll = true; ///< else there is more to do
};
/// Forgets, some at a time, what is older than @p before, and of each topic what is beyond @p maxEvents.
Trimmed trim(db::Connection &connection, Timestamp before, qint64 maxEvents);

} // namespace store
} // namespace godwit::log
