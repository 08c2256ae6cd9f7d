// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/net/keyring.h"

#include <QCoreApplication>
#include <qt6keychain/keychain.h>

namespace godwit::net {

using namespace Qt::StringLiterals;

static QString service()
{
    return u"godwit"_s;
}

static Result<void> outcomeOf(const QKeychain::Job &job)
{
    const auto failed = [&job](Error::Code code) { return failure(code, job.errorString()); };
    switch (job.error()) {
    case QKeychain::NoError:
        return {};
    case QKeychain::EntryNotFound:
        return failed(Error::Code::NotFound);
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return failed(Error::Code::PermissionDenied);
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return failed(Error::Code::Unavailable);
    case QKeychain::CouldNotDeleteEntry:
    case QKeychain::OtherError:
        break;
    }
    return failed(Error::Code::Internal);
}

template<class Job, class Finished>
static void run(Job *job, const QString &key, QObject *context, Finished finished)
{
    job->setKey(key);
    job->setInsecureFallback(false);
    QObject::connect(job, &QKeychain::Job::finished, context, [job, finished] { finished(*job); });
    job->start(); // and deletes itself
}

void SystemKeyring::read(const QString &key, QObject *context, Found found)
{
    run(new QKeychain::ReadPasswordJob(service()), key, context, [found](const QKeychain::ReadPasswordJob &job) {
        const Result<void> outcome = outcomeOf(job);
        found(outcome ? Result<QByteArray>(job.binaryData()) : Failure(outcome.error()));
    });
}

void SystemKeyring::write(const QString &key, const QByteArray &secret, QObject *context, Done done)
{
    auto *job = new QKeychain::WritePasswordJob(service());
    job->setBinaryData(secret);
    run(job, key, context, [done](const QKeychain::Job &finished) { done(outcomeOf(finished)); });
}

void SystemKeyring::remove(const QString &key, QObject *context, Done done)
{
    run(new QKeychain::DeletePasswordJob(service()), key, context,
        [done](const QKeychain::Job &finished) { done(outcomeOf(finished)); });
}

} // namespace godwit::net
