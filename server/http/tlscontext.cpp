// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/tlscontext.h"

#include <QFile>

#include <openssl/err.h>
#include <openssl/ssl.h>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

constexpr unsigned char OurProtocols[] = "\x08http/1.1";
constexpr unsigned char SessionContext[] = "godwit";

/// RFC 7301: a client that offers protocols without ours is refused; one that offers none speaks HTTP/1.1.
int selectProtocol(SSL *, const unsigned char **selected, unsigned char *selectedSize, const unsigned char *offered,
                   unsigned int offeredSize, void *)
{
    unsigned char *choice = nullptr;
    if (SSL_select_next_proto(&choice, selectedSize, OurProtocols, sizeof OurProtocols - 1, offered, offeredSize)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *selected = choice;
    return SSL_TLSEXT_ERR_OK;
}

Failure libraryFailure(const QString &file)
{
    char text[256] = "unknown error";
    if (const unsigned long code = ERR_get_error())
        ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    return failure(Error::Code::InvalidArgument, u"%1: %2"_s.arg(file, QString::fromLatin1(text)));
}

void configure(SSL_CTX *context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
                            | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1); // one recv() a record in place of two
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); // resumption by tickets, which hold no memory here
    SSL_CTX_set_session_id_context(context, SessionContext, sizeof SessionContext - 1);
    SSL_CTX_set_alpn_select_cb(context, selectProtocol, nullptr);
}

} // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::load(const Files &files, const QByteArray &ticketKeys)
{
    ERR_clear_error();
    // Shared by the source, and by each connection through libssl's own count.
    std::shared_ptr<TlsContext> result(new TlsContext(SSL_CTX_new(TLS_server_method())));
    SSL_CTX *const context = result->m_context;
    if (!context)
        return libraryFailure(u"libssl"_s);
    configure(context);
    if (SSL_CTX_use_certificate_chain_file(context, QFile::encodeName(files.certificate).constData()) != 1)
        return libraryFailure(files.certificate);
    if (SSL_CTX_use_PrivateKey_file(context, QFile::encodeName(files.key).constData(), SSL_FILETYPE_PEM) != 1
        || SSL_CTX_check_private_key(context) != 1)
        return libraryFailure(files.key);
    if (!ticketKeys.isEmpty()) {
        QByteArray keys = ticketKeys; // the macro wants them mutable
        SSL_CTX_set_tlsext_ticket_keys(context, keys.data(), int(keys.size()));
    }
    return result;
}

TlsContext::~TlsContext()
{
    SSL_CTX_free(m_context);
}

QByteArray TlsContext::ticketKeys() const
{
    QByteArray keys(int(SSL_CTX_get_tlsext_ticket_keys(m_context, nullptr, 0)), Qt::Uninitialized);
    SSL_CTX_get_tlsext_ticket_keys(m_context, keys.data(), int(keys.size()));
    return keys;
}

ssl_st *TlsContext::open(qintptr descriptor) const
{
    SSL *const ssl = SSL_new(m_context); // takes a reference of its own
    SSL_set_fd(ssl, int(descriptor));
    SSL_set_accept_state(ssl);
    return ssl;
}

Result<void> TlsContextSource::reload(const TlsContext::Files &files)
{
    auto fresh = TlsContext::load(files, current()->ticketKeys());
    if (!fresh)
        return Failure(fresh.error());
    const std::lock_guard lock(m_mutex);
    m_context = std::move(*fresh);
    return {};
}

} // namespace godwit::http
