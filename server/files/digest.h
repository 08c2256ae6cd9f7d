// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <memory>
#include <optional>

using EVP_MD_CTX = struct evp_md_ctx_st;

namespace godwit::files {

/// A hash that is fed in pieces, by OpenSSL, which has the processor do it: QCryptographicHash takes eight times as
/// long for SHA-256. One thread at a time.
class Digest
{
public:
    enum class Algorithm { Sha1, Sha256 };
    static std::optional<Algorithm> algorithmFrom(QByteArrayView name); ///< `sha1`, `sha256`

    explicit Digest(Algorithm algorithm);

    void add(QByteArrayView bytes);
    QByteArray result(); ///< once; raw bytes

private:
    struct Free
    {
        void operator()(EVP_MD_CTX *context) const;
    };
    std::unique_ptr<EVP_MD_CTX, Free> m_context;
};

} // namespace godwit::files
