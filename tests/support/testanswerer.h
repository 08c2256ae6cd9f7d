// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/exchange.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <deque>
#include <optional>

namespace godwit::test {

/// The end of a pipeline without a socket: keeps the answers.
///
///     TestAnswerer answers;
///     auto &exchange = answers.handle(pipeline, http::Request::get("/health"));
///     QTRY_VERIFY(exchange.isAnswered());
///     QCOMPARE(answers.last().status(), http::Status::Ok);
class TestAnswerer final : public http::Answerer
{
public:
    /// Lets @p handler have @p request, in an exchange that lives as long as this.
    http::Exchange &handle(http::RequestHandler &handler, http::Request request)
    {
        http::Exchange &exchange = make(std::move(request));
        handler.handle(exchange);
        return exchange;
    }
    /// An exchange that nobody handles yet.
    http::Exchange &make(http::Request request)
    {
        http::Exchange &exchange = m_exchanges.emplace_back(*this);
        exchange.request = std::move(request);
        exchange.principal = caller;
        exchange.startedAt = std::chrono::steady_clock::now();
        return exchange;
    }

    /// Who asks, as if authentication had found it; nobody at first.
    std::shared_ptr<const protocol::Principal> caller;

    bool hasAnswer() const { return !m_answers.empty(); }
    size_t count() const { return m_answers.size(); }
    const http::Response &last() const { return m_answers.back(); }
    /// As the channel does when its client leaves: the body dies.
    void dropLast() { m_answers.pop_back(); }
    QJsonObject lastJson() const { return QJsonDocument::fromJson(last().content()).object(); }
    QWebSocketServer *upgradedTo() const { return m_upgradedTo; }
    int upgrades() const { return m_upgrades; }

    /// All that a body gives until it ends, or waits.
    static QByteArray readAll(http::Body &body, qsizetype budget = 64 * 1024)
    {
        QByteArray out;
        while (body.read(out, budget) == http::Body::State::More) { }
        return out;
    }

    void answer(http::Exchange &, http::Response &&response) override { m_answers.push_back(std::move(response)); }
    void acceptUpgrade(http::Exchange &, QWebSocketServer *server) override
    {
        m_upgradedTo = server;
        ++m_upgrades;
    }

private:
    std::deque<http::Exchange> m_exchanges; // addresses are kept by handlers
    std::deque<http::Response> m_answers;
    QWebSocketServer *m_upgradedTo = nullptr;
    int m_upgrades = 0;
};

} // namespace godwit::test
