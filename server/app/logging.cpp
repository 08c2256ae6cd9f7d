// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/logging.h"

#include "server/app/journal.h"
#include "shared/async/currentrequest.h"
#include "shared/core/clock.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>

#include <cstdio>
#include <mutex>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

// Set once by setUpLogging(), then only read: Qt's handler is a plain function.
bool writesJson = false;
bool writesPriorities = false;
const Journal *journal = nullptr; // null: standard error; never deleted, as others may log to the very end

std::mutex listenerMutex;
std::function<void(const operations::LogLine &)> logListener; // guarded by listenerMutex
constinit thread_local bool isTelling = false; // what the listener logs is written, and not told again

struct Severity
{
    const char *name;
    char priority; ///< of syslog(3), as a digit
};

Severity severityOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return { "debug", '7' };
    case QtInfoMsg:
        return { "info", '6' };
    case QtWarningMsg:
        return { "warning", '4' };
    case QtCriticalMsg:
        return { "error", '3' };
    case QtFatalMsg:
        return { "fatal", '2' };
    }
    return { "", '7' };
}

operations::LogLevel levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return operations::LogLevel::Debug;
    case QtInfoMsg:
        return operations::LogLevel::Info;
    case QtWarningMsg:
        return operations::LogLevel::Warning;
    case QtCriticalMsg:
    case QtFatalMsg:
        break;
    }
    return operations::LogLevel::Error;
}

void tell(const operations::LogLine &line)
{
    if (isTelling)
        return;
    isTelling = true;
    {
        const std::lock_guard lock(listenerMutex);
        if (logListener)
            logListener(line);
    }
    isTelling = false;
}

bool writeToJournal(Severity severity, const QMessageLogContext &context, QByteArrayView message,
                    const QByteArray &requestId)
{
    const QByteArray line = context.line > 0 ? QByteArray::number(context.line) : QByteArray();
    return journal->send({ { "MESSAGE", message },
                           { "PRIORITY", QByteArrayView(&severity.priority, 1) },
                           { "SYSLOG_IDENTIFIER", "godwitd" },
                           { "GODWIT_CATEGORY", context.category },
                           { "GODWIT_REQUEST_ID", requestId },
                           { "CODE_FILE", context.file },
                           { "CODE_LINE", line },
                           { "CODE_FUNC", context.function } });
}

/// Whatever a message quotes, it can neither fake another line nor speak to a terminal.
QString escaped(const QString &message)
{
    QString text;
    text.reserve(message.size());
    for (const QChar c : message) {
        if (c.category() != QChar::Other_Control)
            text += c;
        else if (c == u'\n')
            text += u"\\n"_s;
        else if (c == u'\r')
            text += u"\\r"_s;
        else
            text += u"\\x"_s + QString::number(c.unicode(), 16).rightJustified(2, u'0');
    }
    return text;
}

void writeToStandardError(Severity severity, const QMessageLogContext &context, const QString &message,
                          const QByteArray &time, const QByteArray &requestId)
{
    QByteArray line;
    if (writesPriorities)
        line += QByteArray("<") + severity.priority + '>';
    if (writesJson) {
        QJsonObject json{ { "time"_L1, QString::fromLatin1(time) },
                          { "level"_L1, QLatin1StringView(severity.name) },
                          { "category"_L1, QLatin1StringView(context.category) },
                          { "message"_L1, message } };
        if (!requestId.isEmpty())
            json["request_id"_L1] = QString::fromUtf8(requestId);
        line += QJsonDocument(json).toJson(QJsonDocument::Compact);
    } else {
        line += time + ' ' + severity.name + ' ' + context.category + ": " + escaped(message).toUtf8();
        if (!requestId.isEmpty())
            line += " (request " + requestId + ')';
    }
    line += '\n';
    std::fwrite(line.constData(), 1, size_t(line.size()), stderr);
}

void write(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const Severity severity = severityOf(type);
    const Timestamp now = Clock::system().timestamp();
    const QByteArray requestId = async::CurrentRequest::id();
    if (!journal || !writeToJournal(severity, context, message.toUtf8(), requestId))
        writeToStandardError(severity, context, message, toRfc3339Bytes(now), requestId);
    tell({ .time = now,
           .level = levelOf(type),
           .category = QString::fromLatin1(context.category),
           .message = message,
           .requestId = QString::fromUtf8(requestId) });
}

} // namespace

void setUpLogging(const config::Log &log)
{
    writesJson = log.format == config::LogFormat::Json;
    writesPriorities = qEnvironmentVariableIsSet("JOURNAL_STREAM");
    const bool wantsJournal = log.target == config::LogTarget::Journald
        || (log.target == config::LogTarget::Auto && Journal::isStandardError(qgetenv("JOURNAL_STREAM")));
    journal = wantsJournal ? new Journal(QFile::encodeName(log.journal)) : nullptr;
    QString rules;
    const auto levels = { u"debug"_s, u"info"_s, u"warning"_s };
    int level = 0;
    for (const QString &name : levels)
        rules += u"*.%1=%2\n"_s.arg(name, level++ >= int(log.level) ? u"true"_s : u"false"_s);
    rules += u"godwit.audit.info=true\n"_s; // whatever else is left out
    // Qt's own parts talk to their developers at the lower levels.
    rules += u"qt.*.debug=false\nqt.*.info=false\n"_s;
    QLoggingCategory::setFilterRules(rules);
    qInstallMessageHandler(write);
}

std::function<void(const QByteArray &)> accessLogSink()
{
    if (!journal)
        return {};
    return [](const QByteArray &line) {
        const QMessageLogContext context(nullptr, 0, nullptr, "godwit.access");
        const Severity severity = severityOf(QtInfoMsg);
        const QByteArray requestId = async::CurrentRequest::id();
        if (!writeToJournal(severity, context, line, requestId))
            writeToStandardError(severity, context, QString::fromUtf8(line),
                                 toRfc3339Bytes(Clock::system().timestamp()), requestId);
    };
}

void setLogListener(std::function<void(const operations::LogLine &)> listener)
{
    const std::lock_guard lock(listenerMutex);
    logListener = std::move(listener);
}

} // namespace godwit::app
