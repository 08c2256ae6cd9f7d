// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/exchange.h"

#include <QByteArray>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace godwit::http {

/// What answers, and who may ask it. bind() finds the latter among the function's parameters.
struct Handler
{
    template<class Call>
        requires std::is_invocable_v<Call &, Exchange &>
    Handler(Call function, std::optional<protocol::Role> least = {}) : call(std::move(function)),
                                                                       leastRole(least)
    {
    }

    std::function<void(Exchange &)> call;
    std::optional<protocol::Role> leastRole; ///< none: anybody
};

/// One registered endpoint.
struct Route
{
    enum class Kind : quint8 { Plain, WebSocket };

    Method method = Method::Get;
    QByteArray pattern; ///< `/api/tasks/{id}/cancel`; also the label of its metrics
    std::function<void(Exchange &)> handler;
    Kind kind = Kind::Plain;
    qsizetype index = 0; ///< dense, in order of registration: for counters by route
    std::optional<protocol::Role> leastRole; ///< 401 for nobody known, 403 for less; none: anybody
    std::optional<std::chrono::milliseconds> deadline; ///< none: the pipeline's default; 0: no deadline (streams)
    std::optional<qint64> bodyLimit;
    bool isStreamed = false; ///< the handler takes the body as it arrives: Exchange::incoming()
    Status timeoutStatus = Status::GatewayTimeout; ///< 408 on /api/search

    /// Chained at registration: `router.get(...).within(5s)`.
    Route &within(std::chrono::milliseconds span)
    {
        deadline = span;
        return *this;
    }
    Route &withoutDeadline()
    {
        deadline = std::chrono::milliseconds(0);
        return *this;
    }
    Route &accepting(qint64 bodyBytes)
    {
        bodyLimit = bodyBytes;
        return *this;
    }
    Route &streamed()
    {
        isStreamed = true;
        return *this;
    }
    Route &timingOutWith(Status status)
    {
        timeoutStatus = status;
        return *this;
    }
};

/// Patterns to handlers. Segments are literal, `{name}` (one segment, not empty), or a last `{name...}` (the rest).
/// A literal beats a parameter. Built at start, then only read: safe from all reactors.
class Router
{
public:
    Route &get(QByteArrayView pattern, Handler handler); ///< answers HEAD too
    Route &post(QByteArrayView pattern, Handler handler);
    Route &put(QByteArrayView pattern, Handler handler);
    Route &patch(QByteArrayView pattern, Handler handler);
    Route &del(QByteArrayView pattern, Handler handler);
    Route &options(QByteArrayView pattern, Handler handler); ///< where `Allow` is not all that it says
    /// A GET that asks for an upgrade; a plain GET there is answered 426.
    Route &webSocket(QByteArrayView pattern, Handler handler);

    struct Match
    {
        const Route *route = nullptr;
        /// With no route: what `Allow` says (405), empty for 404.
        QByteArray allow;
    };
    /// Fills @p parameters with views into @p path. No allocation where something matches.
    Match match(Method method, QByteArrayView path, QVarLengthArray<QByteArrayView, 4> &parameters) const;

    /// In order of registration.
    std::vector<const Route *> routes() const;

    Router();
    ~Router();
    Router(Router &&) noexcept;

private:
    struct Node;
    Route &add(Method method, QByteArrayView pattern, Handler handler);

    std::unique_ptr<Node> m_root;
    std::vector<std::unique_ptr<Route>> m_routes; // addresses are kept by exchanges
};

} // namespace godwit::http
