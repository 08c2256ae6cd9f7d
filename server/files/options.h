// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>

namespace godwit::files {

/// `[files]`
struct Options
{
    QString directory{}; ///< empty: `files` in the data folder
    qint64 maxSize = qint64(64) * 1024 * 1024 * 1024; ///< of one file: 413 beyond
    qint64 quota = 0; ///< of all files, and of uploads by their announced length: 507 beyond; 0: none
    std::chrono::milliseconds uploadLifetime{ 24 * 3'600'000 }; ///< of an upload since its last byte
    int uploads = 64; ///< that are received at a time, and as many that wait: 503 beyond
    int uploadsPerUser = 100; ///< that a user may have begun and not ended: 429 beyond
    int sendingPerUser = 8; ///< that a user may send at a time, those that wait included: 429 beyond
    qint64 announcedPerUser = 0; ///< bytes of a user's uploads that have not come yet: 429 beyond; 0: half the quota

    qint64 mostAnnounced() const { return announcedPerUser > 0 ? announcedPerUser : quota / 2; } ///< 0: any
};

} // namespace godwit::files
