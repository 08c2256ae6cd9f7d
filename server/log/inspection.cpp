// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/inspection.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::log {

static protocol::RuntimePart partOf(const std::shared_ptr<Topic> &topic, const Options &options)
{
    const Topic::Figures figures = topic->figures();
    return { .kind = u"topic"_s,
             .name = topic->name(),
             .state = topic.use_count() > 2 ? u"open"_s : u"idle"_s, // else the log's and this one
             .queueBytes = figures.ringBytes,
             .figures = { { u"last_offset"_s, figures.state.last.offset },
                          { u"oldest_offset"_s, figures.state.oldest },
                          { u"ring_events"_s, figures.ringEvents } },
             .limits = { { u"ring_events"_s, options.ringEvents },
                         { u"ring_bytes"_s, options.ringBytes },
                         { u"max_events"_s, options.maxEvents } } };
}

metrics::InspectableGroup inspectableTopics(const EventLog &events)
{
    return { .kind = u"topic"_s, .list = [&events](qsizetype most) {
                metrics::InspectableGroup::Listed listed;
                for (const auto &topic : events.topics())
                    listed.parts.append(partOf(topic, events.options()));
                std::stable_sort(listed.parts.begin(), listed.parts.end(),
                                 [](const auto &a, const auto &b) { return a.queueBytes > b.queueBytes; });
                listed.omitted = std::max<qint64>(0, listed.parts.size() - most);
                listed.parts.resize(std::min(listed.parts.size(), most));
                return listed;
            } };
}

} // namespace godwit::log
