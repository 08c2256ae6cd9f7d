// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/exchange.h"
#include "server/http/query.h"
#include "server/http/router.h"
#include "shared/core/jsonreader.h"

#include <QCoroTask>

#include <algorithm>
#include <tuple>
#include <type_traits>
#include <utility>

namespace godwit::http {

/// A parameter of the path, in the pattern's order: decoded QString, or a whole number.
template<class T>
struct Path
{
    T value;
    const T &operator*() const { return value; }
    const T *operator->() const { return &value; }
};

/// The query string, read by `static Result<T> T::fromQuery(QueryReader &)`.
template<class T>
struct Query
{
    T value;
    const T &operator*() const { return value; }
    const T *operator->() const { return &value; }
};

/// The body as JSON, read by `static Result<T> T::fromJson(const QJsonObject &)`. 415 for another Content-Type, 400
/// where it is not JSON, 422 where it is and is wrong.
template<class T>
struct Json
{
    T value;
    const T &operator*() const { return value; }
    const T *operator->() const { return &value; }
};

/// How a handler's parameter is made from the exchange: `static T from(Exchange &, qsizetype pathIndex)`, which throws
/// Error. Specialise it for a type of your own (Principal does).
template<class T>
struct Extractor;

template<>
struct Extractor<Exchange>
{
    static Exchange &from(Exchange &exchange, qsizetype) { return exchange; }
};
template<>
struct Extractor<Request>
{
    static const Request &from(Exchange &exchange, qsizetype) { return exchange.request; }
};
template<>
struct Extractor<async::Context>
{
    static async::Context from(Exchange &exchange, qsizetype) { return exchange.context(); }
};

/// Who asks. As a handler's parameter it is the route's protection: 401 where nobody is known.
template<>
struct Extractor<protocol::Principal>
{
    static protocol::Principal from(Exchange &exchange, qsizetype) { return *exchange.principal; }
};

/// Who asks, known to have at least this role: 403 for less.
///
///     static QCoro::Task<Response> removeUser(users::Service &users, Context context, As<Role::Admin> caller, ...);
template<protocol::Role least>
struct As
{
    protocol::Principal value;
    const protocol::Principal &operator*() const { return value; }
    const protocol::Principal *operator->() const { return &value; }
};
template<protocol::Role least>
struct Extractor<As<least>>
{
    static As<least> from(Exchange &exchange, qsizetype) { return { *exchange.principal }; }
};

/// Who asks, if anybody is known: for routes that answer everybody, and some more.
struct MaybePrincipal
{
    std::shared_ptr<const protocol::Principal> value; // shared with the exchange
    explicit operator bool() const { return bool(value); }
    const protocol::Principal &operator*() const { return *value; }
    const protocol::Principal *operator->() const { return value.get(); }
};
template<>
struct Extractor<MaybePrincipal>
{
    static MaybePrincipal from(Exchange &exchange, qsizetype) { return { exchange.principal }; }
};

QString pathParameter(const Exchange &exchange, qsizetype index);
/// Error::InvalidArgument outside [least, most].
qint64 integerPathParameter(const Exchange &exchange, qsizetype index,
                            qint64 least = std::numeric_limits<qint64>::min(),
                            qint64 most = std::numeric_limits<qint64>::max());
QJsonObject jsonBody(const Exchange &exchange);

template<class T>
struct Extractor<Path<T>>
{
    static Path<T> from(Exchange &exchange, qsizetype index)
    {
        if constexpr (std::is_integral_v<T> && sizeof(T) < sizeof(qint64))
            return { T(
                integerPathParameter(exchange, index, std::numeric_limits<T>::min(), std::numeric_limits<T>::max())) };
        else if constexpr (std::is_integral_v<T>)
            return { T(
                integerPathParameter(exchange, index, std::is_signed_v<T> ? std::numeric_limits<qint64>::min() : 0)) };
        else
            return { T(pathParameter(exchange, index)) };
    }
};
template<class T>
struct Extractor<Query<T>>
{
    static Query<T> from(Exchange &exchange, qsizetype)
    {
        QueryReader reader(exchange.request.query());
        return { orThrow(T::fromQuery(reader)) };
    }
};
template<class T>
struct Extractor<Json<T>>
{
    static Json<T> from(Exchange &exchange, qsizetype) { return { orThrow(T::fromJson(jsonBody(exchange))) }; }
};

namespace detail {

template<class T>
inline constexpr bool isPath = false;
template<class T>
inline constexpr bool isPath<Path<T>> = true;

/// The role that a parameter of this type asks for.
template<class T>
inline constexpr std::optional<protocol::Role> roleFor = std::nullopt;
template<>
inline constexpr std::optional<protocol::Role> roleFor<protocol::Principal> = protocol::Role::Viewer;
template<protocol::Role least>
inline constexpr std::optional<protocol::Role> roleFor<As<least>> = least;

/// How many of the first @p I types are Path.
template<class Types, size_t... I>
constexpr qsizetype pathsAmong(std::index_sequence<I...>)
{
    return (qsizetype(0) + ... + qsizetype(isPath<std::remove_cvref_t<std::tuple_element_t<I, Types>>>));
}

/// Waits for the handler and answers; owns itself, as an eager coroutine does.
inline QCoro::Task<> answerWith(Exchange &exchange, QCoro::Task<Response> handler)
{
    try {
        exchange.answer(co_await std::move(handler));
    } catch (...) {
        exchange.failWithCurrentException();
    }
}

} // namespace detail

/// A handler from a free function: services by reference first, extracted parameters after them.
///
///     static QCoro::Task<Response> cancelTask(tasks::Service &tasks, Context context, Path<TaskId> id);
///     router.post("/api/tasks/{id}/cancel", bind(cancelTask, tasks));
///
/// A function that returns Response runs without a coroutine frame; QCoro::Task<Response> may wait; void answers the
/// exchange itself (it takes Exchange &). The services must outlive the router.
template<class Returned, class... Parameters, class... Services>
Handler bind(Returned (*function)(Parameters...), Services &...services)
{
    using Types = std::tuple<Parameters...>;
    constexpr size_t bound = sizeof...(Services);
    static_assert(bound <= sizeof...(Parameters), "more services than parameters");
    constexpr std::optional<protocol::Role> leastRole
        = std::max({ std::optional<protocol::Role>(), detail::roleFor<std::remove_cvref_t<Parameters>>... });
    auto call = [function, services = std::tuple<Services &...>(services...)](Exchange &exchange) {
        const auto invoke
            = [&]<size_t... S, size_t... E>(std::index_sequence<S...>, std::index_sequence<E...>) -> Returned {
            return function(std::get<S>(services)...,
                            Extractor<std::remove_cvref_t<std::tuple_element_t<bound + E, Types>>>::from(
                                exchange, detail::pathsAmong<Types>(std::make_index_sequence<bound + E>()))...);
        };
        try {
            constexpr auto first = std::make_index_sequence<bound>();
            constexpr auto rest = std::make_index_sequence<sizeof...(Parameters) - bound>();
            if constexpr (std::is_same_v<Returned, Response>)
                exchange.answer(invoke(first, rest));
            else if constexpr (std::is_void_v<Returned>)
                invoke(first, rest);
            else
                detail::answerWith(exchange, invoke(first, rest));
        } catch (...) {
            exchange.failWithCurrentException();
        }
    };
    return Handler(std::move(call), leastRole);
}

} // namespace godwit::http
