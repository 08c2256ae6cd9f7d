// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/remoteimport.h"

#include "server/app/signals.h"
#include "server/app/terminal.h"
#include "shared/client/apiclient.h"
#include "shared/client/eventsource.h"
#include "shared/client/localtoken.h"
#include "shared/core/jsonreader.h"
#include "shared/protocol/routes.h"
#include "shared/protocol/task.h"

#include <QCoroTask>
#include <QEventLoop>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

/// The task of the daemon, from its making to its end.
class RemoteImport final : public QObject
{
public:
    RemoteImport(const QUrl &server, const QString &dataFolder) : m_api(server)
    {
        // Without one the server says what it wants.
        m_api.setToken(client::LocalToken(server, dataFolder).read().value_or(QByteArray()));
    }

    /// Blocks. Throws Error.
    protocol::Task run(const QStringList &paths)
    {
        m_task = taskFrom(QCoro::waitFor(
            m_api.post(path(),
                       { { "kind"_L1, u"import"_s },
                         { "params"_L1, QJsonObject{ { "paths"_L1, QJsonArray::fromStringList(paths) } } } })));

        Signals signals_;
        connect(&signals_, &Signals::stopRequested, this, &RemoteImport::cancel);
        client::EventSource events(m_api.request(path() + u'/' + QString::number(m_task.id) + u"/events"_s));
        connect(&events, &client::EventSource::received, this, &RemoteImport::follow);
        connect(&events, &client::Connection::stateChanged, this, [this](const client::ConnectionState &state) {
            if (state.phase == client::ConnectionState::Phase::Ended)
                m_loop.quit();
        });
        events.start();
        m_loop.exec();
        m_line.clear();
        return taskFrom(QCoro::waitFor(m_api.get(path() + u'/' + QString::number(m_task.id))));
    }

private:
    static QString path() { return QString::fromLatin1(protocol::routes::tasks); }

    static protocol::Task taskFrom(Result<client::Answer> answer)
    {
        return orThrow(protocol::Task::fromJson(orThrow(std::move(answer)).object()));
    }

    void follow(const protocol::SseEvent &event)
    {
        const auto json = parseJsonObject(event.data);
        const auto progress = json ? protocol::TaskProgress::fromJson(*json) : Failure(json.error());
        if (!progress)
            return;
        m_line.show(progress->progress, progress->message);
        if (protocol::isFinal(progress->status))
            m_loop.quit();
    }

    void cancel() { cancelTask(m_api, path() + u'/' + QString::number(m_task.id) + u"/cancel"_s); }
    static QCoro::Task<> cancelTask(client::ApiClient &api, QString path)
    {
        // Whether it worked is told by the stream, which ends either way.
        co_await api.post(std::move(path));
    }

    client::ApiClient m_api;
    protocol::Task m_task;
    ProgressLine m_line;
    QEventLoop m_loop;
};

} // namespace

int importThrough(const QUrl &server, const QStringList &paths, const QString &dataFolder)
{
    const protocol::Task task = RemoteImport(server, dataFolder).run(paths);
    if (task.status == protocol::TaskStatus::Completed) {
        showReport(task.result);
        return 0;
    }
    throw Error(Error::Code::Cancelled, u"the import %1: %2"_s.arg(protocol::toString(task.status), task.message));
}

} // namespace godwit::app
