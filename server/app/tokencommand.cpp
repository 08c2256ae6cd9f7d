// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/tokencommand.h"

#include "server/app/accountsite.h"

#include <QLoggingCategory>

#include <cstdio>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

using TokenAction = Arguments::TokenRequest::Action;

auth::NewToken newTokenOf(const Arguments::TokenRequest &request)
{
    auth::NewToken token{ .user = request.name, .label = request.label, .role = request.role };
    token.lifetime = request.lifetime.value_or(token.lifetime);
    return token;
}

QJsonObject toJson(const auth::NewToken &token)
{
    QJsonObject json{ { u"user"_s, token.user }, { u"lifetime"_s, qint64(token.lifetime.count()) } };
    if (!token.label.isEmpty())
        json.insert(u"label"_s, token.label);
    if (token.role)
        json.insert(u"role"_s, protocol::toString(*token.role));
    return json;
}

/// Where the tokens are. All functions block and throw Error.
class Tokens
{
public:
    virtual ~Tokens() = default;
    /// The token itself, and its id.
    virtual std::pair<QString, QString> create(const auth::NewToken &token) = 0;
    virtual QJsonArray list() = 0; ///< as the API gives them
    virtual void revoke(const QString &id) = 0;
};

/// In a data folder that no daemon has.
class TokensHere final : public Tokens
{
public:
    explicit TokensHere(OfflineAccounts &site) : m_service(site.service()) { }

    std::pair<QString, QString> create(const auth::NewToken &token) override
    {
        const auto created
            = orThrow(QCoro::waitFor(caught(m_service.createToken({}, token, OfflineAccounts::actor()))));
        return { QString::fromLatin1(created.token), QString::fromLatin1(created.session.id) };
    }
    QJsonArray list() override
    {
        QJsonArray listed;
        const auto tokens = m_service.tokens({}).future().result();
        for (const auth::Session &token : tokens)
            listed.append(auth::toJson(token));
        return listed;
    }
    void revoke(const QString &id) override
    {
        m_service.revokeToken({}, id.toLatin1(), OfflineAccounts::actor()).future().result();
    }

private:
    auth::Service &m_service;
};

/// At the daemon that has the data folder.
class TokensThere final : public Tokens
{
public:
    explicit TokensThere(client::ApiClient &api) : m_api(api) { }

    std::pair<QString, QString> create(const auth::NewToken &token) override
    {
        const auto answer = orThrow(QCoro::waitFor(m_api.post(path(), toJson(token))));
        return { answer.object()["token"_L1].toString(), answer.object()["id"_L1].toString() };
    }
    QJsonArray list() override { return orThrow(QCoro::waitFor(m_api.get(path()))).object()["items"_L1].toArray(); }
    void revoke(const QString &id) override { orThrow(QCoro::waitFor(m_api.remove(path() + u'/' + id))); }

private:
    static QString path() { return u"/api/auth/tokens"_s; }

    client::ApiClient &m_api;
};

std::unique_ptr<Tokens> tokensAt(const AccountSite &site)
{
    if (const auto *here = std::get_if<std::unique_ptr<OfflineAccounts>>(&site))
        return std::make_unique<TokensHere>(**here);
    return std::make_unique<TokensThere>(*std::get<std::unique_ptr<client::ApiClient>>(site));
}

void print(const QJsonArray &tokens)
{
    for (const auto &token : tokens) {
        const bool isRevoked = !token["revoked_at"_L1].isNull();
        std::printf("%s  %-16s  %-24s  %s\n", qUtf8Printable(token["id"_L1].toString()),
                    qUtf8Printable(token["user"_L1].toString()),
                    isRevoked ? "revoked" : qUtf8Printable(token["expires_at"_L1].toString()),
                    qUtf8Printable(token["label"_L1].toString()));
    }
}

} // namespace

int manageTokens(const Arguments::TokenRequest &request, const config::Loaded &loaded)
{
    QLoggingCategory::setFilterRules(u"godwit.audit.info=false"_s); // the table has it
    const AccountSite site = openAccountSite(loaded.config);
    const auto tokens = tokensAt(site);
    switch (request.action) {
    case TokenAction::Create: {
        const auto [token, id] = tokens->create(newTokenOf(request));
        std::fprintf(stderr, "godwitd: it is not shown again; to end it: godwitd token revoke %s\n",
                     qUtf8Printable(id));
        std::printf("%s\n", qUtf8Printable(token));
        break;
    }
    case TokenAction::List:
        print(tokens->list());
        break;
    case TokenAction::Revoke:
        tokens->revoke(request.name);
        break;
    }
    return 0;
}

} // namespace godwit::app
