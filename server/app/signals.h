// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include <memory>

class QSocketNotifier;

namespace godwit::app {

/// SIGTERM, SIGINT and SIGHUP as Qt signals in the thread that made this (the main thread; one at a time); several that
/// come before the loop turns are told once. The second SIGTERM or SIGINT ends the process at once, whatever hangs:
/// with 1, from the handler itself. On Windows: nothing.
class Signals final : public QObject
{
    Q_OBJECT
public:
    Signals();
    ~Signals() override;

Q_SIGNALS:
    void stopRequested();
    void reloadRequested();

private:
    void read();
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace godwit::app
