// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/log/topic.h"

#include <QCoroTask>

namespace godwit::log {

class EventLog;

namespace detail {
struct LogState;
}

/// What a write job appends; collected, and published after its commit.
class Appender
{
public:
    struct Appended
    {
        Position position{};
        bool isRepeated = false; ///< it was appended before, under the same client and client id
    };

    /// In the job that it was given to.
    Appended append(NewEvent event)
    {
        return append(std::move(event), [](const NewEvent &given, const Position &, Timestamp) { return given.data; });
    }
    /// The event's data is what @p write returns, which is told where and when it stands: for rows that know their
    /// offset, and data that knows of the rows. Not called for what was appended before.
    using Write = std::function<QByteArray(const NewEvent &event, const Position &position, Timestamp at)>;
    Appended append(NewEvent event, const Write &write);
    /// Where the same client's event of the same id stands, for whoever must not write other rows twice either.
    std::optional<Position> sent(const NewEvent &event) { return store::sent(m_connection, event); }

private:
    friend class EventLog;
    struct Published
    {
        QString topic;
        EventPointer event;
    };
    using Collected = std::vector<Published>;
    friend struct detail::LogState;
    Appender(detail::LogState &log, db::Connection &connection, Collected &collected)
        : m_log(log),
          m_connection(connection),
          m_collected(collected)
    {
    }

    detail::LogState &m_log;
    db::Connection &m_connection;
    Collected &m_collected;
};

/// Topics (`tasks`, `room:NAME`), each an append-only sequence with dense offsets from 1 and an epoch, durable in the
/// database. What is told is on the disk. A front: all functions from any thread. One process appends to a database.
///
/// What other parts put into the outbox (table `log_outbox`), by triggers, is appended by the transaction that put it
/// there.
///
/// A topic is in memory while somebody holds it (open()), and a while longer; without, its events are in the database
/// alone.
class EventLog
{
public:
    /// Both must outlive this; the clock also the pool.
    explicit EventLog(db::Pool &pool, Options options = {}, const Clock &clock = Clock::system());

    /// Runs @p work (`T work(db::Connection &, Appender &)`, T not void) as Pool::write() does: a feature's own rows
    /// and its events are one transaction. Events are published after its commit, in the order of their offsets, and
    /// before the result arrives.
    template<class Work>
    auto write(async::Context context, Work work)
        -> async::OneShot<std::invoke_result_t<Work &, db::Connection &, Appender &>>
    {
        using T = std::invoke_result_t<Work &, db::Connection &, Appender &>;
        static_assert(!std::is_void_v<T>, "somebody waits for it: say what came of it");
        auto collected = std::make_shared<Appender::Collected>(); // shared by the work and by what follows it
        return m_pool.write(
            std::move(context),
            [log = d, collected, work = std::move(work)](db::Connection &connection) mutable {
                Appender appender(*log, connection, *collected);
                return work(connection, appender);
            },
            [log = d, collected](const T &) { publish(log, *collected); });
    }

    /// Appends one event, alone.
    async::OneShot<Appender::Appended> append(async::Context context, NewEvent event);

    /// Takes a topic into memory. Whoever reads it holds it for as long.
    async::OneShot<std::shared_ptr<Topic>> open(async::Context context, QString name);

    /// Where a reader begins.
    struct Start
    {
        TopicState state{}; ///< where the topic stands, at the beginning
        bool isRecovered = true; ///< else what was asked for is gone: it goes on from the oldest there is
    };
    struct Reader
    {
        /// First; and again, not recovered, if the log is trimmed faster than it is read.
        std::function<void(const Start &)> begin;
        /// What was there already, in order. False: it has enough, and nothing more is called.
        std::function<bool(const QList<EventPointer> &)> take;
        /// Awaited before each page: until there is room for it. May fail: so does follow() then. None: no waiting.
        std::function<async::OneShot<void>()> room{};
        /// Joins what a listener of the topic feeds; under the topic's lock, short. take() gets what came before, at
        /// once after it.
        std::function<void()> join;
    };
    /// Gives @p reader, in the calling thread, all that is behind @p from (nothing: live events alone), without a hole
    /// and nothing twice. Ends when it has joined, or has enough; throws as Pool::readRetrying() does.
    QCoro::Task<> follow(async::Context context, std::shared_ptr<Topic> topic, std::optional<Position> from,
                         Reader reader);

    /// A page from the database: at most @p limit after @p after, and no more than a page's bytes.
    async::OneShot<QList<EventPointer>> events(async::Context context, QString topic, Position after, int limit);

    /// Takes over what other programs have left in the outbox since the last time. Blocks; at the start.
    void start();

    /// Forgets what is beyond the options: on the writer, in rounds. By itself after some events.
    void trim();

    const Options &options() const;
    /// Those in memory.
    std::vector<std::shared_ptr<Topic>> topics() const;

private:
    static int takeOver(detail::LogState &log, db::Connection &connection, Appender::Collected &collected);
    static void publish(const std::shared_ptr<detail::LogState> &log, const Appender::Collected &events);
    static void trim(const std::shared_ptr<detail::LogState> &log);

    db::Pool &m_pool;
    const std::shared_ptr<detail::LogState> d; // shared with the jobs under way, which may end after this
};

} // namespace godwit::log
