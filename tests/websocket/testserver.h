// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/httpserver.h"
#include "server/http/pipeline.h"
#include "server/runtime/reactor.h"
#include "server/websocket/reactorsockets.h"

#include <QUrl>

namespace godwit::test {

/// A real server on a free port of 127.0.0.1: reactors, listeners and a pipeline, without middleware if none is given.
class TestServer
{
public:
    explicit TestServer(http::Router router, int workers = 1, const http::ListenOptions &options = {},
                        std::vector<std::unique_ptr<http::Middleware>> middleware = {})
        : m_router(std::move(router)),
          m_pipeline(m_router, std::move(middleware)),
          m_reactors({ .workers = workers }),
          m_servers(size_t(workers))
    {
        auto sockets = orThrow(http::ListenSocket::open(http::ListenAddress(), workers));
        m_port = sockets.front().address().port;
        m_reactors.callOnAll([&](int i) {
            m_servers[size_t(i)] = std::make_unique<http::HttpServer>(m_pipeline, options);
            m_servers[size_t(i)]->listenOn(std::move(sockets[size_t(i)]));
        });
    }

    ~TestServer()
    {
        m_reactors.callOnAll([this](int i) {
            m_servers[size_t(i)]->abortConnections();
            m_servers[size_t(i)].reset();
        });
    }

    quint16 port() const { return m_port; }
    QUrl webSocketUrl(const QString &target) const
    {
        return QUrl(QStringLiteral("ws://127.0.0.1:%1%2").arg(m_port).arg(target));
    }
    runtime::ReactorGroup &reactors() { return m_reactors; }

    /// Runs @p work on the first reactor and waits for it.
    void onReactor(const std::function<void()> &work) { m_reactors.at(0).call(work); }
    void beginDrain()
    {
        m_reactors.callOnAll([this](int i) { m_servers[size_t(i)]->beginDrain(); });
    }
    void drainWebSockets()
    {
        m_reactors.callOnAll([](int) { websocket::ReactorSockets::ofThisThread().drain(); });
    }

private:
    http::Router m_router;
    http::Pipeline m_pipeline;
    runtime::ReactorGroup m_reactors;
    std::vector<std::unique_ptr<http::HttpServer>> m_servers;
    quint16 m_port = 0;
};

} // namespace godwit::test
