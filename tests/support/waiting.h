// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoroTask>

#include <exception>
#include <optional>

namespace godwit {

namespace detail {

template<class T>
QCoro::Task<> keep(QCoro::Task<T> task, std::optional<T> &value, std::exception_ptr &error)
{
    try {
        value.emplace(co_await std::move(task));
    } catch (...) {
        error = std::current_exception();
    }
}

} // namespace detail

/// What @p task returns or throws, waited for in an event loop. QCoro 0.8's own waitFor() waits for ever where a task
/// throws.
template<class T>
T awaited(QCoro::Task<T> task)
{
    std::optional<T> value;
    std::exception_ptr error;
    QCoro::waitFor(detail::keep(std::move(task), value, error));
    if (error)
        std::rethrow_exception(error);
    return std::move(*value);
}

} // namespace godwit
