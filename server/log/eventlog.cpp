// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/eventlog.h"

#include "shared/core/ids.h"

#include <algorithm>
#include <map>

namespace godwit::log {

/// Topics that stay in memory though nobody reads them, those that were used last: who comes back soon is answered
/// from there. By their number, and by the bytes of their rings.
static constexpr size_t restingTopics = 256;
static constexpr qint64 restingBytes = 32 * 1024 * 1024;
/// Events after which the log, and what rests in memory, is trimmed.
static constexpr int trimEvery = 1'000;

namespace detail {

struct LogState
{
    LogState(db::Pool &p, const Options &o, const Clock &c) : pool(p), options(o), clock(c) { }

    std::shared_ptr<Topic> find(const QString &name);
    std::shared_ptr<Topic> opened(db::Connection &connection, const QString &name);
    std::shared_ptr<Topic> beingOpened(const QString &name) const;
    void keep(const std::shared_ptr<Topic> &topic);
    void forgetResting();
    QByteArray epochFor(const QString &name);

    struct Entry
    {
        std::shared_ptr<Topic> topic; // shared with its readers
        quint64 usedAt = 0; // the smallest has rested longest
    };

    db::Pool &pool;
    const Options options;
    const Clock &clock;
    mutable std::mutex mutex; // of the next two
    std::map<QString, Entry> topics; // those that are told of their events
    quint64 uses = 0;
    // Of the writer's thread:
    std::map<QString, std::weak_ptr<Topic>> opening; // not told of anything yet: their transaction is not committed
    int untrimmed = 0; // events since the last trim
};

std::shared_ptr<Topic> LogState::find(const QString &name)
{
    const std::scoped_lock lock(mutex);
    const auto found = topics.find(name);
    if (found == topics.end())
        return {};
    found->second.usedAt = ++uses;
    return found->second.topic;
}

/// In a job.
std::shared_ptr<Topic> LogState::opened(db::Connection &connection, const QString &name)
{
    if (auto topic = find(name))
        return topic;
    std::erase_if(opening, [](const auto &entry) { return entry.second.expired(); }); // their commits have failed
    std::weak_ptr<Topic> &waiting = opening[name];
    auto topic = waiting.lock();
    if (!topic) {
        const auto state = store::stateOf(connection, name);
        // Of a topic that nothing was appended to yet: whoever appends first asks for its epoch.
        topic
            = std::make_shared<Topic>(name, state.value_or(TopicState{ .last = { .epoch = makeSecretId() } }), options);
        waiting = topic;
    }
    return topic;
}

/// On the writer's thread.
std::shared_ptr<Topic> LogState::beingOpened(const QString &name) const
{
    const auto found = opening.find(name);
    return found == opening.end() ? nullptr : found->second.lock();
}

/// After the job's commit: it stands where the job found it, and what was appended since is told from here on.
void LogState::keep(const std::shared_ptr<Topic> &topic)
{
    opening.erase(topic->name());
    const std::scoped_lock lock(mutex);
    topics.try_emplace(topic->name(), Entry{ .topic = topic, .usedAt = ++uses });
    if (topics.size() > restingTopics)
        forgetResting();
}

/// Under the mutex: the number and the bytes of what nobody uses are bounded.
void LogState::forgetResting()
{
    std::vector<decltype(topics)::iterator> resting;
    for (auto entry = topics.begin(); entry != topics.end(); ++entry) {
        if (entry->second.topic.use_count() == 1)
            resting.push_back(entry);
    }
    std::ranges::sort(resting, std::greater(), [](const auto &entry) { return entry->second.usedAt; });
    size_t count = 0;
    qint64 bytes = 0;
    for (const auto &entry : resting) {
        bytes += entry->second.topic->figures().ringBytes;
        if (++count > restingTopics || bytes > restingBytes)
            topics.erase(entry);
    }
}

/// In a job.
QByteArray LogState::epochFor(const QString &name)
{
    auto topic = find(name);
    if (!topic)
        topic = beingOpened(name);
    return topic ? topic->state().last.epoch : makeSecretId();
}

} // namespace detail

Appender::Appended Appender::append(NewEvent event, const Write &write)
{
    if (const auto position = sent(event))
        return { .position = *position, .isRepeated = true };
    const Timestamp now = m_log.clock.timestamp();
    const store::Place place = store::take(m_connection, event.topic, m_log.epochFor(event.topic));
    event.data = write(event, place.position, now);
    store::put(m_connection, place, event, now);
    m_collected.push_back(
        { event.topic,
          std::make_shared<const Event>(Event{ .position = place.position, .at = now, .data = event.data }) });
    return { .position = place.position };
}

EventLog::EventLog(db::Pool &pool, Options options, const Clock &clock)
    : m_pool(pool),
      d(std::make_shared<detail::LogState>(pool, options, clock))
{
    pool.follow(
        "log_outbox",
        [log = d](db::Connection &connection) {
            auto collected = std::make_shared<Appender::Collected>(); // copied to whoever publishes it
            takeOver(*log, connection, *collected);
            return collected;
        },
        [log = d](const std::shared_ptr<Appender::Collected> &collected) { publish(log, *collected); });
}

void EventLog::start()
{
    write({},
          [log = d](db::Connection &connection, Appender &appender) {
              return takeOver(*log, connection, appender.m_collected);
          })
        .future()
        .waitForFinished();
}

/// @return how many there were.
int EventLog::takeOver(detail::LogState &log, db::Connection &connection, Appender::Collected &collected)
{
    Appender appender(log, connection, collected);
    const QList<NewEvent> left = store::takeOutbox(connection);
    for (const NewEvent &event : left)
        appender.append(event);
    return int(left.size());
}

async::OneShot<Appender::Appended> EventLog::append(async::Context context, NewEvent event)
{
    return write(std::move(context),
                 [event = std::move(event)](db::Connection &, Appender &appender) { return appender.append(event); });
}

async::OneShot<std::shared_ptr<Topic>> EventLog::open(async::Context context, QString name)
{
    if (auto topic = d->find(name)) {
        auto [finisher, result] = async::oneShot<std::shared_ptr<Topic>>();
        finisher.set(std::move(topic));
        return std::move(result);
    }
    // On the writer: only there nothing is appended between the look and the place among those that are told.
    return m_pool.write(
        std::move(context), [log = d, name](db::Connection &connection) { return log->opened(connection, name); },
        [log = d](const std::shared_ptr<Topic> &topic) { log->keep(topic); });
}

QCoro::Task<> EventLog::follow(async::Context context, std::shared_ptr<Topic> topic, std::optional<Position> from,
                               Reader reader)
{
    const TopicState state = topic->state();
    Start start{ .state = state };
    Position at = from.value_or(state.last);
    if (at.offset == 0 && state.oldest == 1) // of nothing that was ever seen nothing can be missing
        at.epoch = state.last.epoch;
    start.isRecovered = at.epoch == state.last.epoch && at.offset <= state.last.offset && at.offset + 1 >= state.oldest;
    if (!start.isRecovered)
        at = { .epoch = state.last.epoch, .offset = state.oldest - 1 };
    reader.begin(start);
    for (;;) {
        if (reader.room) {
            auto room = reader.room();
            co_await std::move(room);
        }
        const auto found = topic->follow(at, reader.join);
        if (const auto *ready = std::get_if<Topic::Ready>(&found)) {
            if (!ready->events.isEmpty())
                reader.take(ready->events);
            co_return;
        }
        if (const auto *gone = std::get_if<Topic::Gone>(&found)) {
            // Trimmed while it was read: told again, with what is left.
            at = { .epoch = gone->state.last.epoch, .offset = gone->state.oldest - 1 };
            reader.begin({ .state = gone->state, .isRecovered = false });
            continue;
        }
        QList<EventPointer> page;
        if (const auto *part = std::get_if<Topic::Part>(&found)) {
            page = part->events;
        } else {
            // No further than memory goes: the database has what is committed and will only be told in a moment.
            const qint64 missing = std::get<Topic::InDatabase>(found).until - at.offset;
            auto read = events(context, topic->name(), at, int(std::min<qint64>(missing, pageEvents)));
            page = co_await std::move(read);
        }
        if (page.isEmpty())
            continue; // trimmed meanwhile: found out at the next look
        at = page.constLast()->position;
        if (!reader.take(page))
            co_return;
    }
}

async::OneShot<QList<EventPointer>> EventLog::events(async::Context context, QString topic, Position after, int limit)
{
    return m_pool.readRetrying(std::move(context),
                               [topic = std::move(topic), after = std::move(after), limit](db::Connection &connection) {
                                   return store::events(connection, topic, after, limit, pageBytes);
                               });
}

void EventLog::publish(const std::shared_ptr<detail::LogState> &log, const Appender::Collected &events)
{
    for (const Appender::Published &published : events) {
        auto topic = log->find(published.topic);
        if (!topic) // opened by the same transaction, which may have been before this was appended
            topic = log->beingOpened(published.topic);
        if (topic)
            topic->publish(published.event);
    }
    log->untrimmed += int(events.size());
    if (log->untrimmed >= trimEvery)
        trim(log);
}

void EventLog::trim()
{
    trim(d);
}

void EventLog::trim(const std::shared_ptr<detail::LogState> &log)
{
    {
        const std::scoped_lock lock(log->mutex);
        log->forgetResting();
    }
    log->pool.write(
        {},
        [log](db::Connection &connection) {
            log->untrimmed = 0;
            return store::trim(connection, log->clock.timestamp() - log->options.maxAge, log->options.maxEvents);
        },
        [log](const store::Trimmed &trimmed) {
            for (const store::Trimmed::Topic &one : trimmed.topics) {
                if (const auto topic = log->find(one.name))
                    topic->trimmed(one.state);
            }
            if (!trimmed.isAll)
                trim(log);
        });
}

const Options &EventLog::options() const
{
    return d->options;
}

std::vector<std::shared_ptr<Topic>> EventLog::topics() const
{
    const std::scoped_lock lock(d->mutex);
    std::vector<std::shared_ptr<Topic>> topics;
    for (const auto &[name, entry] : d->topics)
        topics.push_back(entry.topic);
    return topics;
}

} // namespace godwit::log
