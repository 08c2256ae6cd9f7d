// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/gather.h"
#include "shared/async/sleep.h"

#include <QString>

namespace godwit::async {

namespace detail {

inline QCoro::Task<> stopAfter(Context cancelled, std::chrono::milliseconds span, std::stop_source source)
{
    try {
        OneShot<void> wait = sleepFor(cancelled, span);
        co_await std::move(wait);
        source.request_stop();
    } catch (const Error &) { // it was in time
    }
}

} // namespace detail

/// Awaits `work(context)`, whose context has a deadline @p span from now, if the given one has not an earlier, and a
/// token that fires then. Work that ends by it, as Cancelled or DeadlineExceeded, makes this throw DeadlineExceeded
/// with a decider of that @p name; any other outcome is the work's own, also a value that came late. Work that heeds no
/// token is waited for: nothing is left running behind the caller's back. As tokio's `timeout`, which drops the future
/// where this tells it. The calling thread needs an event loop.
///
///     const auto page = co_await withTimeout(context, 2s, u"weather"_s, [&](const Context &c) { return ask(c); });
template<class Work>
auto withTimeout(Context context, std::chrono::milliseconds span, QString name, Work work) -> detail::TaskOf<Work>
{
    LinkedStop stop(context.stop);
    LinkedStop inTime(stop.token()); // ends the timer with the work
    const Context inner = context.with(stop.token(), context.deadline & Deadline::in(span));
    const Context timer{ .stop = inTime.token() };
    detail::stopAfter(timer, span, stop.source());
    std::optional<Error> failed;
    try {
        if constexpr (std::is_void_v<detail::ValueOf<Work>>) {
            co_await work(inner);
            inTime.requestStop();
            co_return;
        } else {
            auto value = co_await work(inner);
            inTime.requestStop();
            co_return value;
        }
    } catch (const Error &error) {
        failed = error;
    } catch (...) {
        inTime.requestStop();
        throw;
    }
    inTime.requestStop();
    const bool isStop = failed->code() == Error::Code::Cancelled || failed->code() == Error::Code::DeadlineExceeded;
    if (!isStop || context.isStopped() || !inner.deadline.hasPassed())
        throw *failed;
    const double seconds = std::chrono::duration<double>(span).count();
    throw Error(Error::Code::DeadlineExceeded, QStringLiteral("%1 took longer than %2 s").arg(name).arg(seconds))
        .withDecider({ .kind = Decider::Kind::Deadline, .name = name, .limit = seconds, .used = seconds });
}

} // namespace godwit::async
