// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/sharedfile.h"

#include "shared/protocol/routes.h"

#include <QDesktopServices>
#include <QPointer>
#include <QUrlQuery>

namespace godwit::chat {

using namespace Qt::StringLiterals;

QCoro::Task<> openSharedFile(net::Session &session, QString name, std::function<void(const Error &)> failed)
{
    const QPointer<net::Session> guard(&session);
    QUrl address = session.server();
    address.setPath(u"/files/"_s + name); // encodes what an address cannot have
    if (session.credentials().kind() != client::Credentials::Kind::Nobody) {
        auto asking = session.api().post(QString::fromLatin1(protocol::routes::authTicket));
        const auto answer = co_await std::move(asking);
        if (!guard)
            co_return;
        if (!answer) {
            failed(answer.error());
            co_return;
        }
        address.setQuery(QUrlQuery{ { u"ticket"_s, answer->object()["ticket"_L1].toString() } });
    }
    QDesktopServices::openUrl(address);
}

} // namespace godwit::chat
