// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/drain.h"

#include "server/http/httpserver.h"
#include "server/runtime/reactor.h"
#include "server/websocket/reactorsockets.h"

#include <QLoggingCategory>

#include <atomic>

using namespace std::chrono_literals;

namespace godwit::app {

Q_LOGGING_CATEGORY(drainLog, "godwit.drain")

namespace {

/// How long a client may take to close its end once all is said. The kernel delivers what we have written after our
/// end as well, unless the client still sends: that is what the wait is for.
constexpr auto goodbyeTime = 500ms;

} // namespace

Drain::Drain(runtime::ReactorGroup &reactors, std::vector<std::unique_ptr<http::HttpServer>> &servers,
             std::function<bool()> isQuiet)
    : m_reactors(reactors),
      m_servers(servers),
      m_isQuiet(std::move(isQuiet))
{
    m_timer.setInterval(10ms);
    connect(&m_timer, &QTimer::timeout, this, &Drain::look);
}

void Drain::start(std::chrono::milliseconds timeout)
{
    if (hasStarted())
        return;
    m_timeout = timeout;
    m_started.start();
    m_reactors.callOnAll([this](int index) {
        m_servers[size_t(index)]->beginDrain();
        websocket::ReactorSockets::ofThisThread().drain();
    });
    qCInfo(drainLog, "draining: %d connections are open", open().total());
    m_timer.start();
    look();
}

void Drain::look()
{
    const Open left = open();
    const auto elapsed = std::chrono::milliseconds(m_started.elapsed());
    if (!isQuiet(left, elapsed) && elapsed < m_timeout) {
        // A handler that is told to stop has still to answer.
        if (!m_hasStoppedRequests && elapsed >= m_timeout - std::min<std::chrono::milliseconds>(1s, m_timeout / 4))
            stopRequests();
        return;
    }
    m_timer.stop();
    if (left.working > 0)
        qCWarning(drainLog, "drain timeout: %d connections are cut", left.working);
    stopRequests();
    m_reactors.callOnAll([this](int index) { m_servers[size_t(index)]->abortConnections(); });
    Q_EMIT finished(left.working);
}

bool Drain::isQuiet(Open open, std::chrono::milliseconds elapsed)
{
    if (open.working > 0 || !m_isQuiet()) {
        m_saidAll.reset();
        return false;
    }
    if (!m_saidAll)
        m_saidAll = elapsed;
    return open.closing == 0 || elapsed - *m_saidAll >= goodbyeTime;
}

void Drain::stopRequests()
{
    m_hasStoppedRequests = true;
    m_reactors.callOnAll([this](int index) { m_servers[size_t(index)]->stopRequests(); });
}

Drain::Open Drain::open()
{
    std::atomic<int> working = 0, closing = 0;
    m_reactors.callOnAll([&](int index) {
        const http::ChannelRegistry::Figures figures = m_servers[size_t(index)]->figures();
        closing += figures.closing;
        working += figures.total() - figures.closing;
    });
    return { .working = working, .closing = closing };
}

} // namespace godwit::app
