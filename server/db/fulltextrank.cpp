// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/fulltextrank.h"

#include "server/db/sqlerror.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace Qt::StringLiterals;

namespace godwit::db {

namespace {

constexpr double k1 = 1.2, b = 0.75;
/// Arguments before the weights: name, phrases.
constexpr int fixedArguments = 2;
/// Greater row ids are looked up each time.
constexpr sqlite3_int64 rememberedRows = 4'000'000;
/// Names; whoever gives ever new ones must not fill the memory.
constexpr size_t rememberedTables = 32;

enum class Scale { Score, Share };

/// Carries what FTS5's API failed with to where SQLite is told.
struct Failed
{
    int code;
};

void check(int code)
{
    if (code != SQLITE_OK)
        throw Failed{ code };
}

/// How many words each row of a table has.
class Sizes
{
public:
    /// Forgets all if the table is another than before.
    void beginWith(sqlite3_int64 rows, sqlite3_int64 words)
    {
        if (rows != m_rows || words != m_words)
            m_sizes.clear();
        m_rows = rows;
        m_words = words;
    }

    int of(const Fts5ExtensionApi &api, Fts5Context *fts)
    {
        const sqlite3_int64 row = api.xRowid(fts);
        if (row < 0 || row >= rememberedRows)
            return look(api, fts);
        if (size_t(row) >= m_sizes.size())
            m_sizes.resize(std::max(size_t(row) + 1, m_sizes.size() * 3 / 2), unknown);
        int &size = m_sizes[size_t(row)];
        if (size == unknown)
            size = look(api, fts);
        return size;
    }

    static int look(const Fts5ExtensionApi &api, Fts5Context *fts)
    {
        int size = 0;
        check(api.xColumnSize(fts, -1, &size));
        return size;
    }

private:
    static constexpr int unknown = -1;
    sqlite3_int64 m_rows = 0, m_words = 0;
    std::vector<int> m_sizes;
};

/// A connection's, by the names that statements give.
using Memory = std::map<std::string, Sizes, std::less<>>;

/// One statement's, kept by FTS5 as long as its cursor.
class Ranking
{
public:
    Ranking(const Fts5ExtensionApi &api, Fts5Context *fts, Scale scale, int count, sqlite3_value **arguments)
        : m_phrases(size_t(api.xPhraseCount(fts)))
    {
        for (int i = fixedArguments; i < count; ++i)
            m_weights.push_back(sqlite3_value_double(arguments[i]));
        sqlite3_int64 rows = 0, words = 0;
        check(api.xRowCount(fts, &rows));
        check(api.xColumnTotalSize(fts, -1, &words));
        m_averageSize = rows > 0 && words > 0 ? double(words) / double(rows) : 1;
        if (count > 0)
            m_sizes = sizesFor(*static_cast<Memory *>(api.xUserData(fts)), arguments[0]);
        if (m_sizes)
            m_sizes->beginWith(rows, words);
        if (scale == Scale::Share && m_phrases.size() == 1) {
            m_phrases[0] = 1 / (k1 + 1); // how rare a lone phrase is makes no difference
            return;
        }
        weigh(api, fts, rows);
        const int counted = count > 1 ? sqlite3_value_int(arguments[1]) : 0;
        if (scale == Scale::Share)
            scaleToShare(counted > 0 ? size_t(counted) : m_phrases.size());
    }

    double score(const Fts5ExtensionApi &api, Fts5Context *fts)
    {
        const int size = m_sizes ? m_sizes->of(api, fts) : Sizes::look(api, fts);
        const double length = k1 * (1 - b + b * size / m_averageSize);
        double score = 0;
        for (size_t i = 0; i < m_phrases.size(); ++i) {
            const double frequency = frequencyOf(api, fts, int(i));
            score += m_phrases[i] * (frequency * (k1 + 1) / (frequency + length));
        }
        return score;
    }

private:
    static Sizes *sizesFor(Memory &memory, sqlite3_value *argument)
    {
        const auto *const text = reinterpret_cast<const char *>(sqlite3_value_text(argument));
        const std::string_view name = text ? text : "";
        if (const auto known = memory.find(name); known != memory.end())
            return &known->second;
        if (name.empty() || memory.size() >= rememberedTables)
            return nullptr;
        return &memory[std::string(name)];
    }

    /// By how rare they are: the inverse document frequency.
    void weigh(const Fts5ExtensionApi &api, Fts5Context *fts, sqlite3_int64 rows)
    {
        for (size_t i = 0; i < m_phrases.size(); ++i) {
            sqlite3_int64 hits = 0;
            check(api.xQueryPhrase(fts, int(i), &hits, [](const Fts5ExtensionApi *, Fts5Context *, void *sum) {
                ++*static_cast<sqlite3_int64 *>(sum);
                return SQLITE_OK;
            }));
            const double rarity = std::log((double(rows - hits) + 0.5) / (double(hits) + 0.5));
            m_phrases[i] = rarity > 0 ? rarity : 1e-6;
        }
    }

    void scaleToShare(size_t counted)
    {
        double most = 0;
        for (size_t i = 0; i < std::min(counted, m_phrases.size()); ++i)
            most += m_phrases[i] * (k1 + 1);
        for (double &weight : m_phrases)
            weight /= most;
    }

    double frequencyOf(const Fts5ExtensionApi &api, Fts5Context *fts, int phrase) const
    {
        double frequency = 0;
        Fts5PhraseIter at;
        int column = 0, offset = 0;
        check(api.xPhraseFirst(fts, phrase, &at, &column, &offset));
        for (; column >= 0; api.xPhraseNext(fts, &at, &column, &offset))
            frequency += size_t(column) < m_weights.size() ? m_weights[size_t(column)] : 1;
        return frequency;
    }

    std::vector<double> m_phrases; // what each weighs
    std::vector<double> m_weights; // of the columns
    double m_averageSize = 1;
    Sizes *m_sizes = nullptr; // the connection's
};

template<Scale scale>
void rank(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *result, int count, sqlite3_value **arguments)
{
    try {
        auto *ranking = static_cast<Ranking *>(api->xGetAuxdata(fts, 0));
        if (!ranking) {
            ranking = std::make_unique<Ranking>(*api, fts, scale, count, arguments).release();
            // Deletes it also where it fails.
            check(api->xSetAuxdata(fts, ranking, [](void *old) { delete static_cast<Ranking *>(old); }));
        }
        sqlite3_result_double(result, ranking->score(*api, fts));
    } catch (const Failed &failed) {
        sqlite3_result_error_code(result, failed.code);
    } catch (const std::bad_alloc &) {
        sqlite3_result_error_nomem(result);
    }
}

/// As https://www.sqlite.org/fts5.html, "Extending FTS5", does it.
fts5_api *fts5Of(sqlite3 *handle)
{
    fts5_api *api = nullptr;
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void *>(&api), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

} // namespace

void addFullTextRank(sqlite3 *handle)
{
    fts5_api *const api = fts5Of(handle);
    const auto add = [api](const char *name, fts5_extension_function function) {
        return api->xCreateFunction(api, name, new Memory, function,
                                    [](void *memory) { delete static_cast<Memory *>(memory); });
    };
    int code = api ? SQLITE_OK : SQLITE_ERROR;
    if (code == SQLITE_OK)
        code = add("bm25_score", rank<Scale::Score>);
    if (code == SQLITE_OK)
        code = add("relevance", rank<Scale::Share>);
    if (code != SQLITE_OK)
        throw toError(code, u"SQLite's full-text search (FTS5) is missing"_s, {});
}

} // namespace godwit::db
