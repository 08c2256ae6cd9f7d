// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>

namespace godwit::db {

/// The pool's limits. Defaults of the contract.
struct Options
{
    QString file{}; ///< the SQLite database
    int maxConnections = 20; ///< readers at most (SQLite: as many as cores, at most this)
    int minConnections = 5; ///< kept open when idle (SQLite: at most the readers)
    qsizetype queue = 10'000; ///< jobs that wait for a connection; beyond: Error::Unavailable
    std::chrono::milliseconds acquireTimeout{ 10'000 }; ///< to get a connection; then Error::Unavailable
    std::chrono::milliseconds idleTimeout{ 600'000 };
    std::chrono::milliseconds lifetime{ 1'800'000 };
    std::chrono::milliseconds busyTimeout{ 5'000 }; ///< SQLite's, against other processes
    int breakerFailures = 5; ///< of requests' jobs in a row, after which the database is left alone for a while
    std::chrono::milliseconds breakerOpenFor{ 30'000 }; ///< before it is tried again
    std::chrono::milliseconds sheddingTarget{ 100 }; ///< a reader's wait that is always acceptable; zero: none is shed
    std::chrono::milliseconds sheddingInterval{ 1'000 }; ///< how long a burst may take to pass
};

} // namespace godwit::db
