// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/snippet.h"

using namespace Qt::StringLiterals;

namespace godwit::search {

QString toMarkedHtml(QStringView text)
{
    QString html;
    html.reserve(text.size() + 32);
    bool isInMatch = false;
    for (const QChar c : text) {
        if (c == matchBegin && !isInMatch) {
            html += "<mark>"_L1;
            isInMatch = true;
        } else if (c == matchEnd && isInMatch) {
            html += "</mark>"_L1;
            isInMatch = false;
        } else if (c == u'<') {
            html += "&lt;"_L1;
        } else if (c == u'>') {
            html += "&gt;"_L1;
        } else if (c == u'&') {
            html += "&amp;"_L1;
        } else if (c == u'"') {
            html += "&quot;"_L1;
        } else if (c == u'\'') {
            html += "&#39;"_L1;
        } else if (c != matchBegin && c != matchEnd) {
            html += c;
        }
    }
    if (isInMatch)
        html += "</mark>"_L1;
    return html;
}

QString withoutControlCharacters(QString text)
{
    return text.removeIf([](QChar c) { return c < u' ' && c != u'\t' && c != u'\n' && c != u'\r'; });
}

} // namespace godwit::search
