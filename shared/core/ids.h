// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace godwit {

/// 16 lower-case hexadecimal digits, unique in this process and very likely beyond it; cheap (no lock, no system call
/// but the first of a thread). Not a secret.
QByteArray makeRequestId();

/// Whether a client's own may be taken over: letters, digits, `.`, `_` and `-`, at most 128. So it can stand in a
/// header, a log line and a query without being escaped.
bool isRequestId(QByteArrayView text);

/// 32 lower-case hexadecimal digits from the system's random source: not to be guessed.
QByteArray makeSecretId();

} // namespace godwit
