// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/mailbox.h"

#include <QCoreApplication>
#include <QEvent>
#include <QObject>

#include <mutex>
#include <vector>

namespace godwit::async {

namespace {

class ThreadMailbox final : public Mailbox
{
public:
    void post(std::coroutine_handle<> coroutine) override
    {
        const std::lock_guard lock(m_mutex);
        if (!m_receiver)
            return;
        m_waiting.push_back(coroutine);
        if (m_waiting.size() == 1)
            QCoreApplication::postEvent(m_receiver, new QEvent(QEvent::User));
    }

    void setReceiver(QObject *receiver)
    {
        const std::lock_guard lock(m_mutex);
        m_receiver = receiver;
    }

    void resumeAll()
    {
        // Taken out whole: a coroutine that is resumed may run a nested event loop and come here again.
        std::vector<std::coroutine_handle<>> work;
        {
            const std::lock_guard lock(m_mutex);
            work.swap(m_waiting);
        }
        for (const auto coroutine : work)
            coroutine.resume();
    }

private:
    std::mutex m_mutex;
    QObject *m_receiver = nullptr;
    std::vector<std::coroutine_handle<>> m_waiting;
};

/// Lives as long as its thread.
class Receiver final : public QObject
{
public:
    Receiver() : m_mailbox(std::make_shared<ThreadMailbox>()) { m_mailbox->setReceiver(this); }
    ~Receiver() override { m_mailbox->setReceiver(nullptr); }

    const std::shared_ptr<ThreadMailbox> &mailbox() const { return m_mailbox; }

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        m_mailbox->resumeAll();
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
