// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace godwit {

/// 16 lower-case hexadecimal digits, unique in this process and very likely beyond it; cheap (no lock, no system call
/// but the first of a thread). Not a secret.
QByteArray makeRequestId();

/// 32 lower-case hexadecimal digits from the system's random source: not to be guessed.
QByteArray makeSecretId();

} // namespace godwit
