// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/sensors/ring.h"

#include <algorithm>

namespace godwit::sensors {

void Rollup::add(const Rollup &other)
{
    if (other.count == 0)
        return;
    if (count == 0) {
        *this = other;
        return;
    }
    count += other.count;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
    sum += other.sum;
}

Ring::Ring(Shape shape)
    : m_shape(shape),
      m_places(shape.capacity + quint32(slack / shape.step) + 1),
      m_pages((m_places + pageSize - 1) / pageSize)
{
}

qint64 Ring::slotOf(Timestamp at) const
{
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch() / m_shape.step;
}

Ring::Window Ring::window(Timestamp now) const
{
    const qint64 last = slotOf(now) + slack / m_shape.step;
    return { .first = std::max<qint64>(0, last - m_places + 1), .last = last };
}

Bucket *Ring::find(quint32 slot) const
{
    const size_t place = slot % m_places;
    const auto &page = m_pages[place / pageSize];
    return page ? &(*page)[place % pageSize] : nullptr;
}

Bucket &Ring::claim(quint32 slot)
{
    const size_t place = slot % m_places;
    auto &page = m_pages[place / pageSize];
    if (!page)
        page = std::make_unique<Page>();
    Bucket &bucket = (*page)[place % pageSize];
    if (bucket.slot != slot)
        bucket = { .slot = slot };
    return bucket;
}

bool Ring::add(Timestamp at, const Rollup &rollup, Timestamp now)
{
    const qint64 slot = slotOf(at);
    if (!window(now).has(slot))
        return false;
    claim(quint32(slot)).rollup.add(rollup);
    m_changed.insert(quint32(slot));
    return true;
}

void Ring::restore(const Bucket &bucket, Timestamp now)
{
    if (window(now).has(bucket.slot))
        claim(bucket.slot).rollup.add(bucket.rollup);
}

std::vector<Bucket> Ring::read(Timestamp from, Timestamp to, Timestamp now) const
{
    const Window kept = window(now);
    const qint64 first = std::max(kept.first, slotOf(from + m_shape.step - std::chrono::milliseconds(1)));
    const qint64 last = std::min(kept.last, slotOf(to - std::chrono::milliseconds(1)));
    std::vector<Bucket> buckets;
    for (qint64 slot = first; slot <= last; ++slot) {
        const Bucket *const bucket = find(quint32(slot));
        if (bucket && bucket->slot == slot && bucket->rollup.count > 0)
            buckets.push_back(*bucket);
    }
    return buckets;
}

bool Ring::isEmpty(Timestamp now) const
{
    const Window kept = window(now);
    return std::ranges::none_of(m_pages, [&kept](const auto &page) {
        return page && std::ranges::any_of(*page, [&kept](const Bucket &bucket) {
                   return bucket.rollup.count > 0 && kept.has(bucket.slot);
               });
    });
}

std::vector<Bucket> Ring::takeChanged()
{
    std::vector<Bucket> changed;
    for (const quint32 slot : m_changed) {
        const Bucket *const bucket = find(slot);
        if (bucket && bucket->slot == slot) // else a newer one has its place
            changed.push_back(*bucket);
    }
    m_changed.clear();
    return changed;
}

void Ring::putBack(const std::vector<Bucket> &buckets)
{
    for (const Bucket &bucket : buckets)
        m_changed.insert(bucket.slot);
}

} // namespace godwit::sensors
