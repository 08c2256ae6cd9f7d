// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>

namespace godwit::client {

/// How long to wait before the next attempt: exponential with full jitter, so that a thousand clients of a server that
/// came back do not come back in step.
class Backoff
{
public:
    struct Options
    {
        std::chrono::milliseconds first{ 500 }; ///< upper end of the first delay; doubles with each attempt
        std::chrono::milliseconds maximum{ 30'000 };
        std::chrono::milliseconds minimum{ 100 }; ///< jitter never makes a busy loop
        std::function<double()> random; ///< in [0, 1); the system's if empty
    };

    explicit Backoff(Options options);

    /// The delay before the next attempt; counts the failed one.
    std::chrono::milliseconds next();
    /// After a connection that held.
    void reset() { m_failures = 0; }
    /// The server's hint (`retry:` of an event stream) in place of Options::first.
    void setFirst(std::chrono::milliseconds first);

    int failures() const { return m_failures; }
    std::chrono::milliseconds maximum() const { return m_options.maximum; }

private:
    Options m_options;
    int m_failures = 0;
};

} // namespace godwit::client
