// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/htmltext.h"

#include <QHash>

using namespace Qt::StringLiterals;

namespace godwit::search {

namespace {

class HtmlReader
{
public:
    explicit HtmlReader(QStringView html) : m_html(html) { }

    HtmlText read()
    {
        while (m_at < m_html.size()) {
            const QChar c = m_html[m_at];
            if (c == u'<')
                markup();
            else if (c == u'&')
                entity();
            else
                append(c), ++m_at;
        }
        return { .title = (m_title.isEmpty() ? m_heading : m_title).simplified(), .text = m_text.simplified() };
    }

private:
    void append(QStringView text)
    {
        (m_isInTitle ? m_title : m_text) += text;
        if (m_isInHeading)
            m_heading += text;
    }
    void append(QChar c) { append(QStringView(&c, 1)); }

    void markup()
    {
        if (m_html.sliced(m_at).startsWith(u"<!--")) {
            skipPast(u"-->");
            return;
        }
        const QChar next = m_at + 1 < m_html.size() ? m_html[m_at + 1] : QChar();
        if (!next.isLetter() && next != u'/' && next != u'!' && next != u'?') {
            append(u'<'); // `a < b` is text
            ++m_at;
            return;
        }
        const bool isEnd = next == u'/';
        const qsizetype begin = m_at + (isEnd ? 2 : 1);
        qsizetype end = begin;
        while (end < m_html.size() && m_html[end].isLetterOrNumber())
            ++end;
        const QString name = m_html.sliced(begin, end - begin).toString().toLower();
        skipTag(end);
        element(name, isEnd);
    }

    /// Past the tag's `>`, which does not count inside of a quoted attribute.
    void skipTag(qsizetype at)
    {
        QChar quote;
        for (; at < m_html.size(); ++at) {
            const QChar c = m_html[at];
            if (!quote.isNull()) {
                if (c == quote)
                    quote = QChar();
            } else if (c == u'"' || c == u'\'') {
                quote = c;
            } else if (c == u'>') {
                break;
            }
        }
        m_at = std::min(at + 1, m_html.size());
    }

    void element(const QString &name, bool isEnd)
    {
        static const QStringList hidden{ u"script"_s, u"style"_s, u"template"_s, u"noscript"_s };
        static const QStringList inlined{ u"a"_s,   u"abbr"_s, u"b"_s,    u"code"_s,  u"em"_s,   u"font"_s,
                                          u"i"_s,   u"kbd"_s,  u"mark"_s, u"small"_s, u"span"_s, u"strong"_s,
                                          u"sub"_s, u"sup"_s,  u"tt"_s,   u"u"_s,     u"wbr"_s };
        if (hidden.contains(name) && !isEnd)
            skipElement(name);
        else if (name == "title"_L1)
            m_isInTitle = !isEnd;
        else if (name == "h1"_L1)
            m_isInHeading = !isEnd && m_heading.isEmpty();
        if (!inlined.contains(name))
            append(u' '); // `<td>a</td><td>b</td>` is two words, `wo<b>rd</b>` one
    }

    /// Scripts may hold `<`: only their own end tag counts.
    void skipElement(const QString &name)
    {
        const QString end = u"</"_s + name;
        const qsizetype found = m_html.indexOf(end, m_at, Qt::CaseInsensitive);
        if (found < 0)
            m_at = m_html.size();
        else
            skipTag(found + end.size());
    }

    void skipPast(QStringView text)
    {
        const qsizetype found = m_html.indexOf(text, m_at);
        m_at = found < 0 ? m_html.size() : found + text.size();
    }

    void entity()
    {
        // The longest name that we know has seven letters; numbers have at most eight characters.
        const qsizetype end = m_html.sliced(m_at, std::min<qsizetype>(12, m_html.size() - m_at)).indexOf(u';');
        const QString text = end < 0 ? QString() : resolve(m_html.sliced(m_at + 1, end - 1));
        if (text.isEmpty()) {
            append(u'&');
            ++m_at;
        } else {
            append(text);
            m_at += end + 1;
        }
    }

    static QString resolve(QStringView name)
    {
        static const QHash<QString, char16_t> known{
            { u"amp"_s, u'&' },    { u"lt"_s, u'<' },     { u"gt"_s, u'>' },     { u"quot"_s, u'"' },
            { u"apos"_s, u'\'' },  { u"nbsp"_s, u' ' },   { u"copy"_s, u'©' },   { u"reg"_s, u'®' },
            { u"hellip"_s, u'…' }, { u"ndash"_s, u'–' },  { u"mdash"_s, u'—' },  { u"lsquo"_s, u'‘' },
            { u"rsquo"_s, u'’' },  { u"ldquo"_s, u'“' },  { u"rdquo"_s, u'”' },  { u"laquo"_s, u'«' },
            { u"raquo"_s, u'»' },  { u"auml"_s, u'ä' },   { u"ouml"_s, u'ö' },   { u"uuml"_s, u'ü' },
            { u"Auml"_s, u'Ä' },   { u"Ouml"_s, u'Ö' },   { u"Uuml"_s, u'Ü' },   { u"szlig"_s, u'ß' },
            { u"eacute"_s, u'é' }, { u"egrave"_s, u'è' }, { u"agrave"_s, u'à' }, { u"ccedil"_s, u'ç' },
            { u"ntilde"_s, u'ñ' }, { u"aring"_s, u'å' },  { u"oslash"_s, u'ø' }, { u"euro"_s, u'€' },
            { u"deg"_s, u'°' },    { u"middot"_s, u'·' }, { u"times"_s, u'×' },  { u"bull"_s, u'•' },
        };
        if (name.startsWith(u'#')) {
            const bool isHex = name.size() > 1 && (name[1] == u'x' || name[1] == u'X');
            bool isNumber = false;
            const uint code = name.sliced(isHex ? 2 : 1).toUInt(&isNumber, isHex ? 16 : 10);
            if (!isNumber || code == 0 || code > 0x10ffff || QChar::isSurrogate(code))
                return {};
            const char32_t character = code;
            return QString::fromUcs4(&character, 1);
        }
        const auto found = known.constFind(name.toString());
        return found == known.cend() ? QString() : QString(QChar(*found));
    }

    const QStringView m_html;
    qsizetype m_at = 0;
    QString m_text, m_title, m_heading;
    bool m_isInTitle = false, m_isInHeading = false;
};

} // namespace

HtmlText readHtml(QStringView html)
{
    return HtmlReader(html).read();
}

} // namespace godwit::search
