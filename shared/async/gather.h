// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"
#include "shared/core/result.h"

#include <QCoroTask>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <tuple>
#include <vector>

/// Doing several things at once: each is a function from a Context to a QCoro::Task, called in the thread that gathers,
/// where all of them go on. Nothing here holds a thread, and nothing ends before all that it began has ended: what is
/// told to stop is waited for, so that references stay good.
namespace godwit::async {

/// A token of its own that also fires with another.
class LinkedStop
{
public:
    explicit LinkedStop(const std::stop_token &parent) : m_link(parent, Forward{ m_source }) { }

    std::stop_token token() const { return m_source.get_token(); }
    std::stop_source source() const { return m_source; }
    void requestStop() { m_source.request_stop(); }

private:
    struct Forward
    {
        std::stop_source &source;
        void operator()() const { source.request_stop(); }
    };
    std::stop_source m_source;
    std::stop_callback<Forward> m_link;
};

namespace detail {

/// What void is among values.
template<class T>
using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template<class Work, class... Arguments>
using TaskOf = std::invoke_result_t<Work &, const Context &, Arguments...>;
template<class Work, class... Arguments>
using ValueOf = typename TaskOf<Work, Arguments...>::value_type;

/// The first failure of several, which tells the others to stop.
struct FirstFailure
{
    LinkedStop &stop;
    std::exception_ptr error{};

    /// In a catch block.
    void take()
    {
        if (!error)
            error = std::current_exception();
        stop.requestStop();
    }
};

template<class T>
QCoro::Task<> keepOrFail(std::optional<Value<T>> &slot, FirstFailure &failure, Branch &branch, QCoro::Task<T> task)
{
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(task);
            slot.emplace();
        } else {
            slot.emplace(co_await std::move(task));
        }
        branch.end();
    } catch (...) {
        branch.fail();
        failure.take();
    }
}

template<class T>
QCoro::Task<> keepResult(std::optional<Result<T>> &slot, Branch &branch, QCoro::Task<T> task)
{
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(task);
            slot.emplace();
        } else {
            slot.emplace(co_await std::move(task));
        }
        branch.end();
    } catch (const Error &error) {
        branch.fail();
        slot.emplace(Failure(error));
    } catch (const std::exception &error) {
        branch.fail();
        slot.emplace(Failure(Error::internal(QString::fromUtf8(error.what()))));
    }
}

} // namespace detail

/// All of them, as a tuple (a std::monostate for void); or the first failure, thrown when all have ended: it tells the
/// others to stop. As tokio's `try_join!`.
///
///     const auto [user, posts] = co_await tryGather(context, [&](const Context &c) { return users.get(c, id); },
///                                                   [&](const Context &c) { return posts.of(c, id); });
template<class... Works>
QCoro::Task<std::tuple<detail::Value<detail::ValueOf<Works>>...>> tryGather(Context context, Works... works)
{
    LinkedStop stop(context.stop);
    detail::FirstFailure failure{ .stop = stop };
    const Context inner = context.with(stop.token(), context.deadline);
    std::array<Branch, sizeof...(Works)> branches;
    std::tuple<std::optional<detail::Value<detail::ValueOf<Works>>>...> kept;
    // A function that throws instead of returning a task counts as one that failed; those after it are not begun.
    const auto begin = [&]<class Work>(Work &work, auto &slot, size_t index) -> QCoro::Task<> {
        Branch &branch = branches[index];
        return detail::keepOrFail<detail::ValueOf<Work>>(slot, failure, branch,
                                                         work(branch.begin(inner, "branch", "index", qint64(index))));
    };
    std::vector<QCoro::Task<>> running;
    running.reserve(sizeof...(Works));
    [&]<size_t... I>(std::index_sequence<I...>) {
        try {
            (running.push_back(begin(works, std::get<I>(kept), I)), ...);
        } catch (...) {
            failure.take();
        }
    }(std::index_sequence_for<Works...>());
    for (QCoro::Task<> &task : running)
        co_await task;
    if (failure.error)
        std::rethrow_exception(failure.error);
    co_return std::apply([](auto &...slot) { return std::make_tuple(std::move(*slot)...); }, kept);
}

/// Every one of them, whatever becomes of the others: a tuple of Result. As tokio's `join!`.
template<class... Works>
QCoro::Task<std::tuple<Result<detail::ValueOf<Works>>...>> gather(Context context, Works... works)
{
    std::tuple<std::optional<Result<detail::ValueOf<Works>>>...> kept;
    std::array<Branch, sizeof...(Works)> branches;
    const auto begin = [&]<class Work>(Work &work, auto &slot, size_t index) -> QCoro::Task<> {
        Branch &branch = branches[index];
        return detail::keepResult<detail::ValueOf<Work>>(slot, branch,
                                                         work(branch.begin(context, "branch", "index", qint64(index))));
    };
    std::vector<QCoro::Task<>> running;
    running.reserve(sizeof...(Works));
    [&]<size_t... I>(std::index_sequence<I...>) {
        (running.push_back(begin(works, std::get<I>(kept), I)), ...);
    }(std::index_sequence_for<Works...>());
    for (QCoro::Task<> &task : running)
        co_await task;
    co_return std::apply([](auto &...slot) { return std::make_tuple(std::move(*slot)...); }, kept);
}

/// How many at a time, and who is told of each as it ends.
template<class T>
struct ForEachOptions
{
    int concurrency = 8;
    std::function<void(size_t index, const Result<T> &result)> onEach{}; ///< in the order in which they end
};

namespace detail {

/// One of the lanes in which items are worked on, one after the other.
template<class Item, class Work, class T>
QCoro::Task<> runLane(const Context &context, std::vector<Item> &items, Work &work,
                      std::vector<std::optional<Result<T>>> &results, size_t &next, const ForEachOptions<T> &options)
{
    while (next < items.size()) {
        const size_t index = next++;
        if (context.isStopped()) {
            results[index].emplace(Failure(context.stopError())); // those that have not begun do not
        } else {
            Branch branch;
            QCoro::Task<> one = keepResult<T>(
                results[index], branch, work(branch.begin(context, "item", "index", qint64(index)), items[index]));
            co_await one;
        }
        if (options.onEach)
            options.onEach(index, *results[index]);
    }
}

} // namespace detail

/// Works on all items, at most so many at a time, and returns a Result for each, in the order of the items. One that
/// fails stops no other; when the context's token fires, those that have not begun end with its stopError(). As
/// futures' `buffered` and, by ForEachOptions::onEach, `buffer_unordered`.
template<class Item, class Work>
auto forEachConcurrent(Context context, std::vector<Item> items, Work work,
                       ForEachOptions<detail::ValueOf<Work, Item &>> options = {})
    -> QCoro::Task<std::vector<Result<detail::ValueOf<Work, Item &>>>>
{
    using T = detail::ValueOf<Work, Item &>;
    std::vector<std::optional<Result<T>>> results(items.size());
    size_t next = 0;
    std::vector<QCoro::Task<>> lanes;
    const size_t count = std::min(items.size(), size_t(std::max(1, options.concurrency)));
    lanes.reserve(count);
    for (size_t i = 0; i < count; ++i)
        lanes.push_back(detail::runLane<Item, Work, T>(context, items, work, results, next, options));
    for (QCoro::Task<> &lane : lanes)
        co_await lane;
    std::vector<Result<T>> ordered;
    ordered.reserve(results.size());
    for (std::optional<Result<T>> &result : results)
        ordered.push_back(std::move(*result));
    co_return ordered;
}

} // namespace godwit::async
