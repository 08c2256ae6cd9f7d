// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/suggestion.h"

#include "server/search/store.h"
#include "server/search/words.h"
#include "shared/async/deadline.h"

#include <array>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::search {

static constexpr qsizetype shortestWord = 3, longestWord = 40;
static constexpr int mostReplaced = 3;
/// For all words together.
static constexpr auto searchTime = 30ms;
/// A bucket's rows.
static constexpr int mostCandidates = 20'000;

int editDistance(QStringView a, QStringView b, int most)
{
    if (std::abs(a.size() - b.size()) > most || b.size() > longestWord + 2 || a.size() > longestWord + 2)
        return most + 1;
    using Row = std::array<int, size_t(longestWord) + 3>;
    Row before{}, last{}, row{};
    for (qsizetype j = 0; j <= b.size(); ++j)
        last[size_t(j)] = int(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        row[0] = int(i);
        int least = row[0];
        for (qsizetype j = 1; j <= b.size(); ++j) {
            const size_t at = size_t(j);
            int cost = std::min({ last[at] + 1, row[at - 1] + 1, last[at - 1] + (a[i - 1] == b[j - 1] ? 0 : 1) });
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost = std::min(cost, before[at - 2] + 1);
            row[at] = cost;
            least = std::min(least, cost);
        }
        if (least > most)
            return most + 1;
        before = last;
        last = row;
    }
    return std::min(last[size_t(b.size())], most + 1);
}

namespace {

class Speller
{
public:
    Speller(db::Connection &connection, const Scope &scope) : m_connection(connection), m_scope(scope) { }

    bool knows(const QString &word)
    {
        bool isKnown = false;
        // No word goes on with this character.
        forWords(word, word + QChar(1), 0, [&](const QString &, qint64) { return !(isKnown = true); });
        return isKnown;
    }

    /// Null if there is none.
    QString nearest(const QString &word)
    {
        m_word = word;
        m_most = word.size() < 6 ? 1 : 2;
        m_best.clear();
        m_distance = m_most + 1;
        // The first two letters are seldom wrong, and those words are few.
        lookAt(word.left(2));
        if (m_distance > 1)
            lookAt(word.left(1));
        if (m_distance > 1 && word[1] != word[0])
            lookAt(word.sliced(1, 1));
        return m_best;
    }

private:
    void lookAt(const QString &prefix)
    {
        const QString below = prefix + QChar(0xffff); // before it all of the basic plane
        forWords(prefix, below, m_most, [this](const QString &word, qint64 documents) {
            const int distance = editDistance(m_word, word, m_most);
            if (distance <= m_most && (distance < m_distance || (distance == m_distance && documents > m_documents))) {
                m_best = word;
                m_distance = distance;
                m_documents = documents;
            }
            return !m_end.hasPassed();
        });
    }

    /// @p use returns whether to go on.
    template<class Use>
    void forWords(const QString &from, const QString &below, int tolerance, Use use)
    {
        const qint64 length = tolerance == 0 ? from.size() : m_word.size();
        for (const Scope::Part &part : m_scope.parts) {
            if (part.isOwnOnly)
                continue; // the index has the words of others too
            QSqlQuery &rows = m_connection.execute(
                part.kind->words, { from, below, length - tolerance, length + tolerance, mostCandidates });
            while (rows.next()) {
                if (!use(rows.value(0).toString(), rows.value(1).toLongLong()))
                    return rows.finish();
            }
        }
    }

    db::Connection &m_connection;
    const Scope &m_scope;
    const async::Deadline m_end = async::Deadline::in(searchTime);
    QString m_word, m_best; // what is looked for, and what is nearest
    int m_most = 0, m_distance = 0;
    qint64 m_documents = 0; // of the nearest
};

} // namespace

QString suggestion(db::Connection &connection, const QString &typed, const ParsedQuery &query, const Scope &scope)
{
    Speller speller(connection, scope);
    QString text = typed;
    int replaced = 0;
    for (auto term = query.terms.crbegin(); term != query.terms.crend(); ++term) { // so that the places stay right
        if (term->length < shortestWord || term->length > longestWord || term->isPrefix || replaced == mostReplaced)
            continue;
        const QString word = folded(term->words.first());
        if (word.size() < shortestWord || speller.knows(word))
            continue;
        const QString near = speller.nearest(word);
        if (near.isNull())
            continue;
        text.replace(term->begin, term->length, near);
        ++replaced;
    }
    if (replaced == 0 || !store::findsAny(connection, parseQuery(text), scope))
        return {};
    return text;
}

} // namespace godwit::search
