// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace godwit::runtime {

/// `godwit-io-3`, for QThread::setObjectName(). Linux shows 15 characters of a thread's name: @p base is cut, so that
/// role and number stay.
QString threadName(const QString &base, const QString &role, int number);

} // namespace godwit::runtime
