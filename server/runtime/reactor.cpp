// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/reactor.h"

#include "server/runtime/threadname.h"
#include "shared/async/handover.h"
#include "shared/async/mailbox.h"
#include "shared/core/error.h"

#include <exception>
#include <latch>
#include <mutex>

#ifdef Q_OS_LINUX
#include "server/runtime/epolldispatcher.h"
#endif

namespace godwit::runtime {

static thread_local Reactor *currentReactor = nullptr;

QAbstractEventDispatcher *makeEventDispatcher()
{
#ifdef Q_OS_LINUX
    return new EpollDispatcher;
#else
    return nullptr;
#endif
}

namespace {

using Work = std::function<void()>;

/// For the results that a reactor's coroutines wait for when it ends, so that no frame is left hanging.
constexpr std::chrono::seconds longestFarewell{ 1 };

/// What was posted to a reactor and has not run yet. Lives in the reactor's thread.
class Inbox final : public QObject
{
public:
    Inbox() { handOver.open(this); }

    async::HandOver<Work> handOver;

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        handOver.takeEach([](const Work &work) { work(); });
        return true;
    }
};

/// Lets a caller wait for work that was posted: until it has run, or was dropped because the reactor has stopped.
class Call
{
public:
    explicit Call(ptrdiff_t count) : m_state(std::make_shared<State>(count)) { }

    /// The part to post; once for each that is counted.
    Work posted(Work work) const
    {
        // The copies that std::function may make share it; the last one to go releases the caller.
        std::shared_ptr<void> release(nullptr, [state = m_state](void *) { state->pending.count_down(); });
        return [state = m_state, work = std::move(work), release = std::move(release)] {
            try {
                work();
            } catch (...) {
                const std::lock_guard lock(state->mutex);
                if (!state->error)
                    state->error = std::current_exception();
            }
        };
    }

    void wait() const
    {
        m_state->pending.wait();
        if (m_state->error)
            std::rethrow_exception(m_state->error);
    }

private:
    struct State
    {
        explicit State(ptrdiff_t count) : pending(count) { }

        std::latch pending;
        std::mutex mutex; // guards the error until all have counted down
        std::exception_ptr error;
    };
    std::shared_ptr<State> m_state; // shared by the caller and what it posts
};

} // namespace

struct Reactor::Private final : QThread
{
    Private(Reactor &reactor, const Options &options, const QString &role) : m_reactor(reactor)
    {
        setObjectName(threadName(options.threadName, role, reactor.index()));
        if (options.stackBytes > 0)
            setStackSize(uint(options.stackBytes));
        if (auto *const dispatcher = makeEventDispatcher())
            setEventDispatcher(dispatcher);
        inbox.moveToThread(this);
    }

    void run() override
    {
        currentReactor = &m_reactor;
        exec();
        async::Mailbox::runOut(longestFarewell);
        // What was posted while the loop ended, by us or by others: coroutines that have their result.
        QCoreApplication::sendPostedEvents();
        inbox.handOver.close();
        inbox.handOver.clear(); // releases whoever waits in call()
        currentReactor = nullptr;
    }

    Inbox inbox;

private:
    Reactor &m_reactor;
};

Reactor::Reactor(int index, const Options &options, const QString &role)
    : m_index(index),
      d(std::make_unique<Private>(*this, options, role))
{
    d->start();
    if (!d->isRunning())
        throw Error(Error::Code::Unavailable, QStringLiteral("the system has no thread left"));
}

Reactor::~Reactor()
{
    stop();
}

void Reactor::post(std::function<void()> work)
{
    d->inbox.handOver.push(std::move(work));
}

void Reactor::call(const std::function<void()> &work)
{
    Q_ASSERT_X(!current(), "Reactor::call", "a reactor must not wait");
    const Call call(1);
    post(call.posted(work));
    call.wait();
}

Reactor *Reactor::current()
{
    return currentReactor;
}

void Reactor::stop()
{
    Q_ASSERT_X(!current(), "Reactor::stop", "a reactor must not wait");
    post([this] { d->quit(); });
    d->inbox.handOver.close();
    d->wait();
}

ReactorGroup::ReactorGroup(const Options &options)
{
    const int count = options.workers > 0 ? options.workers : QThread::idealThreadCount();
    for (int i = 0; i < count; ++i)
        m_reactors.push_back(std::make_unique<Reactor>(i, options));
}

ReactorGroup::~ReactorGroup()
{
    stop();
}

void ReactorGroup::postToAll(const std::function<void(int)> &work)
{
    for (const auto &reactor : m_reactors)
        reactor->post([work, index = reactor->index()] { work(index); });
}

void ReactorGroup::callOnAll(const std::function<void(int)> &work)
{
    Q_ASSERT_X(!Reactor::current(), "ReactorGroup::callOnAll", "a reactor must not wait");
    const Call call(ptrdiff_t(m_reactors.size()));
    for (const auto &reactor : m_reactors)
        reactor->post(call.posted([&work, index = reactor->index()] { work(index); }));
    call.wait();
}

void ReactorGroup::stop()
{
    for (const auto &reactor : m_reactors)
        reactor->stop();
}

} // namespace godwit::runtime
