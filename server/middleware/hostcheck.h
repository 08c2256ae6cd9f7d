// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"

#include <QList>

namespace godwit::middleware {

/// Refuses requests by a name that is not ours (403). A server that asks nobody who he is must: a page of
/// `evil.example` whose name is suddenly said to be 127.0.0.1 (DNS rebinding) is of our own origin for the browser, and
/// the Host field alone tells. Allowed are addresses, names without a dot (nobody outside can have one), `*.localhost`
/// and the names that are given.
class HostCheck final : public http::Middleware
{
public:
    /// @param names in lower case, without a port; `*` for all.
    explicit HostCheck(QList<QByteArray> names);
    void before(http::Exchange &exchange) override;

private:
    bool isAllowed(QByteArrayView host) const;

    const QList<QByteArray> m_names;
    const bool m_allowsAll;
};

} // namespace godwit::middleware
