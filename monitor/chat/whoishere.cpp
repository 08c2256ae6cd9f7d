// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/whoishere.h"

#include <algorithm>

namespace godwit::chat {

static bool comesBefore(const QString &a, const QString &b)
{
    return a.localeAwareCompare(b) < 0;
}

WhoIsHere::WhoIsHere(const QString &user, QObject *parent) : QObject(parent), m_user(user)
{
    m_sweep.setSingleShot(true);
    connect(&m_sweep, &QTimer::timeout, this, &WhoIsHere::sweep);
}

void WhoIsHere::set(QStringList users, int count)
{
    std::sort(users.begin(), users.end(), comesBefore);
    m_users = std::move(users);
    m_count = count;
    Q_EMIT changed();
}

void WhoIsHere::came(const QString &user, int count)
{
    m_count = count;
    if (!m_users.contains(user))
        m_users.insert(std::upper_bound(m_users.begin(), m_users.end(), user, comesBefore), user);
    Q_EMIT changed();
}

void WhoIsHere::left(const QString &user, int count)
{
    m_count = count;
    m_users.removeOne(user);
    stopsTyping(user);
    Q_EMIT changed();
}

void WhoIsHere::types(const QString &user)
{
    if (user == m_user)
        return;
    const bool isNew = !m_typing.contains(user);
    m_typing.insert(user, Clock::system().now() + typingLasts);
    if (!m_sweep.isActive())
        m_sweep.start(typingLasts);
    if (isNew)
        Q_EMIT typingChanged();
}

void WhoIsHere::stopsTyping(const QString &user)
{
    if (m_typing.remove(user) > 0)
        Q_EMIT typingChanged();
}

void WhoIsHere::forget()
{
    m_typing.clear();
    set({}, 0);
    Q_EMIT typingChanged();
}

void WhoIsHere::sweep()
{
    const TimePoint now = Clock::system().now();
    const auto before = m_typing.size();
    m_typing.removeIf([now](const auto &one) { return one.value() <= now; });
    if (!m_typing.isEmpty()) {
        const TimePoint next = *std::min_element(m_typing.cbegin(), m_typing.cend());
        m_sweep.start(std::chrono::ceil<std::chrono::milliseconds>(next - now));
    }
    if (m_typing.size() != before)
        Q_EMIT typingChanged();
}

QString typingText(const QStringList &users)
{
    switch (users.size()) {
    case 0:
        return {};
    case 1:
        return WhoIsHere::tr("%1 is typing…").arg(users.first());
    case 2:
        return WhoIsHere::tr("%1 and %2 are typing…").arg(users.first(), users.last());
    default:
        return WhoIsHere::tr("Several people are typing…");
    }
}

QString presenceText(const WhoIsHere &here)
{
    constexpr qsizetype most = 30;
    QStringList lines = here.users().first(std::min(most, here.users().size()));
    if (const auto more = here.count() - lines.size(); more > 0 && !lines.isEmpty())
        lines.append(WhoIsHere::tr("and %L1 more").arg(more));
    return lines.join(u'\n');
}

} // namespace godwit::chat
