// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/runtimewatch.h"

#include "server/http/eventstream.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::operations {

namespace {

QByteArray rendered(const protocol::RuntimeSnapshot &snapshot)
{
    return QJsonDocument(snapshot.toJson()).toJson(QJsonDocument::Compact);
}

} // namespace

RuntimeWatch::RuntimeWatch(const metrics::Inspector &inspector, const Clock &clock)
    : m_inspector(inspector),
      m_clock(clock),
      m_thread(oneThread())
{
}

runtime::Options RuntimeWatch::oneThread()
{
    return { .blockingThreads = 1, .blockingQueue = 100, .threadName = u"watch"_s };
}

async::OneShot<QByteArray> RuntimeWatch::snapshot(async::Context context, metrics::InspectorQuery query)
{
    return m_thread.run(std::move(context),
                        [this, query = std::move(query)] { return rendered(m_inspector.snapshot(query, m_clock)); });
}

async::OneShot<void> RuntimeWatch::act(async::Context context, QString kind, QString name, QString action)
{
    return m_thread.run(std::move(context),
                        [this, kind = std::move(kind), name = std::move(name), action = std::move(action)] {
                            m_inspector.act(kind, name, action);
                        });
}

void RuntimeWatch::tick()
{
    if (m_events.subscriberCount() == 0 || m_isPublishing.exchange(true))
        return;
    // Nobody waits for it; if it is refused, what it holds dies and lets the next one try.
    std::shared_ptr<void> done(nullptr, [this](void *) { m_isPublishing = false; });
    m_thread.run({}, [this, done = std::move(done)] {
        m_events.publish(++m_counter, rendered(m_inspector.snapshot({}, m_clock)));
    });
}

void RuntimeWatch::subscribe(const std::shared_ptr<http::EventStream> &stream, QByteArrayView lastEventId)
{
    m_events.subscribe(stream, lastEventId);
    tick();
}

} // namespace godwit::operations
