// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/endpoints.h"

#include "server/http/bind.h"
#include "server/log/subscription.h"
#include "shared/core/name.h"
#include "shared/protocol/topics.h"

using namespace Qt::StringLiterals;

namespace godwit::log {

namespace {

namespace topics = protocol::topics;

/// Of one request; each holds its topic in memory.
constexpr qsizetype maxTopics = 32;

/// The one spelling of a topic's name; Error::InvalidArgument for one that there is not.
Result<QString> topicNamed(const QString &name)
{
    const QString room = topics::ofRoom({});
    if (name.startsWith(room)) {
        const auto fault = [&name](const Error &error) {
            return Error(error.code(), u"names \"%1\": %2"_s.arg(name, error.message()));
        };
        return normalizedName(name.sliced(room.size()), "room"_L1).map(&topics::ofRoom).map_error(fault);
    }
    for (const QStringView known : { topics::tasks, topics::alerts, topics::users, topics::files }) {
        if (name == known)
            return name;
    }
    return failure(Error::Code::InvalidArgument,
                   u"names \"%1\", which is none of tasks, alerts, users, files and room:NAME"_s.arg(name));
}

struct StreamQuery
{
    QStringList topics;
    QByteArray lastEventId; ///< for clients that cannot set the header at first, such as EventSource

    static Result<StreamQuery> fromQuery(http::QueryReader &reader)
    {
        StreamQuery query{ .topics = {}, .lastEventId = reader.string("last_event_id"_L1).toUtf8() };
        const QStringList names = reader.string("topics"_L1).split(u',', Qt::SkipEmptyParts);
        for (const QString &name : names) {
            const Result<QString> topic = topicNamed(name);
            if (!topic)
                reader.fail("topics"_L1, topic.error().message());
            else if (!query.topics.contains(*topic))
                query.topics.append(*topic);
        }
        if (names.isEmpty())
            reader.fail("topics"_L1, u"must name at least one, as in tasks,room:lab"_s);
        if (query.topics.size() > maxTopics)
            reader.fail("topics"_L1, u"can name at most %1"_s.arg(maxTopics));
        return reader.finish(std::move(query));
    }
};

/// Where whoever sends @p lastEventId stands in so many topics. What is no such id is a place that nobody knows any
/// more: that is told, and never passed over.
QList<Position> positionsFrom(const QByteArray &lastEventId, qsizetype topics)
{
    if (lastEventId.isEmpty())
        return {};
    QList<Position> positions;
    for (const QByteArray &text : lastEventId.split(','))
        positions.append(Position::fromText(text).value_or(Position{ .offset = -1 }));
    if (positions.size() != topics)
        positions.fill(Position{ .offset = -1 }, topics);
    return positions;
}

QCoro::Task<http::Response> stream(EventLog &events, async::Context context, protocol::Principal,
                                   http::Query<StreamQuery> query, const http::Request &request)
{
    QByteArray lastEventId = request.header("Last-Event-ID").toByteArray(); // before the wait, as it may be gone then
    if (lastEventId.isEmpty())
        lastEventId = query->lastEventId;
    Subscription::Topics topics;
    for (const QString &name : query->topics) {
        auto opened = events.open(context, name);
        topics.push_back(co_await std::move(opened));
    }
    const auto from = positionsFrom(lastEventId, qsizetype(topics.size()));
    const auto subscription = std::make_shared<Subscription>(events, std::move(topics), from);
    auto stream
        = std::make_shared<http::EventStream>(http::EventStream::Options{ .policy = http::SlowConsumer::Close });
    subscription->start(stream);
    co_return http::Response::events(std::move(stream));
}

} // namespace

void addStreamRoute(http::Router &router, EventLog &events)
{
    router.get("/api/stream", http::bind(stream, events)).withoutDeadline();
}

} // namespace godwit::log
