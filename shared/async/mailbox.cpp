// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/mailbox.h"

#include "shared/async/currentrequest.h"
#include "shared/async/handover.h"

#include <QAbstractEventDispatcher>
#include <QTimer>

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

    bool isExpecting() const { return m_expected > 0; }

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
        m_mailbox->handOver.takeEach([this](const Waiter &waiter) {
            m_mailbox->stopExpecting();
            const CurrentRequest request(waiter.requestId);
            waiter.coroutine.resume();
        });
        return true;
    }

private:
    std::shared_ptr<ThreadMailbox> m_mailbox; // shared with whoever may still post
};

const std::shared_ptr<ThreadMailbox> &mailboxOfThisThread()
{
    static thread_local Receiver receiver;
    return receiver.mailbox();
}

} // namespace

std::shared_ptr<Mailbox> Mailbox::ofThisThread()
{
    return mailboxOfThisThread();
}

void Mailbox::runOut(std::chrono::milliseconds longest)
{
    const ThreadMailbox &mailbox = *mailboxOfThisThread();
    QAbstractEventDispatcher *const events = QAbstractEventDispatcher::instance();
    if (!events || !mailbox.isExpecting())
        return;
    // Not a QEventLoop: in a thread that was told to quit, it returns at once.
    QTimer alarm;
    alarm.setSingleShot(true);
    alarm.start(longest);
    while (mailbox.isExpecting() && alarm.isActive())
        events->processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
}

} // namespace godwit::async
