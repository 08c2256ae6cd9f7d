// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/outbound/hosttable.h"
#include "server/outbound/lookup.h"
#include "server/outbound/options.h"
#include "server/outbound/request.h"
#include "server/runtime/options.h"
#include "shared/async/context.h"
#include "shared/async/oneshot.h"
#include "shared/core/clock.h"

#include <QCoroTask>

#include <functional>
#include <memory>

namespace godwit::async {
class Faults;
}

namespace godwit::outbound {

/// What a Client stands on: replaced by tests.
struct ClientSurroundings
{
    std::function<QCoro::Task<QList<QHostAddress>>(async::Context, QString)> lookUp = outbound::lookUp;
    const Clock *clock = &Clock::system(); ///< of the breakers
    async::Faults *faults = nullptr; ///< asked before each attempt; outlives the client
};

/// The HTTP client of the server. Each host has its places, a breaker and a budget of retries; each address is checked
/// by the AddressPolicy before it is connected to, also behind a redirect, and the one that was checked is connected
/// to. A front: all functions from any thread.
///
/// What the contract asks for, and what there is: connections live in QNetworkAccessManagers on two threads of their
/// own, started by the first request (a manager belongs to a thread with an event loop; it decodes bodies there, which
/// the reactors are better spared, and has one more thread behind it for its sockets). Qt 6.4 lets one set how long
/// idle connections stay (for all of a host together, from its last request on), and not how many: a manager has at
/// most six a host, also if more is wished. What is bounded here is the requests in flight a host, which Qt needs a
/// connection each for: 10, five on each thread. So no more than that are idle later, except that an aborted request's
/// connection may be replaced before it is gone.
class Client
{
    Q_DISABLE_COPY_MOVE(Client)

public:
    static constexpr int workers = 2;

    /// Throws Error::InvalidArgument for a network, host or file of the options that is none.
    Client(Options options, const runtime::Options &threads, ClientSurroundings surroundings = {});
    ~Client(); ///< aborts what is in flight, and waits for that

    /// Any status is a Response. Retries what may be repeated, after a connection that failed or a 429, 502, 503, 504,
    /// with the wait that Retry-After asks for, up to 30 s. @p context's token aborts at once.
    ///
    /// Error::FailedValidation for a URL or certificate that is not right, or too many redirects; PermissionDenied for
    /// an address that the policy refuses; NotFound for a host that does not exist; PayloadTooLarge; Unavailable with a
    /// decider where the breaker is open or the queue is full; DeadlineExceeded after the options' timeout, or at the
    /// context's deadline.
    async::OneShot<Response> send(async::Context context, Request request);

    /// Runs @p work, a function that returns a QCoro::Task, on one of the client's threads, so that a thread without an
    /// event loop can wait for a coroutine. It must heed a token: the client's end waits for it.
    template<class Work>
    auto run(Work work) -> async::OneShot<typename std::invoke_result_t<Work &>::value_type>
    {
        using T = typename std::invoke_result_t<Work &>::value_type;
        auto [finisher, result] = async::oneShot<T>();
        auto call = std::make_shared<Call<T, Work>>(std::move(work), std::move(finisher)); // for std::function's copies
        post([this, call] { drive(*this, call); });
        return std::move(result);
    }

    struct Figures
    {
        qint64 requests = 0, attempts = 0, retries = 0, redirects = 0; ///< since the start
        qint64 failed = 0; ///< requests that ended without an answer
        qint64 refused = 0; ///< by the address policy
        qint64 receivedBytes = 0; ///< of bodies, decoded
        int running = 0, waiting = 0; ///< now
        qint64 hosts = 0, openBreakers = 0;
    };
    Figures figures() const;
    HostTable &hosts();
    const Options &options() const;

private:
    struct Private;
    template<class T, class Work>
    struct Call
    {
        Call(Work theWork, typename async::OneShot<T>::Finisher theFinisher)
            : work(std::move(theWork)),
              finisher(std::move(theFinisher))
        {
        }
        Work work;
        typename async::OneShot<T>::Finisher finisher;
    };
    /// Counts a coroutine, whose end the destructor waits for.
    class Running
    {
        Q_DISABLE_COPY_MOVE(Running)
    public:
        explicit Running(Client &client) : m_client(client) { m_client.enter(); }
        ~Running() { m_client.leave(); }

    private:
        Client &m_client;
    };
    template<class T, class Work>
    static QCoro::Task<> drive(Client &client, std::shared_ptr<Call<T, Work>> call)
    {
        const Running running(client);
        try {
            QCoro::Task<T> task = call->work();
            if constexpr (std::is_void_v<T>) {
                co_await task;
                call->finisher.set();
            } else {
                call->finisher.set(co_await task);
            }
        } catch (...) {
            call->finisher.fail(std::current_exception());
        }
    }
    void post(std::function<void()> work);
    void enter();
    void leave();

    const std::unique_ptr<Private> d;
};

} // namespace godwit::outbound
