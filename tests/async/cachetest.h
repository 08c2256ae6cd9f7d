// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/ttlcache.h"

#include <QCoreApplication>

#include <optional>
#include <vector>

namespace godwit::async::test {

using Cache = TtlCache<QString, int>;

/// A database that answers when it is told to.
class Database
{
public:
    struct Query
    {
        OneShot<Loaded<int>>::Finisher finisher;
        std::stop_token stop;
        Deadline deadline;
        bool hasEnded = false;
    };

    static QCoro::Task<Loaded<int>> ask(Database &database, Context context)
    {
        auto [finisher, result] = oneShot<Loaded<int>>();
        database.queries.push_back(
            { .finisher = std::move(finisher), .stop = context.stop, .deadline = context.deadline });
        const std::stop_callback onStop(context.stop, [&database, index = database.queries.size() - 1] {
            if (database.heedsStop)
                database.fail(index, Error::cancelled());
        });
        Loaded<int> found = co_await std::move(result);
        co_return found;
    }
    auto load()
    {
        return [this](const Context &context) { return ask(*this, context); };
    }

    void answer(size_t index, Loaded<int> item)
    {
        if (!std::exchange(queries[index].hasEnded, true))
            queries[index].finisher.set(std::move(item));
    }
    void fail(size_t index, const Error &error)
    {
        if (!std::exchange(queries[index].hasEnded, true))
            queries[index].finisher.fail(error);
    }

    std::vector<Query> queries;
    bool heedsStop = true;
};

/// One who asks the cache.
struct Guest
{
    std::optional<Cache::Answer> answer;
    std::optional<Error> error;
    std::stop_source stop;

    bool isWaiting() const { return !answer && !error; }
    bool isStopped() const { return error && error->code() == Error::Code::Cancelled; }
    /// -1: nothing there.
    int value() const { return answer && answer->value ? *answer->value : -1; }
};

inline QCoro::Task<> keep(Guest &guest, Cache::Lookup lookup)
{
    try {
        guest.answer = co_await std::move(lookup);
    } catch (const Error &error) {
        guest.error = error;
    }
}

inline void ask(Cache &cache, Database &database, Guest &guest, const QString &key = QStringLiteral("a"))
{
    keep(guest, cache.get({ .stop = guest.stop.get_token() }, key, database.load()));
}

/// What has been posted to this thread so far, and what that posts.
inline void runLoop()
{
    for (int i = 0; i < 5; ++i)
        QCoreApplication::sendPostedEvents();
}

/// A load that answers at once.
inline QCoro::Task<Loaded<int>> at(int value)
{
    co_return value;
}

} // namespace godwit::async::test
