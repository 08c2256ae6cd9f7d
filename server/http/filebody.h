// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/body.h"
#include "server/http/byteranges.h"

#include <QFile>

#include <memory>

namespace godwit::http {

/// A file, or a part of it, read as fast as the client takes it. Its size is told beforehand; a file that has become
/// shorter meanwhile cuts the connection.
class FileBody final : public Body
{
public:
    /// @p file is open; @p range lies within it.
    FileBody(std::unique_ptr<QFile> file, ByteRange range);

    State read(QByteArray &out, qsizetype budget) override;
    qint64 size() const override { return m_size; }

private:
    std::unique_ptr<QFile> m_file;
    const qint64 m_size;
    qint64 m_left;
};

} // namespace godwit::http
