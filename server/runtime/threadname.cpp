// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/threadname.h"

using namespace Qt::StringLiterals;

namespace godwit::runtime {

QString threadName(const QString &base, const QString &role, int number)
{
    constexpr qsizetype longest = 15;
    const QString tail = u'-' + role + u'-' + QString::number(number);
    return base.left(std::max<qsizetype>(0, longest - tail.size())) + tail;
}

} // namespace godwit::runtime
