// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/logfeed.h"

#include "server/http/eventstream.h"
#include "shared/core/ids.h"
#include "shared/protocol/sse.h"

#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace godwit::operations {

namespace {

/// Characters; the log itself has all of it.
constexpr qsizetype longestMessage = 16'384;

/// Whether this thread is in here: what is logged meanwhile would wait for our lock for ever.
constinit thread_local bool isInside = false;

class Inside
{
public:
    Inside() { isInside = true; }
    ~Inside() { isInside = false; }
    Inside(const Inside &) = delete;
    Inside &operator=(const Inside &) = delete;
};

QString toText(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return u"debug"_s;
    case LogLevel::Info:
        return u"info"_s;
    case LogLevel::Warning:
        return u"warning"_s;
    case LogLevel::Error:
        return u"error"_s;
    }
    return {};
}

QByteArray toJson(const LogLine &line)
{
    return QJsonDocument(QJsonObject{
                             { "time"_L1, toRfc3339(line.time) },
                             { "level"_L1, toText(line.level) },
                             { "category"_L1, line.category },
                             { "message"_L1, line.message.left(longestMessage) },
                             { "request_id"_L1, line.requestId.isEmpty() ? QJsonValue() : QJsonValue(line.requestId) },
                         })
        .toJson(QJsonDocument::Compact);
}

} // namespace

bool LogFilter::admits(const LogLine &line) const
{
    const bool isOfCategory = category.isEmpty() || line.category == category
        || (line.category.startsWith(category) && line.category[category.size()] == u'.');
    return line.level >= least && isOfCategory && (requestId.isEmpty() || line.requestId == requestId);
}

QByteArray LogFeed::makeEpoch()
{
    return makeRequestId();
}

void LogFeed::add(const LogLine &line)
{
    if (isInside)
        return;
    const Inside inside;
    const QByteArray json = toJson(line);
    const std::lock_guard lock(m_mutex);
    const qint64 number = ++m_last;
    const QByteArray event = protocol::encodeSse({ .event = "log", .data = json, .id = idOf(number), .retry = {} });
    m_recent.push_back({ number, line, event });
    m_recent.back().line.message.clear(); // the event has it
    if (m_recent.size() > m_kept)
        m_recent.pop_front();
    for (const auto &[filter, hub] : m_hubs) {
        if (filter.admits(line))
            hub->publish(event);
    }
}

void LogFeed::subscribe(const std::shared_ptr<http::EventStream> &stream, const LogFilter &filter, int tail,
                        QByteArrayView lastEventId)
{
    const Inside inside;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_hubs, [](const auto &hub) { return hub.second->subscriberCount() == 0; });
    if (!lastEventId.isEmpty()) {
        recover(*stream, filter, lastEventId);
    } else {
        std::vector<const Kept *> last;
        for (auto kept = m_recent.rbegin(); kept != m_recent.rend() && int(last.size()) < tail; ++kept) {
            if (filter.admits(kept->line))
                last.push_back(&*kept);
        }
        for (auto kept = last.rbegin(); kept != last.rend(); ++kept)
            stream->push((*kept)->event);
    }
    auto &hub = m_hubs[filter];
    if (!hub)
        hub = std::make_unique<http::EventHub>();
    hub->subscribe(stream);
}

void LogFeed::recover(http::EventStream &stream, const LogFilter &filter, QByteArrayView lastEventId) const
{
    const qsizetype colon = lastEventId.lastIndexOf(':');
    bool isNumber = false;
    const qint64 last = lastEventId.sliced(colon + 1).toByteArray().toLongLong(&isNumber);
    const bool isOurs = isNumber && colon >= 0 && lastEventId.first(colon) == m_epoch && last <= m_last;
    const qint64 oldest = m_recent.empty() ? m_last + 1 : m_recent.front().number;
    if (!isOurs || last + 1 < oldest) {
        stream.push(protocol::encodeSse({ .event = "gap",
                                          .data = R"({"recovered":false,"oldest":")" + idOf(oldest) + R"("})",
                                          .id = {},
                                          .retry = {} }));
    }
    for (const Kept &kept : m_recent) {
        if ((!isOurs || kept.number > last) && filter.admits(kept.line))
            stream.push(kept.event);
    }
}

} // namespace godwit::operations
