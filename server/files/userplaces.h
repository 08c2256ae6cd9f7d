// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/files/store.h"

#include <QHash>

#include <memory>
#include <mutex>

namespace godwit::files {

/// So many requests of each user at a time, those that wait for a place among all included: one user with slow bodies
/// fills his own places and not everybody's. Any thread, behind a short lock.
class UserPlaces
{
    Q_DISABLE_COPY_MOVE(UserPlaces)

public:
    explicit UserPlaces(int most) : m_most(most) { }

    /// Given back when this dies.
    class Place
    {
    public:
        Place(UserPlaces &places, QString user) : m_places(&places), m_user(std::move(user)) { }
        Place(Place &&other) noexcept : m_places(std::exchange(other.m_places, nullptr)), m_user(other.m_user) { }
        Place &operator=(Place &&) = delete;
        ~Place();

    private:
        UserPlaces *m_places;
        const QString m_user;
    };
    /// Error::ResourceExhausted with a decider.
    Place take(const Owner &owner);

private:
    const int m_most;
    std::mutex m_mutex; // guards the rest
    QHash<QString, int> m_taken; // by user; none of them zero
};

} // namespace godwit::files
