// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatlink.h"

#include "shared/core/jsonreader.h"
#include "shared/protocol/routes.h"

#include <QJsonDocument>

namespace godwit::chat {

using namespace Qt::StringLiterals;

ChatLink::ChatLink(net::Session &session, const QString &user, QObject *parent) : QObject(parent)
{
    const QUrlQuery query{ { u"user"_s, QString::fromLatin1(QUrl::toPercentEncoding(user)) } };
    m_socket = session.socket(QString::fromLatin1(protocol::routes::chatSocket), query);
    m_socket->setSubprotocols({ QString::fromLatin1(protocol::chatSubprotocol) });
    connect(m_socket.get(), &client::Socket::received, this, &ChatLink::receive);
}

ChatLink::~ChatLink()
{
    m_socket->disconnect(this);
}

bool ChatLink::send(const protocol::ChatCommand &command)
{
    return isOnline()
        && m_socket->send(QString::fromUtf8(QJsonDocument(command.toJson()).toJson(QJsonDocument::Compact)));
}

void ChatLink::receive(const QString &text)
{
    const auto json = parseJsonObject(text.toUtf8());
    if (!json) {
        Q_EMIT failed(tr("The server sent something that is no event: %1").arg(json.error().message()));
        return;
    }
    Q_EMIT happened(json->value("room"_L1).toString(), json->value("type"_L1).toString(), *json);
}

} // namespace godwit::chat
