// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/exports/rowfeed.h"
#include "server/exports/rowformat.h"
#include "server/http/body.h"

#include <QCoroTask>

namespace godwit::exports {

/// What a RowFeed brings. When its client leaves, or takes nothing for the write timeout, it is destroyed, and the
/// statement ends.
class ExportBody final : public http::Body, public std::enable_shared_from_this<ExportBody>
{
public:
    explicit ExportBody(std::shared_ptr<RowFeed> feed) : m_feed(std::move(feed)) { }
    ~ExportBody() override { m_feed->abandon(); }

    State read(QByteArray &out, qsizetype budget) override;

private:
    static QCoro::Task<> waitFor(std::weak_ptr<ExportBody> self, async::OneShot<void> arrival);

    const std::shared_ptr<RowFeed> m_feed; // shared with the thread that reads
    bool m_isWaiting = false;
};

/// Rows without a database: `row_1,value_2,data_3`, and so on. For trying out, and for measuring what a stream costs.
class SequenceBody final : public http::Body
{
public:
    SequenceBody(qint64 rows, Format format) : m_rows(rows), m_format(format) { }

    State read(QByteArray &out, qsizetype budget) override;

private:
    const qint64 m_rows;
    const Format m_format;
    qint64 m_next = 0;
    bool m_hasBegun = false;
};

} // namespace godwit::exports
