// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace godwit::http {
class HttpServer;
}
namespace godwit::runtime {
class ReactorGroup;
}

namespace godwit::app {

/// Brings all servers to rest: nothing new is accepted, requests in flight are answered, event streams and WebSockets
/// are closed, their clients told when to come back. What is still open shortly before the timeout is told to stop (its
/// token fires), and at the timeout it is cut. In the main thread; looks at the reactors each few milliseconds.
class Drain final : public QObject
{
    Q_OBJECT
public:
    /// Both must outlive this; @p servers has one for each reactor.
    /// @p isQuiet says whether what else is to come to rest has done so.
    Drain(runtime::ReactorGroup &reactors, std::vector<std::unique_ptr<http::HttpServer>> &servers,
          std::function<bool()> isQuiet);

    void start(std::chrono::milliseconds timeout);
    bool hasStarted() const { return m_started.isValid(); }

Q_SIGNALS:
    /// Once; @p cut connections did not end by themselves.
    void finished(int cut);

private:
    /// Over all reactors.
    struct Open
    {
        int working = 0; ///< with a request, an answer on the way, or a WebSocket
        int closing = 0; ///< all is said, and the client has not closed its end yet
        int total() const { return working + closing; }
    };
    Open open();
    void look();
    bool isQuiet(Open open, std::chrono::milliseconds elapsed);
    void stopRequests();

    runtime::ReactorGroup &m_reactors;
    std::vector<std::unique_ptr<http::HttpServer>> &m_servers;
    std::chrono::milliseconds m_timeout{ 0 };
    bool m_hasStoppedRequests = false;
    std::function<bool()> m_isQuiet;
    std::optional<std::chrono::milliseconds> m_saidAll; // when nothing but goodbyes was left
    QElapsedTimer m_started;
    QTimer m_timer;
};

} // namespace godwit::app
