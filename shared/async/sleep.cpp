// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/sleep.h"

#include <QTimer>

namespace godwit::async {

namespace {

/// Owns itself: lives until its timer fires or its token does, whichever is first, in the thread that made it.
class Sleeper final : public QObject
{
public:
    Sleeper(const Context &context, std::chrono::milliseconds span, OneShot<void>::Finisher finisher)
        : m_context(context),
          m_finisher(std::move(finisher)),
          m_byDeadline(context.deadline.remaining() < span),
          m_stopped(context.stop, [this] {
              // Any thread may request the stop; the timer lives in ours.
              QMetaObject::invokeMethod(this, [this] { end(m_context.stopError()); }, Qt::QueuedConnection);
          })
    {
        m_timer.setSingleShot(true);
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            if (m_byDeadline)
                end(Error(Error::Code::DeadlineExceeded, QStringLiteral("the deadline has passed")));
            else
                end({});
        });
        m_timer.start(std::min(span, context.deadline.remaining()));
    }

private:
    void end(const std::optional<Error> &error)
    {
        if (m_ended)
            return;
        m_ended = true;
        m_timer.stop();
        if (error)
            m_finisher.fail(*error);
        else
            m_finisher.set();
        deleteLater();
    }

    const Context m_context;
    OneShot<void>::Finisher m_finisher;
    QTimer m_timer;
    const bool m_byDeadline;
    bool m_ended = false;
    std::stop_callback<std::function<void()>> m_stopped; // last: its callback uses all of the above
};

} // namespace

OneShot<void> sleepFor(const Context &context, std::chrono::milliseconds span)
{
    auto [finisher, result] = oneShot<void>();
    new Sleeper(context, span, std::move(finisher));
    return std::move(result);
}

} // namespace godwit::async
