// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <memory>
#include <vector>

namespace godwit::http {
class HttpServer;
}
namespace godwit::runtime {
class ReactorGroup;
}

namespace godwit::app {

/// Brings all servers to rest: nothing new is accepted, requests in flight are answered, event streams end with
/// `event: end`, WebSockets are closed with 1001. What is still open shortly before the timeout is told to stop (its
/// token fires), and at the timeout it is cut. In the main thread; looks at the reactors each few milliseconds.
class Drain final : public QObject
{
    Q_OBJECT
public:
    /// Both must outlive this; @p servers has one for each reactor.
    Drain(runtime::ReactorGroup &reactors, std::vector<std::unique_ptr<http::HttpServer>> &servers);

    void start(std::chrono::milliseconds timeout);
    bool hasStarted() const { return m_started.isValid(); }

Q_SIGNALS:
    /// Once; @p cut connections did not end by themselves.
    void finished(int cut);

private:
    void look();
    int openConnections();

    runtime::ReactorGroup &m_reactors;
    std::vector<std::unique_ptr<http::HttpServer>> &m_servers;
    std::chrono::milliseconds m_timeout{ 0 };
    bool m_hasStoppedRequests = false;
    QElapsedTimer m_started;
    QTimer m_timer;
};

} // namespace godwit::app
