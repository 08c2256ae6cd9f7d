// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/querysyntax.h"

#include <QStringList>

using namespace Qt::StringLiterals;

namespace godwit::search {

static constexpr qsizetype mostWords = 32;

static bool isWordCharacter(char32_t c)
{
    // Marks belong to their letter: a combining accent must not cut a word in two.
    return QChar::isLetterOrNumber(c) || QChar::isMark(c) || QChar::category(c) == QChar::Other_PrivateUse;
}

namespace {

class Reader
{
public:
    explicit Reader(QStringView text) : m_text(text) { }

    QString expression()
    {
        while (m_at < m_text.size() && m_wanted.size() + m_unwanted.size() < mostWords)
            term();
        if (m_wanted.isEmpty())
            return {};
        QString result = m_wanted.join(u" AND "_s);
        if (!m_unwanted.isEmpty())
            result = u"("_s + result + u") NOT ("_s + m_unwanted.join(u" OR "_s) + u")"_s;
        return result;
    }

private:
    void term()
    {
        // A minus counts only before a word and after none: `e-mail` is one thing, not a refusal.
        const bool isUnwanted = m_text[m_at] == u'-' && (m_at == 0 || m_text[m_at - 1].isSpace());
        if (isUnwanted)
            ++m_at;
        if (m_at < m_text.size() && m_text[m_at] == u'"')
            phrase(isUnwanted);
        else
            word(isUnwanted);
    }

    void phrase(bool isUnwanted)
    {
        const qsizetype begin = m_at + 1;
        qsizetype end = m_text.indexOf(u'"', begin);
        if (end < 0)
            end = m_text.size();
        m_at = std::min(end + 1, m_text.size());
        QStringList words;
        for (qsizetype at = begin; at < end;) {
            const QStringView next = wordFrom(at, end);
            if (!next.isEmpty() && words.size() < mostWords)
                words.append(next.toString());
        }
        if (!words.isEmpty())
            add(words.join(u' '), isUnwanted, false);
    }

    void word(bool isUnwanted)
    {
        if (m_at >= m_text.size())
            return;
        const QStringView next = wordFrom(m_at, m_text.size());
        if (!next.isEmpty())
            add(next.toString(), isUnwanted, m_at < m_text.size() && m_text[m_at] == u'*');
    }

    /// The word at @p at, which moves behind it, or behind one character that is in no word.
    QStringView wordFrom(qsizetype &at, qsizetype end) const
    {
        const qsizetype begin = at;
        qsizetype last = begin;
        while (last < end) {
            const bool isPair = last + 1 < end && m_text[last].isHighSurrogate() && m_text[last + 1].isLowSurrogate();
            const char32_t character
                = isPair ? QChar::surrogateToUcs4(m_text[last], m_text[last + 1]) : m_text[last].unicode();
            if (!isWordCharacter(character))
                break;
            last += isPair ? 2 : 1;
        }
        at = std::max(last, begin + 1);
        return m_text.sliced(begin, last - begin);
    }

    void add(const QString &words, bool isUnwanted, bool isPrefix)
    {
        QString quoted = u"\""_s + words + u"\""_s;
        if (isPrefix)
            quoted += u" *"_s;
        (isUnwanted ? m_unwanted : m_wanted).append(quoted);
    }

    const QStringView m_text;
    qsizetype m_at = 0;
    QStringList m_wanted, m_unwanted;
};

} // namespace

QString toFtsExpression(QStringView typed)
{
    return Reader(typed).expression();
}

} // namespace godwit::search
