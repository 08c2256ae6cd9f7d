// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/querysyntax.h"

#include "server/search/words.h"

#include <utility>

using namespace Qt::StringLiterals;

namespace godwit::search {

static constexpr qsizetype mostWords = 32;
// FTS5 merges the rows of all words that begin so before it looks at the first, and is not interrupted meanwhile: of
// 100,000 documents some 10 ms for two letters and 40 for one.
static constexpr int mostPrefixes = 4, mostShortPrefixes = 1;

namespace {

class Reader
{
public:
    explicit Reader(QStringView text) : m_text(text) { }

    ParsedQuery read()
    {
        while (m_at < m_text.size() && m_count < mostWords)
            term();
        if (m_wanted.isEmpty())
            return std::move(m_query);
        m_query.wantedPhrases = int(m_wanted.size());
        m_query.expression = m_wanted.join(u" AND "_s);
        if (!m_unwanted.isEmpty())
            m_query.expression = u"("_s + m_query.expression + u") NOT ("_s + m_unwanted.join(u" OR "_s) + u")"_s;
        return std::move(m_query);
    }

private:
    /// One of them: with all that stands before the words.
    struct Part
    {
        QStringList words;
        qsizetype begin = 0;
        Field field = Field::Any;
        bool isUnwanted = false;
        bool isPhrase = false;
    };

    void term()
    {
        Part part;
        // A minus counts only before a word and after none: `e-mail` is one thing, not a refusal.
        part.isUnwanted = m_text[m_at] == u'-' && (m_at == 0 || m_text[m_at - 1].isSpace());
        if (part.isUnwanted)
            ++m_at;
        part.field = field();
        if (m_at >= m_text.size())
            return;
        part.begin = m_at;
        part.isPhrase = m_text[m_at] == u'"';
        part.words = part.isPhrase ? phrase() : word();
        if (!part.words.isEmpty())
            add(part);
    }

    /// `title:` and such, if something stands right behind it.
    Field field()
    {
        static constexpr std::pair<QLatin1StringView, Field> known[]
            = { { "title"_L1, Field::Title }, { "body"_L1, Field::Body }, { "kind"_L1, Field::Kind } };
        const QStringView rest = m_text.sliced(m_at);
        for (const auto &[name, field] : known) {
            const qsizetype colon = name.size();
            if (rest.size() <= colon + 1 || rest[colon] != u':' || !rest.startsWith(name, Qt::CaseInsensitive))
                continue;
            qsizetype behind = m_at + colon + 1;
            if (rest[colon + 1] != u'"' && wordFrom(behind, m_text.size()).isEmpty())
                continue;
            m_at += colon + 1;
            return field;
        }
        return Field::Any;
    }

    QStringList phrase()
    {
        const qsizetype begin = m_at + 1;
        qsizetype end = m_text.indexOf(u'"', begin);
        if (end < 0)
            end = m_text.size();
        m_at = std::min(end + 1, m_text.size());
        QStringList words;
        for (qsizetype at = begin; at < end && words.size() < mostWords;) {
            const QStringView next = wordFrom(at, end);
            if (!next.isEmpty())
                words.append(next.toString());
        }
        return words;
    }

    QStringList word()
    {
        const QStringView next = wordFrom(m_at, m_text.size());
        return next.isEmpty() ? QStringList() : QStringList{ next.toString() };
    }

    /// The word at @p at, which moves behind it, or behind one character that is in no word.
    QStringView wordFrom(qsizetype &at, qsizetype end) const
    {
        const QStringView word = m_text.sliced(at, wordLength(m_text.sliced(at, end - at)));
        at += std::max<qsizetype>(word.size(), 1);
        return word;
    }

    void add(const Part &part)
    {
        m_count += part.words.size();
        if (part.field == Field::Kind) {
            (part.isUnwanted ? m_query.unwantedKinds : m_query.kinds).append(part.words.join(u' ').toLower());
            return;
        }
        const bool isPrefix = m_at < m_text.size() && m_text[m_at] == u'*' && allowsPrefix(part.words.last());
        QString quoted = u"\""_s + part.words.join(u' ') + u"\""_s;
        if (part.field != Field::Any)
            quoted.prepend(part.field == Field::Title ? u"title : "_s : u"body : "_s);
        if (isPrefix)
            quoted += u" *"_s;
        (part.isUnwanted ? m_unwanted : m_wanted).append(quoted);
        if (!part.isUnwanted)
            m_query.terms.append({ .words = part.words,
                                   .field = part.field,
                                   .isPrefix = isPrefix,
                                   .begin = part.isPhrase ? 0 : part.begin,
                                   .length = part.isPhrase ? 0 : part.words.first().size() });
    }

    /// Counts it, too.
    bool allowsPrefix(QStringView begin)
    {
        const bool isShort = begin.toUcs4().size() == 1;
        if (m_prefixes == mostPrefixes || (isShort && m_shortPrefixes == mostShortPrefixes))
            return false;
        ++m_prefixes;
        m_shortPrefixes += isShort ? 1 : 0;
        return true;
    }

    const QStringView m_text;
    qsizetype m_at = 0, m_count = 0;
    int m_prefixes = 0, m_shortPrefixes = 0;
    QStringList m_wanted, m_unwanted; // phrases
    ParsedQuery m_query;
};

} // namespace

ParsedQuery parseQuery(QStringView typed)
{
    return Reader(typed).read();
}

} // namespace godwit::search
