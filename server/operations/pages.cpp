// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/operations/pages.h"

#include <QFile>

using namespace Qt::StringLiterals;

// A resource in a static library is there only when it is asked for by name; outside of any namespace.
static void initialiseResources()
{
    Q_INIT_RESOURCE(pages);
}

namespace godwit::operations {

namespace {

QByteArray contents(const QString &name)
{
    QFile file(u":/pages/"_s + name);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("built without resource %s", qPrintable(name));
    return file.readAll();
}

} // namespace

Pages Pages::load(const QByteArray &version)
{
    initialiseResources();
    return { .index = contents(u"index.html"_s).replace("{{version}}", version),
             .docs = contents(u"docs.html"_s).replace("{{version}}", version),
             .openApi = contents(u"openapi.json"_s).replace("{{version}}", version),
             .asyncApi = contents(u"asyncapi.json"_s).replace("{{version}}", version) };
}

} // namespace godwit::operations
