// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keys.h"

#include "server/config/keytypes.h"

#include <algorithm>
#include <utility>

using namespace Qt::StringLiterals;

namespace godwit::config {

QString quoted(const QString &text)
{
    QString escaped = text;
    return u'"' + escaped.replace(u'\\', u"\\\\"_s).replace(u'"', u"\\\""_s) + u'"';
}

QString quotedList(const QStringList &texts)
{
    QStringList parts;
    for (const QString &text : texts)
        parts.append(quoted(text));
    return u'[' + parts.join(u", "_s) + u']';
}

QString Key::environmentName() const
{
    return u"GODWIT_"_s + QString(section).toUpper() + u'_' + QString(name).toUpper();
}

const std::vector<Key> &keys()
{
    static const std::vector<Key> all = [] {
        std::vector<Key> keys;
        addServerKeys(keys);
        addLimitKeys(keys);
        addResourceKeys(keys);
        addFaultKeys(keys);
        addOutboundKeys(keys);
        addSensorKeys(keys);
        return keys;
    }();
    return all;
}

const Key *findKey(const QString &path)
{
    for (const Key &key : keys()) {
        if (key.path() == path)
            return &key;
    }
    return nullptr;
}

QString nearest(const QString &word, const QStringList &candidates)
{
    // Damerau's transpositions are left out: Levenshtein counts them as two, and two are allowed.
    const auto distance = [](const QString &a, const QString &b) {
        std::vector<qsizetype> row(size_t(b.size()) + 1);
        for (size_t j = 0; j < row.size(); ++j)
            row[j] = qsizetype(j);
        for (qsizetype i = 0; i < a.size(); ++i) {
            qsizetype diagonal = std::exchange(row[0], i + 1);
            for (size_t j = 1; j < row.size(); ++j) {
                const qsizetype substituted = diagonal + (a[i] == b[qsizetype(j) - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = std::min({ substituted, row[j] + 1, row[j - 1] + 1 });
            }
        }
        return row.back();
    };
    QString best;
    qsizetype least = std::max<qsizetype>(2, word.size() / 3) + 1;
    for (const QString &candidate : candidates) {
        const qsizetype steps = distance(word, candidate);
        if (steps < least) {
            least = steps;
            best = candidate;
        }
    }
    return best;
}

} // namespace godwit::config
