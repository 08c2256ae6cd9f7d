// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/incomingbody.h"

namespace godwit::http {

async::OneShot<QByteArray> IncomingBody::next()
{
    auto [finisher, result] = async::oneShot<QByteArray>();
    if (!m_arrived.isEmpty() || (m_isComplete && !m_error))
        finisher.set(std::exchange(m_arrived, {}));
    else if (m_error)
        finisher.fail(*m_error);
    else
        m_waiter.emplace(std::move(finisher));
    if (m_wanted && !m_isComplete && !m_error)
        m_wanted();
    return std::move(result);
}

void IncomingBody::append(QByteArray piece)
{
    if (m_arrived.isEmpty())
        m_arrived = std::move(piece);
    else
        m_arrived += piece;
    if (m_waiter && !m_arrived.isEmpty()) {
        m_waiter->set(std::exchange(m_arrived, {}));
        m_waiter.reset();
    }
}

void IncomingBody::complete()
{
    m_isComplete = true;
    if (m_waiter) {
        m_waiter->set(QByteArray());
        m_waiter.reset();
    }
}

void IncomingBody::fail(const Error &error)
{
    if (m_error)
        return;
    m_error = error;
    if (m_waiter) {
        m_waiter->fail(error);
        m_waiter.reset();
    }
}

} // namespace godwit::http
