// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/reindex.h"

#include <QElapsedTimer>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace godwit::search {

namespace {

/// A write is made larger or smaller until it takes about so long.
constexpr qint64 batchMs = 20;
constexpr qint64 firstBatchRows = 50, mostBatchRows = 5'000;
/// Blocks of the old index that are dropped at a time.
constexpr int batchBlocks = 500;

/// An FTS5 table whose texts stand in another table or view.
struct Index
{
    QString name{}; // documents_fts
    QString definition{}; // CREATE VIRTUAL TABLE ...
    QString texts{}; // by id
    QString table{}; // whose changes it follows
    QString columns{}; // title, body
    qint64 rows = 0;

    QString next() const { return name + u"_next"_s; }
    QString old() const { return name + u"_old"_s; }
    QString position() const { return name + u"_position"_s; } // a table: up to where the next one is built
};

/// `{index}`, `{next}` and such stand for the names.
QString filled(const Index &index, QString sql)
{
    return sql.replace("{index}"_L1, index.name)
        .replace("{next}"_L1, index.next())
        .replace("{old}"_L1, index.old())
        .replace("{position}"_L1, index.position())
        .replace("{texts}"_L1, index.texts)
        .replace("{table}"_L1, index.table)
        .replace("{columns}"_L1, index.columns);
}

QString askOne(db::Connection &connection, const QString &sql, const QVariantList &values = {})
{
    QSqlQuery &rows = connection.execute(sql, values);
    const QString answer = rows.next() ? rows.value(0).toString() : QString();
    rows.finish(); // a table that is still read cannot be dropped
    return answer;
}

QList<Index> findIndexes(db::Connection &connection)
{
    static const QRegularExpression content(u"content\\s*=\\s*'(\\w+)'"_s);
    QList<Index> found;
    QSqlQuery &tables = connection.execute(
        u"SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%' "
        "AND name LIKE '%\\_fts' ESCAPE '\\' ORDER BY name");
    while (tables.next()) {
        const QString sql = tables.value(1).toString();
        if (const auto match = content.match(sql); match.hasMatch())
            found.append({ .name = tables.value(0).toString(), .definition = sql, .texts = match.captured(1) });
    }
    for (Index &index : found) {
        index.table = askOne(
            connection, u"SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%' || ? || ' %'"_s,
            { index.name });
        QStringList columns;
        QSqlQuery &info = connection.execute(u"SELECT name FROM pragma_table_info(?)", { index.name });
        while (info.next())
            columns.append(info.value(0).toString());
        index.columns = columns.join(u", "_s);
        index.rows = askOne(connection, filled(index, u"SELECT count(*) FROM {table}"_s)).toLongLong();
    }
    return found;
}

/// Both what an earlier one left and what this one made.
void removeTraces(db::Connection &connection, const Index &index)
{
    connection.executeScript(filled(index, uR"(
        DROP TRIGGER IF EXISTS {next}_added;
        DROP TRIGGER IF EXISTS {next}_removed;
        DROP TRIGGER IF EXISTS {next}_change;
        DROP TRIGGER IF EXISTS {next}_changed;
        DROP TABLE IF EXISTS {position};
        DROP TABLE IF EXISTS {next};
        DROP TABLE IF EXISTS {old};
    )"_s));
}

/// What it already has is kept true by triggers; what it does not have yet, comes with its batch.
void beginNext(db::Connection &connection, const Index &index)
{
    QString definition = index.definition;
    definition.replace(definition.indexOf(index.name), index.name.size(), index.next());
    connection.executeScript(definition);
    const QString rank = askOne(connection, filled(index, u"SELECT v FROM {index}_config WHERE k = 'rank'"_s));
    if (!rank.isEmpty())
        connection.execute(filled(index, u"INSERT INTO {next} ({next}, rank) VALUES ('rank', ?)"_s), { rank });
    connection.executeScript(filled(index, uR"(
        CREATE TABLE {position} (id BIGINT NOT NULL);
        INSERT INTO {position} VALUES (-1);
        CREATE TRIGGER {next}_added AFTER INSERT ON {table} BEGIN
            INSERT INTO {next} (rowid, {columns})
            SELECT id, {columns} FROM {texts} WHERE id = new.id AND id <= (SELECT id FROM {position});
        END;
        CREATE TRIGGER {next}_removed BEFORE DELETE ON {table} BEGIN
            INSERT INTO {next} ({next}, rowid, {columns})
            SELECT 'delete', id, {columns} FROM {texts} WHERE id = old.id AND id <= (SELECT id FROM {position});
        END;
        CREATE TRIGGER {next}_change BEFORE UPDATE ON {table} BEGIN
            INSERT INTO {next} ({next}, rowid, {columns})
            SELECT 'delete', id, {columns} FROM {texts} WHERE id = old.id AND id <= (SELECT id FROM {position});
        END;
        CREATE TRIGGER {next}_changed AFTER UPDATE ON {table} BEGIN
            INSERT INTO {next} (rowid, {columns})
            SELECT id, {columns} FROM {texts} WHERE id = new.id AND id <= (SELECT id FROM {position});
        END;
    )"_s));
}

/// @return how many rows; none: it has all.
qint64 addBatch(db::Connection &connection, const Index &index, qint64 rows)
{
    const QString last
        = askOne(connection,
                 filled(index,
                        u"SELECT max(id) FROM (SELECT id FROM {table} WHERE id > (SELECT id FROM {position}) "
                        "ORDER BY id LIMIT ?)"_s),
                 { rows });
    if (last.isEmpty())
        return 0;
    const qint64 added = connection
                             .execute(filled(index,
                                             u"INSERT INTO {next} (rowid, {columns}) SELECT id, {columns} "
                                             "FROM {texts} WHERE id > (SELECT id FROM {position}) AND id <= ?"_s),
                                      { last.toLongLong() })
                             .numRowsAffected();
    connection.execute(filled(index, u"UPDATE {position} SET id = ?"_s), { last.toLongLong() });
    return std::max<qint64>(added, 1);
}

/// With what has come since the last batch. The triggers that name the index go on to do so: a rename in the new manner
/// would take them along.
void exchange(db::Connection &connection, const Index &index)
{
    while (addBatch(connection, index, mostBatchRows) > 0) { }
    connection.executeScript(filled(index, uR"(
        DROP TRIGGER {next}_added;
        DROP TRIGGER {next}_removed;
        DROP TRIGGER {next}_change;
        DROP TRIGGER {next}_changed;
        DROP TABLE {position};
        PRAGMA legacy_alter_table = ON;
        ALTER TABLE {index} RENAME TO {old};
        ALTER TABLE {next} RENAME TO {index};
        PRAGMA legacy_alter_table = OFF;
    )"_s));
}

/// @return whether there is more. To drop a large table at once would take long. Up to 10 are the records without which
/// FTS5 does not even open it.
bool emptyOld(db::Connection &connection, const Index &index)
{
    return connection
               .execute(
                   filled(index,
                          u"DELETE FROM {old}_data WHERE id IN (SELECT id FROM {old}_data WHERE id > 10 LIMIT ?)"_s),
                   { batchBlocks })
               .numRowsAffected()
        == batchBlocks;
}

template<class Work>
auto writeNow(db::Pool &pool, const Index &index, Work work)
{
    return pool.write({}, [index, work](db::Connection &connection) { return work(connection, index); })
        .future()
        .result();
}

qint64 rebuild(db::Pool &pool, const Index &index, const std::stop_token &stop, const std::function<void(qint64)> &tell)
{
    qint64 done = 0, rows = firstBatchRows;
    for (;;) {
        if (stop.stop_requested())
            throw Error::cancelled();
        QElapsedTimer timer;
        timer.start();
        const qint64 added = writeNow(pool, index, [rows](db::Connection &connection, const Index &of) {
            return addBatch(connection, of, rows);
        });
        if (added == 0)
            return done;
        done += added;
        tell(done);
        rows = std::clamp<qint64>(timer.elapsed() > batchMs ? rows / 2 : rows * 2, 1, mostBatchRows);
    }
}

} // namespace

QMap<QString, qint64> reindex(db::Pool &pool, std::stop_token stop,
                              const std::function<void(const ReindexProgress &)> &progress)
{
    const auto indexes = pool.read({}, findIndexes).future().result();
    ReindexProgress at;
    for (const Index &index : indexes)
        at.totalRows += index.rows;
    QMap<QString, qint64> done;
    for (const Index &index : indexes) {
        const auto step = [&pool, &index](auto work) {
            return writeNow(pool, index, [work](db::Connection &connection, const Index &of) {
                work(connection, of);
                return true;
            });
        };
        step(removeTraces);
        step(beginNext);
        try {
            const qint64 before = at.doneRows;
            at.index = index.name;
            done[index.name] = rebuild(pool, index, stop, [&](qint64 rows) {
                at.doneRows = before + rows;
                if (progress)
                    progress(at);
            });
            step(exchange);
            while (writeNow(pool, index, emptyOld)) { }
        } catch (...) {
            step(removeTraces);
            throw;
        }
        step(removeTraces);
    }
    return done;
}

} // namespace godwit::search
