// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractEventDispatcher>
#include <QFlags>
#include <QPointer>

QT_BEGIN_NAMESPACE
class QSocketNotifier;
QT_END_NAMESPACE

namespace godwit::runtime {

/// What a descriptor can be ready for. The values are epoll's, so that nothing has to be translated.
enum class DescriptorEvent : quint32 {
    Readable = 0x001,
    Writable = 0x004,
    Failed = 0x008, ///< reported, never asked for; Qt's own dispatcher says Readable or Writable instead
    HungUp = 0x010, ///< both directions are down; as Failed
};
Q_DECLARE_FLAGS(DescriptorEvents, DescriptorEvent)
Q_DECLARE_OPERATORS_FOR_FLAGS(DescriptorEvents)

/// What is called when a descriptor is ready: no QEvent and no signal on the way (700 instructions less than
/// QSocketNotifier). Called from the event loop of the thread that watches. The sink may stop or delete its watch
/// there.
class DescriptorSink
{
public:
    virtual void descriptorReady(DescriptorEvents events) = 0;

protected:
    ~DescriptorSink() = default;
};

/// A dispatcher that reports to sinks by itself. DescriptorWatch is the way to use it.
class SinkDispatcher : public QAbstractEventDispatcher
{
public:
    using QAbstractEventDispatcher::QAbstractEventDispatcher;

    virtual void watch(int descriptor, DescriptorSink *sink) = 0;
    virtual void setInterest(int descriptor, DescriptorEvents interest) = 0;
    virtual void unwatch(int descriptor) = 0;
};

/// Watches one descriptor for one sink, level-triggered, in the thread that made it: straight from our dispatcher where
/// the thread has it, by QSocketNotifier elsewhere. Not to be mixed with a QSocketNotifier of one's own on the same
/// descriptor. Used and destroyed in its thread only.
class DescriptorWatch
{
    Q_DISABLE_COPY_MOVE(DescriptorWatch)

public:
    /// Begins with no interest: nothing is reported. Neither the descriptor nor the sink is owned.
    DescriptorWatch(qintptr descriptor, DescriptorSink &sink);
    ~DescriptorWatch() { stop(); }

    /// Readable, Writable, both or none. Takes effect before the loop waits next; going forth and back in between
    /// costs no system call. A descriptor that was of interest before and is not now is still told, once, that it
    /// failed or hung up (epoll only).
    void setInterest(DescriptorEvents interest)
    {
        if (interest != m_interest)
            changeInterest(interest);
    }
    DescriptorEvents interest() const { return m_interest; }

    /// Ends it for good; nothing is reported any more, not even what the loop has fetched already. To be called before
    /// the descriptor is closed.
    void stop();

private:
    void changeInterest(DescriptorEvents interest);
    QSocketNotifier *makeNotifier(DescriptorEvent event);
    void dropNotifier(QSocketNotifier *&notifier);

    DescriptorSink &m_sink;
    const qintptr m_descriptor;
    DescriptorEvents m_interest;
    QPointer<SinkDispatcher> m_dispatcher; // null: the notifiers do it
    QSocketNotifier *m_readable = nullptr; // owned
    QSocketNotifier *m_writable = nullptr;
};

} // namespace godwit::runtime
