// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/markedtext.h"

#include <QRegularExpression>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace godwit::models {

namespace {

/// What `&name;` stands for; empty if it is no entity that escaping makes.
QString decodeEntity(QStringView name)
{
    if (name == "amp"_L1)
        return u"&"_s;
    if (name == "lt"_L1)
        return u"<"_s;
    if (name == "gt"_L1)
        return u">"_s;
    if (name == "quot"_L1)
        return u"\""_s;
    if (name == "apos"_L1)
        return u"'"_s;
    if (!name.startsWith(u'#'))
        return {};
    const bool isHex = name.startsWith("#x"_L1, Qt::CaseInsensitive);
    bool ok = false;
    const char32_t code = name.sliced(isHex ? 2 : 1).toUInt(&ok, isHex ? 16 : 10);
    const bool isCharacter = ok && code > 0 && code <= QChar::LastValidCodePoint && !QChar::isSurrogate(code);
    return isCharacter ? QString::fromUcs4(&code, 1) : QString();
}

constexpr qsizetype noMark = -1;

void endMark(MarkedText &result, qsizetype &start)
{
    if (start != noMark && result.text.size() > start)
        result.marks.append({ start, result.text.size() - start });
    start = noMark;
}

} // namespace

MarkedText parseMarked(QStringView html)
{
    constexpr auto opening = "<mark>"_L1, closing = "</mark>"_L1;
    constexpr qsizetype longestEntity = 10;
    MarkedText result;
    result.text.reserve(html.size());
    qsizetype start = noMark;
    while (!html.isEmpty()) {
        if (html.startsWith(opening)) {
            if (start == noMark)
                start = result.text.size();
            html = html.sliced(opening.size());
            continue;
        }
        if (html.startsWith(closing)) {
            endMark(result, start);
            html = html.sliced(closing.size());
            continue;
        }
        if (html.front() == u'&') {
            const qsizetype end = html.first(qMin(html.size(), longestEntity)).indexOf(u';');
            const QString character = end > 1 ? decodeEntity(html.sliced(1, end - 1)) : QString();
            if (!character.isEmpty()) {
                result.text += character;
                html = html.sliced(end + 1);
                continue;
            }
        }
        result.text += html.front();
        html = html.sliced(1);
    }
    endMark(result, start);
    return result;
}

QList<TextRange> findLinks(const QString &text)
{
    static const QRegularExpression address(uR"(\bhttps?://[^\s<>"\x{2028}\x{2029}]+)"_s,
                                            QRegularExpression::CaseInsensitiveOption);
    static const QString sentenceEnds = u".,;:!?'*_"_s;
    QList<TextRange> result;
    auto matches = address.globalMatch(text);
    while (matches.hasNext()) {
        QStringView link = matches.next().capturedView();
        while (!link.isEmpty()) {
            const bool isOpenBracket = link.endsWith(u')') && link.count(u')') > link.count(u'(');
            if (!isOpenBracket && !sentenceEnds.contains(link.back()))
                break;
            link.chop(1);
        }
        if (!QUrl(link.toString(), QUrl::StrictMode).host().isEmpty())
            result.append({ link.data() - text.constData(), link.size() });
    }
    return result;
}

QList<TextRange> findMentions(const QString &text)
{
    static const QRegularExpression mention(u"(?<![\\w@.])@[\\w.-]*\\w"_s,
                                            QRegularExpression::UseUnicodePropertiesOption);
    QList<TextRange> mentions;
    if (!text.contains(u'@'))
        return mentions;
    for (auto matches = mention.globalMatch(text); matches.hasNext();) {
        const auto match = matches.next();
        mentions.append({ match.capturedStart(), match.capturedLength() });
    }
    return mentions;
}

} // namespace godwit::models
