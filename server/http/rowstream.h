// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/body.h"

namespace godwit::http {

/// A body that a function makes piece by piece, asked only while the client reads: an export of any length in constant
/// memory.
///
///     return Response::stream("text/csv", std::make_shared<RowStream>([row = 0](QByteArray &out) mutable {
///         out += QByteArray::number(row) + '\n';
///         return ++row < 1'000'000 ? Body::State::More : Body::State::End;
///     }));
class RowStream final : public Body
{
public:
    /// Appends a row, or some. Wait: called again after resume(). An exception counts as Failed and is logged. Called
    /// on the connection's reactor, so it must not block: rows of a query are fetched ahead, in a database thread.
    using Generator = std::function<State(QByteArray &out)>;

    explicit RowStream(Generator generator) : m_generator(std::move(generator)) { }

    State read(QByteArray &out, qsizetype budget) override;

    /// There are rows again. On the reactor.
    void resume() { wake(); }

private:
    Generator m_generator;
};

} // namespace godwit::http
