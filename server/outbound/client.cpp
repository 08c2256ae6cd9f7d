// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/client.h"

#include "server/outbound/addresspolicy.h"
#include "server/outbound/exchange.h"
#include "server/outbound/redirect.h"
#include "server/outbound/retryafter.h"
#include "server/runtime/reactor.h"
#include "shared/async/faults.h"
#include "shared/async/timeout.h"

#include <QElapsedTimer>
#include <QFile>
#include <QNetworkAccessManager>
#include <QNetworkProxy>
#include <QSslCertificate>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::outbound {

using async::Bulkhead;
using async::CircuitBreaker;
using async::Context;
using async::OneShot;

namespace {

/// A server that wants to be left alone for longer is: the answer goes to the caller.
constexpr std::chrono::milliseconds longestRetryAfter = 30s;

/// Whether @p status is likely to pass: RFC 9110 and, for 429, RFC 6585.
bool isPassing(int status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

bool isRetryable(const Error &error)
{
    const Decider *const decider = error.decider();
    if (decider && (decider->kind == Decider::Kind::CircuitBreaker || decider->kind == Decider::Kind::Bulkhead))
        return false; // ours: who waits here adds to what is refused
    return async::RetryPolicy::isPassing(error) && (!decider || decider->retryAfter <= longestRetryAfter);
}

/// Whether @p error says anything of the host.
bool isOfHost(const Error &error, const Context &context)
{
    return !context.isStopped() && error.code() != Error::Code::PermissionDenied
        && error.code() != Error::Code::NotFound && error.code() != Error::Code::Cancelled;
}

std::optional<QSslConfiguration> tlsOf(const Options &options)
{
    if (options.caFile.isEmpty())
        return {};
    QFile file(options.caFile);
    const auto certificates
        = file.open(QIODevice::ReadOnly) ? QSslCertificate::fromDevice(&file, QSsl::Pem) : QList<QSslCertificate>();
    if (certificates.isEmpty())
        throw Error(Error::Code::InvalidArgument,
                    u"[outbound] ca_file %1: no certificate in PEM"_s.arg(options.caFile));
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    // All of them: a list of one's own keeps Qt from finding the system's when they are needed.
    tls.setCaCertificates(QSslConfiguration::systemCaCertificates() + certificates);
    return tls;
}

/// A thread, and the manager that lives in it.
struct Worker
{
    Worker(int index, const runtime::Options &threads) : reactor(index, threads, u"out"_s) { }

    /// In its thread.
    QNetworkAccessManager &manager()
    {
        if (!network) {
            network = std::make_unique<QNetworkAccessManager>();
            network->setProxy(QNetworkProxy::NoProxy); // it would connect for us, to what it thinks
        }
        return *network;
    }

    std::unique_ptr<QNetworkAccessManager> network;
    runtime::Reactor reactor;
};

} // namespace

struct Client::Private
{
    struct Flight
    {
        Flight(Context theContext, Request theRequest, OneShot<Response>::Finisher theFinisher)
            : context(std::move(theContext)),
              request(std::move(theRequest)),
              finisher(std::move(theFinisher))
        {
        }
        Context context;
        Request request;
        OneShot<Response>::Finisher finisher;
    };
    /// A request to one host, with its retries.
    struct Call
    {
        Worker &worker;
        const Request &request;
        const Target &target;
        Host &host;
        int number = 0; ///< of the attempt, from 1
        std::optional<Response> passing{}; ///< an answer that is worth another try; the last is the answer
    };

    Private(Client &theClient, Options theOptions, const runtime::Options &theThreads, ClientSurroundings around)
        : client(theClient),
          options(std::move(theOptions)),
          threads(theThreads),
          surroundings(std::move(around)),
          policy(orThrow(AddressPolicy::parse(options.allow))),
          tls(tlsOf(options)),
          places({ .name = u"outbound"_s, .concurrency = options.concurrency, .queue = options.queue })
    {
    }

    TimePoint now() const { return surroundings.clock->now(); }
    void post(int worker, std::function<void()> work);
    void end();

    QCoro::Task<> fly(Worker &worker, std::shared_ptr<Flight> flight);
    QCoro::Task<Response> answer(Worker &worker, Context context, Request request);
    QCoro::Task<Response> follow(Worker &worker, Context context, Request request);
    QCoro::Task<Response> sendOften(Worker &worker, Context context, const Request &request, const Target &target);
    QCoro::Task<Response> attempt(Context context, Call &call);
    QCoro::Task<Response> ask(Context context, const Call &call);
    QCoro::Task<QHostAddress> addressOf(Context context, const Call &call);

    Client &client;
    const Options options;
    const runtime::Options threads;
    const ClientSurroundings surroundings;
    const AddressPolicy policy;
    const std::optional<QSslConfiguration> tls;
    HostTable hosts{ options, workers };
    Bulkhead places;
    std::stop_source shutdown;

    std::atomic<qint64> requests{ 0 }, attempts{ 0 }, retries{ 0 }, redirects{ 0 }, failed{ 0 }, refused{ 0 },
        receivedBytes{ 0 };
    std::atomic<unsigned> turn{ 0 };

    std::mutex mutex; // guards all below
    std::condition_variable left;
    int running = 0;
    bool isEnding = false;
    std::array<std::unique_ptr<Worker>, workers> started; // by the first request
};

void Client::Private::post(int worker, std::function<void()> work)
{
    const std::lock_guard lock(mutex);
    if (isEnding)
        return; // what the work holds tells its waiter
    for (size_t i = 0; i < started.size(); ++i) {
        if (!started[i])
            started[i] = std::make_unique<Worker>(int(i), threads);
    }
    started[size_t(worker)]->reactor.post(std::move(work));
}

void Client::Private::end()
{
    {
        const std::lock_guard lock(mutex);
        isEnding = true;
    }
    shutdown.request_stop();
    for (const auto &worker : started) {
        if (worker)
            worker->reactor.call([] { }); // then all that was posted has begun
    }
    {
        std::unique_lock lock(mutex);
        left.wait(lock, [this] { return running == 0; });
    }
    for (const auto &worker : started) {
        if (!worker)
            continue;
        worker->reactor.call([&worker] { worker->network.reset(); });
        worker->reactor.stop();
    }
}

QCoro::Task<> Client::Private::fly(Worker &worker, std::shared_ptr<Flight> flight)
{
    const Running here(client);
    ++requests;
    try {
        Response response = co_await answer(worker, flight->context, std::move(flight->request));
        flight->finisher.set(std::move(response));
    } catch (const Error &error) {
        failed += error.code() != Error::Code::Cancelled;
        flight->finisher.fail(error);
    } catch (...) {
        ++failed;
        flight->finisher.fail(std::current_exception());
    }
}

/// With a token that fires also at the context's deadline and at the client's end.
QCoro::Task<Response> Client::Private::answer(Worker &worker, Context context, Request request)
{
    QElapsedTimer timer;
    timer.start();
    async::LinkedStop stop(context.stop);
    const std::stop_callback atEnd(shutdown.get_token(), [source = stop.source()]() mutable { source.request_stop(); });
    const Context inner = context.with(stop.token(), context.deadline);
    Response response;
    if (inner.deadline.isNever()) {
        response = co_await follow(worker, inner, std::move(request));
    } else {
        const auto work = [&](const Context &inTime) { return follow(worker, inTime, request); };
        response = co_await async::withTimeout(inner, inner.deadline.remaining(), u"the request"_s, work);
    }
    response.took = std::chrono::milliseconds(timer.elapsed());
    co_return response;
}

QCoro::Task<Response> Client::Private::follow(Worker &worker, Context context, Request request)
{
    OneShot<Bulkhead::Permit> wait = places.acquire(context);
    const Bulkhead::Permit place = co_await std::move(wait);
    Target target = orThrow(Target::fromUrl(request.url));
    int attemptsBefore = 0;
    for (int hops = 0;; ++hops) {
        Response response = co_await sendOften(worker, context, request, target);
        receivedBytes += response.bytes;
        response.redirects = hops;
        response.attempts += attemptsBefore;
        if (!request.followsRedirects || !isRedirect(response))
            co_return response;
        if (hops >= options.redirects)
            throw Error(Error::Code::FailedValidation,
                        u"%1 redirects more than %2 times"_s.arg(request.url.toString()).arg(options.redirects));
        Target next = orThrow(redirected(request, target, response));
        target = std::move(next);
        attemptsBefore = response.attempts;
        ++redirects;
    }
}

QCoro::Task<Response> Client::Private::sendOften(Worker &worker, Context context, const Request &request,
                                                 const Target &target)
{
    const std::shared_ptr<Host> host = hosts.of(target.key()); // shared with the table, which may forget it meanwhile
    Call call{ .worker = worker, .request = request, .target = target, .host = *host };
    const async::RetryPolicy retryPolicy{ .attempts = !request.mayRepeat() ? 1
                                              : request.attempts > 0       ? request.attempts
                                                                           : options.attempts,
                                          .firstDelay = options.retryDelay,
                                          .budget = &host->budget,
                                          .isRetryable = isRetryable,
                                          .onRetry
                                          = [this](const Error &, int, std::chrono::milliseconds) { ++retries; } };
    const auto once = [&](const Context &inner) {
        ++call.number;
        call.passing.reset();
        return attempt(inner, call);
    };
    try {
        Response response = co_await async::retry(context, retryPolicy, once);
        response.attempts = call.number;
        co_return response;
    } catch (const Error &) {
        if (!call.passing)
            throw;
    }
    call.passing->attempts = call.number;
    co_return std::move(*call.passing);
}

QCoro::Task<Response> Client::Private::attempt(Context context, Call &call)
{
    OneShot<Bulkhead::Permit> wait = call.host.places[size_t(call.worker.reactor.index())]->acquire(context);
    const Bulkhead::Permit place = co_await std::move(wait);
    CircuitBreaker::Permit permit = orThrow(call.host.breaker.acquire(now()));
    ++attempts;
    async::Span span(context.trace, "outbound");
    if (span) {
        span.set("host", call.target.key().toUtf8());
        span.set("attempt", qint64(call.number));
    }
    const Context within = context.within(span);
    std::optional<Error> error;
    Response response;
    try {
        const auto work = [&](const Context &inTime) { return ask(inTime, call); };
        response = co_await async::withTimeout(within, options.timeout, call.target.key(), work);
        if (span)
            span.set("status", qint64(response.status));
    } catch (const Error &failure) {
        span.failWithCurrentException();
        error = failure;
    }
    if (error) {
        if (isOfHost(*error, context))
            permit.report(CircuitBreaker::isFailure(*error) ? CircuitBreaker::Outcome::Failure
                                                            : CircuitBreaker::Outcome::Success,
                          now());
        throw *error;
    }
    permit.report(response.status >= 500 ? CircuitBreaker::Outcome::Failure : CircuitBreaker::Outcome::Success, now());
    if (!isPassing(response.status))
        co_return response;
    const auto pause = retryAfter(response.header("retry-after"), surroundings.clock->timestamp());
    call.passing = std::move(response);
    throw Error(Error::Code::Unavailable, u"%1 answers %2"_s.arg(call.target.key()).arg(call.passing->status))
        .withDecider({ .kind = Decider::Kind::RateLimit, .name = call.target.key(), .retryAfter = pause });
}

QCoro::Task<Response> Client::Private::ask(Context context, const Call &call)
{
    const QHostAddress address = co_await addressOf(context, call);
    if (surroundings.faults && surroundings.faults->isOn()) {
        QCoro::Task<> suffering = surroundings.faults->suffer(context);
        co_await suffering;
    }
    ExchangeOptions exchangeOptions{
        .connectTimeout = options.connectTimeout,
        .idleTimeout = options.idleTimeout,
        .maxBytes = call.request.maxBytes > 0 ? std::min(call.request.maxBytes, options.bodyBytes) : options.bodyBytes,
        .userAgent = options.userAgent,
        .traceParent = context.trace ? context.trace.trace->traceparentOf(context.trace.span) : QByteArray(),
        .tls = tls
    };
    QCoro::Task<Response> response
        = exchange(call.worker.manager(), context, call.request, call.target, address, std::move(exchangeOptions));
    co_return co_await response;
}

/// One that may be connected to; another one at each attempt, if there are several.
QCoro::Task<QHostAddress> Client::Private::addressOf(Context context, const Call &call)
{
    const Target &target = call.target;
    QList<QHostAddress> addresses;
    if (target.literal) {
        addresses.append(*target.literal);
    } else {
        const auto work = [&](const Context &inTime) { return surroundings.lookUp(inTime, target.host); };
        try {
            addresses = co_await async::withTimeout(context, options.connectTimeout, target.host, work);
        } catch (const Error &error) {
            if (error.code() != Error::Code::DeadlineExceeded || context.isStopped())
                throw;
            throw Error(Error::Code::Unavailable, u"the address of %1 cannot be found in time"_s.arg(target.host));
        }
    }
    if (call.request.isConfigured && !call.request.followsRedirects && !addresses.isEmpty())
        co_return addresses.at((call.number - 1) % addresses.size());
    const auto admitted = policy.admit(target.host, addresses);
    if (!admitted) {
        refused += admitted.error().code() == Error::Code::PermissionDenied;
        throw Error(admitted.error());
    }
    co_return admitted->at((call.number - 1) % admitted->size());
}

Client::Client(Options options, const runtime::Options &threads, ClientSurroundings surroundings)
    : d(std::make_unique<Private>(*this, std::move(options), threads, std::move(surroundings)))
{
}

Client::~Client()
{
    d->end();
}

OneShot<Response> Client::send(Context context, Request request)
{
    auto [finisher, response] = async::oneShot<Response>();
    OneShot<Response> result = std::move(response);
    const auto target = Target::fromUrl(request.url);
    if (!target) {
        finisher.fail(target.error());
        return result;
    }
    const int worker = int(d->hosts.of(target->key())->turn.fetch_add(1, std::memory_order_relaxed) % workers);
    // Shared by the copies that std::function may make.
    const auto flight = std::make_shared<Private::Flight>(std::move(context), std::move(request), std::move(finisher));
    d->post(worker, [d = d.get(), worker, flight] { d->fly(*d->started[size_t(worker)], flight); });
    return result;
}

void Client::post(std::function<void()> work)
{
    d->post(int(d->turn.fetch_add(1, std::memory_order_relaxed) % workers), std::move(work));
}

void Client::enter()
{
    const std::lock_guard lock(d->mutex);
    ++d->running;
}

void Client::leave()
{
    const std::lock_guard lock(d->mutex);
    if (--d->running == 0)
        d->left.notify_all();
}

Client::Figures Client::figures() const
{
    Figures figures{ .requests = d->requests,
                     .attempts = d->attempts,
                     .retries = d->retries,
                     .redirects = d->redirects,
                     .failed = d->failed,
                     .refused = d->refused,
                     .receivedBytes = d->receivedBytes };
    const Bulkhead::Figures places = d->places.figures();
    figures.running = places.running;
    figures.waiting = places.waiting;
    for (const auto &host : d->hosts.all()) {
        ++figures.hosts;
        figures.openBreakers += host->breaker.figures(d->now()).state == CircuitBreaker::State::Open;
    }
    return figures;
}

HostTable &Client::hosts()
{
    return d->hosts;
}

const Options &Client::options() const
{
    return d->options;
}

} // namespace godwit::outbound
