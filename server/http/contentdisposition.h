// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace godwit::http {

enum class Disposition { Inline, Attachment };

/// The value of `Content-Disposition` (RFC 6266): an ASCII name for old clients and, where that is not the same, the
/// true one as RFC 8187 writes it. Only the last component of @p fileName counts.
QByteArray contentDisposition(Disposition disposition, const QString &fileName);

} // namespace godwit::http
