// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/exportbody.h"

#include "server/http/pen.h"

#include <QLoggingCategory>

namespace godwit::exports {

Q_LOGGING_CATEGORY(exportLog, "godwit.exports")

namespace {

/// Of a row of a sequence, in any format.
constexpr qsizetype LongestRow = 128;

} // namespace

http::Body::State ExportBody::read(QByteArray &out, qsizetype budget)
{
    Q_UNUSED(budget); // a block is as large as a piece
    switch (m_feed->take(out)) {
    case RowFeed::Taken::Block:
        return State::More;
    case RowFeed::Taken::Nothing:
        if (!std::exchange(m_isWaiting, true))
            waitFor(weak_from_this(), m_feed->arrival());
        return State::Wait;
    case RowFeed::Taken::End:
        return State::End;
    case RowFeed::Taken::Failed:
        break;
    }
    try {
        std::rethrow_exception(m_feed->error());
    } catch (const std::exception &error) {
        qCWarning(exportLog, "an export ended before its time: %s", error.what());
    }
    return State::Failed;
}

QCoro::Task<> ExportBody::waitFor(std::weak_ptr<ExportBody> self, async::OneShot<void> arrival)
{
    try {
        co_await std::move(arrival);
    } catch (const Error &) {
        co_return; // the feed is gone, and so is its body
    }
    if (const auto body = self.lock()) {
        body->m_isWaiting = false;
        body->wake();
    }
}

http::Body::State SequenceBody::read(QByteArray &out, qsizetype budget)
{
    const qsizetype begin = out.size();
    out.resize(begin + std::max(budget, 2 * LongestRow));
    http::Pen pen(out.data() + begin);
    if (!std::exchange(m_hasBegun, true) && m_format == Format::Json)
        pen << "[";
    for (; m_next < m_rows && pen.at() + LongestRow <= out.constEnd(); ++m_next) {
        const qint64 i = m_next;
        if (m_format == Format::Csv) {
            pen << "row_" << i << ",value_" << 2 * i << ",data_" << 3 * i << "\r\n";
            continue;
        }
        if (m_format == Format::Json)
            pen << QByteArrayView(i == 0 ? "\n" : ",\n");
        pen << R"({"row":"row_)" << i << R"(","value":"value_)" << 2 * i << R"(","data":"data_)" << 3 * i << R"("})";
        if (m_format == Format::NdJson)
            pen << "\n";
    }
    const bool isOver = m_next == m_rows && pen.at() + LongestRow <= out.constEnd();
    if (isOver && m_format == Format::Json)
        pen << QByteArrayView(m_rows == 0 ? "]\n" : "\n]\n");
    out.truncate(pen.at() - out.constData());
    return isOver ? State::End : State::More;
}

} // namespace godwit::exports
