// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/lookup.h"

#include "shared/async/oneshot.h"

#include <QHostInfo>

#include <optional>

using namespace Qt::StringLiterals;

namespace godwit::outbound {

namespace {

using Addresses = async::OneShot<QList<QHostAddress>>;

/// One look-up. Lives in the frame of the coroutine that waits for it, so in its thread.
class Lookup final : public QObject
{
public:
    Lookup(const async::Context &context, const QString &host, Addresses::Finisher finisher)
        : m_context(context),
          m_host(host),
          m_finisher(std::move(finisher)),
          m_id(QHostInfo::lookupHost(host, this, [this](const QHostInfo &info) { take(info); })),
          m_stopped(context.stop, Stop{ *this })
    {
    }
    ~Lookup() override { QHostInfo::abortHostLookup(m_id); }

private:
    struct Stop
    {
        Lookup &lookup;
        /// In whatever thread requests the stop.
        void operator()() const
        {
            QMetaObject::invokeMethod(
                &lookup, [&lookup = lookup] { lookup.fail(lookup.m_context.stopError()); }, Qt::QueuedConnection);
        }
    };

    void take(const QHostInfo &found)
    {
        if (found.error() == QHostInfo::HostNotFound)
            fail({ Error::Code::NotFound, u"there is no host \"%1\""_s.arg(m_host) });
        else if (found.error() != QHostInfo::NoError)
            fail({ Error::Code::Unavailable,
                   u"the address of %1 cannot be found: %2"_s.arg(m_host, found.errorString()) });
        else if (m_finisher)
            std::exchange(m_finisher, {})->set(found.addresses());
    }
    void fail(const Error &error)
    {
        if (m_finisher)
            std::exchange(m_finisher, {})->fail(error);
    }

    const async::Context m_context;
    const QString m_host;
    std::optional<Addresses::Finisher> m_finisher;
    const int m_id;
    std::stop_callback<Stop> m_stopped; // last: its callback uses all of the above
};

} // namespace

QCoro::Task<QList<QHostAddress>> lookUp(async::Context context, QString host)
{
    auto [finisher, found] = async::oneShot<QList<QHostAddress>>();
    const Lookup lookup(context, host, std::move(finisher));
    Addresses wait = std::move(found);
    co_return co_await std::move(wait);
}

} // namespace godwit::outbound
