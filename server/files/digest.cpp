// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/digest.h"

#include "shared/core/error.h"

#include <openssl/evp.h>

using namespace Qt::StringLiterals;

namespace godwit::files {

static void check(int done)
{
    if (done != 1)
        throw Error::internal(u"OpenSSL refuses a digest"_s);
}

void Digest::Free::operator()(EVP_MD_CTX *context) const
{
    EVP_MD_CTX_free(context);
}

std::optional<Digest::Algorithm> Digest::algorithmFrom(QByteArrayView name)
{
    if (name == "sha1")
        return Algorithm::Sha1;
    if (name == "sha256")
        return Algorithm::Sha256;
    return {};
}

Digest::Digest(Algorithm algorithm) : m_context(EVP_MD_CTX_new())
{
    check(EVP_DigestInit_ex(m_context.get(), algorithm == Algorithm::Sha1 ? EVP_sha1() : EVP_sha256(), nullptr));
}

void Digest::add(QByteArrayView bytes)
{
    check(EVP_DigestUpdate(m_context.get(), bytes.data(), size_t(bytes.size())));
}

QByteArray Digest::result()
{
    QByteArray bytes(EVP_MAX_MD_SIZE, Qt::Uninitialized);
    unsigned size = 0;
    check(EVP_DigestFinal_ex(m_context.get(), reinterpret_cast<unsigned char *>(bytes.data()), &size));
    bytes.resize(qsizetype(size));
    return bytes;
}

} // namespace godwit::files
