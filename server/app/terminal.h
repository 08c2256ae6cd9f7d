// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QString>

namespace godwit::app {

/// A line of standard error that is written over and over: ` 42 % [########------------] 1,200 documents`. Nothing
/// where standard error is no terminal. One thread at a time.
class ProgressLine
{
public:
    ProgressLine();
    ~ProgressLine() { clear(); }
    void show(double percent, const QString &what);
    void clear();

private:
    const bool m_isTerminal;
    bool m_isShown = false;
};

/// What an import did (search::ImportReport::toJson()), for people, on standard output.
void showReport(const QJsonObject &report);

} // namespace godwit::app
