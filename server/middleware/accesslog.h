// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/pipeline.h"

#include <functional>

namespace godwit::middleware {

/// One line an answer. The path without its query, which may hold tickets and search words.
class AccessLog final : public http::Middleware
{
public:
    enum class Format {
        Text, ///< `time=... id=... client=... method=GET path=/x route=/x status=200 bytes=13 ms=0.412`
        Json, ///< the same members as an object
    };
    /// Takes a line without its line break. Any thread, several at once.
    using Sink = std::function<void(const QByteArray &line)>;

    /// Without a sink: standard error, a line a write.
    explicit AccessLog(Format format, Sink sink = {});

    void after(http::Exchange &exchange, http::Response &response) override;

private:
    const Format m_format;
    const Sink m_sink;
};

} // namespace godwit::middleware
