// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QString>

#include <algorithm>
#include <array>
#include <limits>

namespace godwit::exports {

/// What of the readings is wanted.
struct Filter
{
    static constexpr std::array<qint64, 3> steps{ 1, 10, 60 }; ///< seconds: those that are kept

    QString series{}; ///< empty: all of them
    Timestamp from{}, to = Timestamp::max(); ///< the second is not part of it
    qint64 step = 60;

    /// @p reader is an http::QueryReader or a JsonReader.
    template<class Reader>
    static Filter read(Reader &reader)
    {
        using namespace Qt::StringLiterals;
        Filter filter{ .series = reader.string("series"_L1, QString()) };
        const auto time = [&reader](QLatin1StringView name, Timestamp otherwise) {
            const QString text = reader.string(name, QString());
            const auto read = fromRfc3339(text);
            if (!read && !text.isEmpty())
                reader.fail(name, u"must be a date and time such as 2026-11-22T17:00:00Z"_s);
            return read.value_or(otherwise);
        };
        filter.from = time("from"_L1, filter.from);
        filter.to = time("to"_L1, filter.to);
        if (filter.from >= filter.to)
            reader.fail("from"_L1, u"must be before \"to\""_s);
        filter.step = reader.integer("step"_L1, filter.step);
        if (std::ranges::find(steps, filter.step) == steps.end())
            reader.fail("step"_L1, u"must be 1, 10 or 60 seconds"_s);
        return filter;
    }
};

} // namespace godwit::exports
