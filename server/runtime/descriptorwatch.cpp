// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/descriptorwatch.h"

#include <QSocketNotifier>

namespace godwit::runtime {

DescriptorWatch::DescriptorWatch(qintptr descriptor, DescriptorSink &sink)
    : m_sink(sink),
      m_descriptor(descriptor),
      m_dispatcher(dynamic_cast<SinkDispatcher *>(QAbstractEventDispatcher::instance()))
{
    if (m_dispatcher)
        m_dispatcher->watch(int(m_descriptor), &m_sink);
}

void DescriptorWatch::changeInterest(DescriptorEvents interest)
{
    m_interest = interest;
    if (m_dispatcher) {
        m_dispatcher->setInterest(int(m_descriptor), interest);
        return;
    }
    const auto apply = [&](DescriptorEvent event, QSocketNotifier *&notifier) {
        if (interest.testFlag(event) && !notifier)
            notifier = makeNotifier(event);
        if (notifier)
            notifier->setEnabled(interest.testFlag(event));
    };
    apply(DescriptorEvent::Readable, m_readable);
    apply(DescriptorEvent::Writable, m_writable);
}

QSocketNotifier *DescriptorWatch::makeNotifier(DescriptorEvent event)
{
    const auto type = event == DescriptorEvent::Readable ? QSocketNotifier::Read : QSocketNotifier::Write;
    auto *notifier = new QSocketNotifier(m_descriptor, type);
    QObject::connect(notifier, &QSocketNotifier::activated, notifier,
                     [sink = &m_sink, event] { sink->descriptorReady(event); });
    return notifier;
}

void DescriptorWatch::dropNotifier(QSocketNotifier *&notifier)
{
    if (!notifier)
        return;
    notifier->setEnabled(false);
    notifier->disconnect();
    std::exchange(notifier, nullptr)->deleteLater(); // it may be the one that is calling
}

void DescriptorWatch::stop()
{
    if (m_dispatcher)
        m_dispatcher->unwatch(int(m_descriptor));
    m_dispatcher = nullptr;
    m_interest = {};
    dropNotifier(m_readable);
    dropNotifier(m_writable);
}

} // namespace godwit::runtime
