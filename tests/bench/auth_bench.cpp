// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later

// What it takes to know who asks: for each request with a token, by one thread and by all cores at once.
#include "server/auth/authenticator.h"

#include <benchmark/benchmark.h>

using namespace godwit;
using namespace godwit::auth;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Shared by the threads of a benchmark; nothing of it is written but by what is measured.
struct Known
{
    Known()
    {
        users::Account account{ .id = 7, .name = u"ada"_s, .role = protocol::Role::Member, .generation = 1 };
        for (qint64 id = 1; id <= 10'000; ++id) {
            account.id = id;
            account.name = u"user-%1"_s.arg(id);
            live.set(account);
        }
    }
    QByteArray token(qint64 user) const
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(Clock::system().timestamp());
        return jwt::sign({ .userId = user,
                           .role = protocol::Role::Member,
                           .session = "0123456789abcdef0123456789abcdef",
                           .generation = 1,
                           .issuedAt = now,
                           .expiresAt = now + 24h },
                         keys.newest());
    }

    Keyring keys{ {} };
    LiveAccounts live;
    Authenticator authenticator{ {}, keys, live };
};

Known &known()
{
    static Known instance;
    return instance;
}

/// A request with a token that was seen before.
void knownToken(benchmark::State &state)
{
    const QByteArray token = known().token(7);
    for (auto iteration : state)
        benchmark::DoNotOptimize(known().authenticator.byToken(token));
}
BENCHMARK(knownToken);
BENCHMARK(knownToken)->Name("knownToken, all cores")->ThreadPerCpu();

/// The same, where an account or a login has changed meanwhile.
void knownTokenAfterAChange(benchmark::State &state)
{
    const QByteArray token = known().token(7);
    for (auto iteration : state) {
        known().live.endSession("another", Timestamp::max());
        benchmark::DoNotOptimize(known().authenticator.byToken(token));
    }
}
BENCHMARK(knownTokenAfterAChange);

void newToken(benchmark::State &state)
{
    const QByteArray token = known().token(7);
    for (auto iteration : state)
        benchmark::DoNotOptimize(jwt::verify(token, known().keys, Clock::system().timestamp()));
}
BENCHMARK(newToken);
BENCHMARK(newToken)->Name("newToken, all cores")->ThreadPerCpu();

/// Refused before its signature is looked at, and after.
void forgedToken(benchmark::State &state)
{
    QByteArray token = known().token(7);
    token.back() = token.back() == 'A' ? 'E' : 'A';
    for (auto iteration : state)
        benchmark::DoNotOptimize(jwt::verify(token, known().keys, Clock::system().timestamp()));
}
BENCHMARK(forgedToken);

void ticket(benchmark::State &state)
{
    const auto holder = known().authenticator.byToken(known().token(7));
    for (auto iteration : state) {
        const auto made = known().authenticator.makeTicket(*holder);
        benchmark::DoNotOptimize(known().authenticator.byTicket(*made));
    }
}
BENCHMARK(ticket);

} // namespace

BENCHMARK_MAIN();
