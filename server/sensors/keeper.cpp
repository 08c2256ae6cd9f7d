// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/keeper.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::sensors {

Q_LOGGING_CATEGORY(keeperLog, "godwit.sensors")

constexpr int bucketsAtATime = 20'000;
constexpr auto pruneInterval = 10min;

void Keeper::turn(std::chrono::milliseconds flushInterval)
{
    try {
        load();
        const TimePoint now = m_clock.now();
        if (!m_savedAt || now - *m_savedAt >= flushInterval) {
            m_savedAt = now; // also where it fails: the next batch is soon enough
            save();
        }
        if (!m_prunedAt || now - *m_prunedAt >= pruneInterval) {
            m_prunedAt = now;
            prune();
        }
    } catch (const Error &error) {
        ++m_failures;
        qCWarning(keeperLog, "the history of the sensors does not reach the disk: %s",
                  qUtf8Printable(error.internalMessage().isEmpty() ? error.message() : error.internalMessage()));
    }
}

/// What came in since the start is added to what is read: so nothing is written before all of that is there.
void Keeper::load()
{
    if (m_isLoaded)
        return;
    if (m_series.isEmpty()) {
        m_series = m_pool.read({}, store::series).future().result();
        for (const SeriesName &series : std::as_const(m_series))
            m_history.restore(series);
    }
    while (!m_series.isEmpty()) {
        const auto page = m_pool
                              .read({},
                                    [after = m_position](db::Connection &connection) {
                                        return store::buckets(connection, after, bucketsAtATime);
                                    })
                              .future()
                              .result();
        for (const store::StoredBucket &stored : page) {
            for (size_t ring = 0; ring < ringShapes.size(); ++ring) {
                if (ringShapes[ring].step.count() == stored.step)
                    m_history.restore(m_series.value(stored.seriesId).name, ring, stored.bucket);
            }
        }
        m_restored += qint64(page.size());
        if (page.size() < bucketsAtATime)
            break;
        m_position = page.back();
    }
    m_series.clear();
    m_isLoaded = true;
}

void Keeper::save()
{
    auto unsaved = std::make_shared<const std::vector<Unsaved>>(m_history.takeUnsaved()); // shared with the job
    if (unsaved->empty())
        return;
    try {
        m_pool.write({}, [unsaved](db::Connection &connection) { store::save(connection, *unsaved); })
            .future()
            .waitForFinished();
    } catch (...) {
        m_history.putBack(*unsaved);
        throw;
    }
    ++m_batches;
    for (const Unsaved &one : *unsaved) {
        for (const auto &buckets : one.buckets)
            m_saved += qint64(buckets.size());
    }
}

void Keeper::prune()
{
    const QStringList dropped = m_history.dropEmpty();
    m_pool
        .write({},
               [dropped, now = m_clock.timestamp()](db::Connection &connection) {
                   store::prune(connection, dropped, now);
               })
        .future()
        .waitForFinished();
}

void Keeper::flush()
{
    if (m_isLoaded)
        turn(0ms);
}

Keeper::Figures Keeper::figures() const
{
    return {
        .isLoaded = m_isLoaded, .restored = m_restored, .saved = m_saved, .batches = m_batches, .failures = m_failures
    };
}

} // namespace godwit::sensors
