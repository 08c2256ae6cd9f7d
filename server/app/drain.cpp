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

Drain::Drain(runtime::ReactorGroup &reactors, std::vector<std::unique_ptr<http::HttpServer>> &servers)
    : m_reactors(reactors),
      m_servers(servers)
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
    qCInfo(drainLog, "draining: %d connections are open", openConnections());
    m_timer.start();
    look();
}

void Drain::look()
{
    const int open = openConnections();
    const auto elapsed = std::chrono::milliseconds(m_started.elapsed());
    if (open > 0 && elapsed < m_timeout) {
        // A handler that is told to stop has still to answer.
        if (!m_hasStoppedRequests && elapsed >= m_timeout - std::min<std::chrono::milliseconds>(1s, m_timeout / 4)) {
            m_hasStoppedRequests = true;
            m_reactors.callOnAll([this](int index) { m_servers[size_t(index)]->stopRequests(); });
        }
        return;
    }
    m_timer.stop();
    if (open > 0) {
        qCWarning(drainLog, "drain timeout: %d connections are cut", open);
        m_reactors.callOnAll([this](int index) {
            m_servers[size_t(index)]->stopRequests();
            m_servers[size_t(index)]->abortConnections();
        });
    }
    Q_EMIT finished(open);
}

int Drain::openConnections()
{
    std::atomic<int> open = 0;
    m_reactors.callOnAll([&](int index) { open += m_servers[size_t(index)]->figures().total(); });
    return open;
}

} // namespace godwit::app
