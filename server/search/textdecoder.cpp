// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/textdecoder.h"

#include <QStringDecoder>

namespace godwit::search {

static bool isUtf16(QByteArrayView bytes)
{
    return bytes.startsWith("\xff\xfe") || bytes.startsWith("\xfe\xff");
}

QString decodeText(QByteArrayView bytes)
{
    if (isUtf16(bytes))
        return QStringDecoder(QStringDecoder::Utf16)(bytes);
    QStringDecoder utf8(QStringDecoder::Utf8);
    QString text = utf8(bytes);
    return utf8.hasError() ? QString::fromLatin1(bytes) : text;
}

bool isBinary(QByteArrayView beginning)
{
    return beginning.contains('\0') && !isUtf16(beginning);
}

} // namespace godwit::search
