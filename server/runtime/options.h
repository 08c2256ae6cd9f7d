// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>

namespace godwit::runtime {

/// How many threads, and how large. Defaults of the contract.
struct Options
{
    int workers = 0; ///< reactors; 0: as many as cores
    int blockingThreads = 16; ///< at most; started when needed
    std::chrono::milliseconds blockingKeepAlive{ 60'000 };
    qsizetype blockingQueue = 10'000; ///< jobs that wait; beyond: Error::Unavailable
    QString threadName = QStringLiteral("godwit"); ///< `godwit-io-0`, `godwit-block-3`; cut to what the system shows
    qsizetype stackBytes = 0; ///< of reactors and blocking threads; 0: the system's
};

} // namespace godwit::runtime
