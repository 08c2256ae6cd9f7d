// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/userplaces.h"

using namespace Qt::StringLiterals;

namespace godwit::files {

UserPlaces::Place::~Place()
{
    if (!m_places)
        return;
    const std::lock_guard lock(m_places->m_mutex);
    if (--m_places->m_taken[m_user] == 0)
        m_places->m_taken.remove(m_user);
}

UserPlaces::Place UserPlaces::take(const Owner &owner)
{
    const QString user = u"%1 %2"_s.arg(owner.userId).arg(owner.name);
    const std::lock_guard lock(m_mutex);
    const int taken = m_taken.value(user);
    if (taken >= m_most)
        throw Error(Error::Code::ResourceExhausted, u"%1 of your uploads are sent at this moment"_s.arg(taken))
            .withDecider({ .kind = Decider::Kind::Bulkhead,
                           .name = u"uploads of a user at a time"_s,
                           .limit = double(m_most),
                           .used = double(taken),
                           .retryAfter = std::chrono::seconds(1) });
    m_taken.insert(user, taken + 1);
    return { *this, user };
}

} // namespace godwit::files
