// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>
#include <QString>

namespace godwit::search {

/// Text of unknown encoding: by its byte order mark (UTF-8, UTF-16), else UTF-8 where it is valid, else Latin-1.
QString decodeText(QByteArrayView bytes);

/// Whether the beginning of a file looks like no text: it has a NUL, and no byte order mark of UTF-16.
bool isBinary(QByteArrayView beginning);

} // namespace godwit::search
