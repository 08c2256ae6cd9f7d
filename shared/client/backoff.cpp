// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/backoff.h"

#include <QRandomGenerator>

#include <algorithm>

namespace godwit::client {

using std::chrono::milliseconds;

Backoff::Backoff(Options options) : m_options(std::move(options))
{
    if (!m_options.random)
        m_options.random = [] { return QRandomGenerator::global()->generateDouble(); };
}

milliseconds Backoff::next()
{
    // 2^20 times any sensible first delay is beyond any sensible maximum, and far from an overflow.
    const auto doubled = m_options.first * (qint64(1) << std::min(m_failures, 20));
    ++m_failures;
    const double upTo = static_cast<double>(std::min<milliseconds>(doubled, m_options.maximum).count());
    return std::max(m_options.minimum, milliseconds(qRound64(m_options.random() * upTo)));
}

void Backoff::setFirst(milliseconds first)
{
    m_options.first = std::clamp(first, m_options.minimum, m_options.maximum);
}

} // namespace godwit::client
