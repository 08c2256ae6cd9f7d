// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

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

/// One line of standard input, without its end. From a terminal without echo, and twice, with prompts on standard
/// error. Blocks. Error::InvalidArgument if there is none or the two differ; Error::Cancelled by SIGINT, SIGTERM or
/// SIGHUP.
Result<QString> readPassword();

/// What an import did (search::ImportReport::toJson()), for people, on standard output.
void showReport(const QJsonObject &report);

} // namespace godwit::app
