// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/contentdisposition.h"

using namespace Qt::StringLiterals;

namespace godwit::http {

QByteArray contentDisposition(Disposition disposition, const QString &fileName)
{
    const QString name = fileName.sliced(fileName.lastIndexOf(u'/') + 1);
    QByteArray ascii;
    for (const QChar c : name) {
        const bool isPlain = c >= u' ' && c <= u'~' && c != u'"' && c != u'\\' && c != u'%';
        ascii += isPlain ? c.toLatin1() : '_';
    }
    QByteArray value = disposition == Disposition::Attachment ? "attachment"_ba : "inline"_ba;
    value += "; filename=\"" + ascii + '"';
    if (QString::fromLatin1(ascii) != name) {
        // RFC 8187's attr-char, beyond letters and digits; toPercentEncoding() leaves `-._~`.
        value += "; filename*=UTF-8''" + name.toUtf8().toPercentEncoding("!#$&+^`|");
    }
    return value;
}

} // namespace godwit::http
