// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/reactor.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace godwit::app {

/// Runs @p ask (`T ask(int index)`) on every reactor at the same time, and waits for the answers, but not for one that
/// does not turn its loop: it has none. @p ask is copied, and must stay good as long as the reactors. Not on a reactor.
template<class T, class Ask>
std::vector<std::optional<T>> askReactors(runtime::ReactorGroup &reactors, Ask ask,
                                          std::chrono::milliseconds patience = std::chrono::milliseconds(300))
{
    struct State
    {
        std::mutex mutex; // guards all
        std::condition_variable answered;
        std::vector<std::optional<T>> answers;
        int missing = 0;
    };
    const auto state = std::make_shared<State>(); // shared with reactors that answer too late
    state->answers.resize(size_t(reactors.size()));
    state->missing = reactors.size();
    reactors.postToAll([state, ask](int index) {
        T answer = ask(index);
        const std::lock_guard lock(state->mutex);
        state->answers[size_t(index)] = std::move(answer);
        if (--state->missing == 0)
            state->answered.notify_one();
    });
    std::unique_lock lock(state->mutex);
    state->answered.wait_for(lock, patience, [&state] { return state->missing == 0; });
    return state->answers;
}

} // namespace godwit::app
