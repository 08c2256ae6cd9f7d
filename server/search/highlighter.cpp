// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/highlighter.h"

#include "server/search/snippet.h"
#include "server/search/words.h"

#include <bitset>
#include <deque>

namespace godwit::search {

/// Words that lead to the first match.
static constexpr int leadWords = 5;
/// Once something was found, so many characters more are looked through for a better place.
static constexpr qsizetype searchedBehindMatch = 32 * 1024;
/// Characters; a word may be as long as a text.
static constexpr qsizetype longestSnippet = 400;
static constexpr size_t mostTerms = 64;
static constexpr int none = -1;

Highlighter::Highlighter(const QList<Term> &terms, Field field)
{
    for (const Term &term : terms) {
        if (m_wanted.size() == mostTerms || (term.field != Field::Any && term.field != field))
            continue;
        Wanted wanted{ .words = {}, .isPrefix = term.isPrefix };
        for (const QString &word : term.words)
            wanted.words.append(folded(word));
        m_wanted.push_back(std::move(wanted));
    }
}

/// @p wanted is folded. Most words are ASCII, and most of those differ in their first letter: nothing is allocated.
static bool isSame(QStringView word, const QString &wanted, bool isPrefix)
{
    const qsizetype size = wanted.size();
    for (qsizetype i = 0; i < word.size(); ++i) {
        const char16_t c = word[i].unicode();
        if (c >= 0x80) {
            const QString plain = folded(word);
            return isPrefix ? plain.startsWith(wanted) : plain == wanted;
        }
        if (i == size)
            return isPrefix;
        if ((c >= u'A' && c <= u'Z' ? c + 32 : c) != wanted[i].unicode())
            return false;
    }
    return word.size() == size;
}

int Highlighter::termAt(QStringView text, QStringView word, qsizetype &at) const
{
    for (size_t i = 0; i < m_wanted.size(); ++i) {
        const auto &[words, isPrefix] = m_wanted[i];
        if (!isSame(word, words.first(), isPrefix && words.size() == 1))
            continue;
        qsizetype end = at;
        bool isMatch = true;
        for (qsizetype next = 1; isMatch && next < words.size(); ++next) {
            const QStringView following = nextWord(text, end);
            isMatch = !following.isEmpty() && isSame(following, words[next], isPrefix && next + 1 == words.size());
        }
        if (isMatch) {
            at = end;
            return int(i);
        }
    }
    return none;
}

/// Where the best snippet begins; none if nothing matches.
qsizetype Highlighter::bestBegin(QStringView text, int words) const
{
    std::deque<qsizetype> lead; // begins of the last words, of the one in work last
    struct Candidate
    {
        int word;
        qsizetype begin;
        std::bitset<mostTerms> terms;
    };
    std::deque<Candidate> open; // whose window the word in work is in
    qsizetype best = none, until = text.size();
    size_t bestTerms = 0;
    int number = 0;
    for (qsizetype at = 0; at < until; ++number) {
        const QStringView word = nextWord(text, at);
        if (word.isEmpty())
            break;
        lead.push_back(at - word.size());
        if (lead.size() > size_t(leadWords) + 1)
            lead.pop_front();
        qsizetype end = at;
        const int term = termAt(text, word, end);
        if (term == none)
            continue;
        if (best == none)
            until = std::min(until, at + searchedBehindMatch);
        while (!open.empty() && number - open.front().word >= words - leadWords)
            open.pop_front();
        open.push_back({ number, lead.front(), {} });
        for (Candidate &candidate : open) {
            candidate.terms.set(size_t(term));
            if (candidate.terms.count() <= bestTerms)
                continue;
            bestTerms = candidate.terms.count();
            best = candidate.begin;
            if (bestTerms == m_wanted.size())
                return best;
        }
    }
    return best;
}

/// From @p begin on, at most so many words.
QString Highlighter::cut(QStringView text, qsizetype begin, int words) const
{
    QString result;
    const auto append = [&result](QStringView piece) {
        for (const QChar c : piece) {
            const bool isSpace = c.isSpace();
            if (c == matchBegin || c == matchEnd || (isSpace && (result.isEmpty() || result.back() == u' ')))
                continue;
            result += isSpace ? QChar(u' ') : c;
        }
    };
    const QStringView shown = text.sliced(begin);
    if (!QStringView(text.first(begin)).trimmed().isEmpty())
        result += u'…';
    qsizetype done = 0;
    for (qsizetype at = 0, count = 0; count < words; ++count) {
        const QStringView word = nextWord(shown, at);
        if (word.isEmpty() || (result.size() + at - done > longestSnippet && count > 0)) {
            if (word.isEmpty() && shown.size() - done <= longestSnippet) {
                append(shown.sliced(done));
                done = shown.size();
            }
            break;
        }
        const qsizetype wordBegin = at - word.size();
        const int term = termAt(shown, word, at);
        append(shown.sliced(done, wordBegin - done));
        if (term != none)
            result += matchBegin;
        append(shown.sliced(wordBegin, std::min(at - wordBegin, longestSnippet)));
        if (term != none)
            result += matchEnd;
        done = at;
    }
    if (!shown.sliced(done).trimmed().isEmpty())
        result += u'…';
    return result.trimmed();
}

QString Highlighter::snippet(QStringView text, int words) const
{
    const qsizetype begin = bestBegin(text, words);
    return begin == none ? QString() : cut(text, begin, words);
}

QString Highlighter::marked(QStringView text) const
{
    return cut(text, 0, std::numeric_limits<int>::max());
}

QString Highlighter::beginning(QStringView text, int words)
{
    return Highlighter({}, Field::Any).cut(text, 0, words);
}

} // namespace godwit::search
