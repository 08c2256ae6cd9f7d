// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/rowstream.h"

#include <QLoggingCategory>

namespace godwit::http {

Q_LOGGING_CATEGORY(streamLog, "godwit.http.stream")

Body::State RowStream::read(QByteArray &out, qsizetype budget)
{
    const qsizetype most = out.size() + budget;
    State state = State::More;
    try {
        while (state == State::More && out.size() < most)
            state = m_generator(out);
    } catch (const std::exception &error) {
        qCWarning(streamLog, "a stream ended before its time: %s", error.what());
        state = State::Failed;
    }
    return state;
}

} // namespace godwit::http
