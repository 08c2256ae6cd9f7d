// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/mailbox.h"

#include "shared/async/currentrequest.h"
#include "shared/async/handover.h"

namespace godwit::async {

namespace {

struct Waiter
{
    std::coroutine_handle<> coroutine;
    QByteArray requestId;
};

class ThreadMailbox final : public Mailbox
{
public:
    void post(std::coroutine_handle<> coroutine, QByteArray requestId) override
    {
        handOver.push({ coroutine, std::move(requestId) });
    }

    HandOver<Waiter> handOver;
};

/// Lives as long as its thread.
class Receiver final : public QObject
{
public:
    Receiver() : m_mailbox(std::make_shared<ThreadMailbox>()) { m_mailbox->handOver.open(this); }
    ~Receiver() override { m_mailbox->handOver.close(); }

    const std::shared_ptr<ThreadMailbox> &mailbox() const { return m_mailbox; }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        m_mailbox->handOver.takeEach([](const Waiter &waiter) {
            const CurrentRequest request(waiter.requestId);
            waiter.coroutine.resume();
        });
        return true;
    }

private:
    std::shared_ptr<ThreadMailbox> m_mailbox; // shared with whoever may still post
};

} // namespace

std::shared_ptr<Mailbox> Mailbox::ofThisThread()
{
    static thread_local Receiver receiver;
    return receiver.mailbox();
}

} // namespace godwit::async
