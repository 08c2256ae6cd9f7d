// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/bind.h"
#include "server/http/pipeline.h"
#include "server/http/staticfiles.h"
#include "tests/support/testanswerer.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include <memory>

namespace godwit::http {

/// A folder with files, links and what is neither, beside others that nobody is to see; served below `/files`.
class FilesFixture
{
public:
    FilesFixture()
    {
        using namespace Qt::StringLiterals;
        write(m_root + u"/ten.txt"_s, "0123456789");
        write(m_root + u"/empty.bin"_s, "");
        write(m_root + u"/sub/page.html"_s, "<p>");
        write(m_root + u"/ä b.txt"_s, "umlaut");
        write(m_directory.filePath(u"secret.txt"_s), "secret");
        write(m_directory.filePath(u"root-beside/secret.txt"_s), "secret");
        QFile::link(u"../secret.txt"_s, m_root + u"/out"_s);
        QFile::link(m_directory.filePath(u"secret.txt"_s), m_root + u"/absolute"_s);
        QFile::link(u".."_s, m_root + u"/up"_s);
        QFile::link(u"ten.txt"_s, m_root + u"/within"_s);
        ::mkfifo(QFile::encodeName(m_root + u"/pipe"_s).constData(), 0600);
        m_files = std::make_unique<StaticFiles>(m_root);
        m_router.get("/files/{path...}", bind(serve, *m_files));
        pipeline = std::make_unique<Pipeline>(m_router, std::vector<std::unique_ptr<Middleware>>());
    }
    const QString &root() const { return m_root; }
    static void write(const QString &path, const QByteArray &content)
    {
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    const Response &get(const QByteArray &path, std::initializer_list<Header> headers = {})
    {
        answers.handle(*pipeline, Request::get(QByteArray("/files/" + path), headers));
        return answers.last();
    }
    static QByteArray contentOf(const Response &response) { return test::TestAnswerer::readAll(*response.body()); }

    std::unique_ptr<Pipeline> pipeline;
    test::TestAnswerer answers;

private:
    static Response serve(StaticFiles &files, Exchange &exchange, Path<QString> path)
    {
        return files.respond(exchange, *path);
    }

    QTemporaryDir m_directory;
    const QString m_root = m_directory.filePath(QStringLiteral("root"));
    std::unique_ptr<StaticFiles> m_files;
    Router m_router;
};

} // namespace godwit::http
