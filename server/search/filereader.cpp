// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/filereader.h"

#include "server/search/csvreader.h"
#include "server/search/htmltext.h"
#include "server/search/textdecoder.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace godwit::search {

/// How much of a file tells whether it is text.
static constexpr qint64 probedBytes = 8 * 1024;
static constexpr qsizetype longestHeading = 300;
static constexpr int rowsOfADocument = 100;

using Add = std::function<void(store::Imported document, qint64 position)>;

static QString toTitle(const QString &text, const QString &fallback)
{
    const QString title = text.simplified();
    return title.isEmpty() ? fallback : title.left(longestHeading);
}

/// The first heading: `# Title`, or a line that is underlined with `===`.
static QString markdownTitle(QStringView text)
{
    QStringView before;
    for (const QStringView line : text.tokenize(u'\n')) {
        const QStringView trimmed = line.trimmed();
        if (trimmed.startsWith(u'#')) {
            qsizetype begin = 0, end = trimmed.size();
            while (begin < end && trimmed[begin] == u'#')
                ++begin;
            while (end > begin && trimmed[end - 1] == u'#')
                --end;
            if (begin < end)
                return trimmed.sliced(begin, end - begin).toString();
        }
        if (trimmed.size() >= 3 && trimmed.count(u'=') == trimmed.size() && !before.isEmpty())
            return before.toString();
        before = trimmed;
    }
    return {};
}

namespace {

class CsvDocuments
{
public:
    CsvDocuments(QFile &file, const QFileInfo &info, const Add &add)
        : m_file(file),
          m_reader(file),
          m_path(info.filePath()),
          m_name(info.fileName()),
          m_add(add)
    {
    }

    void read()
    {
        if (!m_reader.next(m_header))
            return;
        const qsizetype title = column("title"), body = column("body"), name = column("name");
        QList<QByteArray> row;
        if (title >= 0 && body >= 0) {
            for (qint64 number = 1; m_reader.next(row); ++number)
                addRow(row.value(name), row.value(title), row.value(body), number);
            return;
        }
        while (m_reader.next(row))
            collect(row);
        addCollected();
    }

private:
    qsizetype column(const char *name) const
    {
        for (qsizetype i = 0; i < m_header.size(); ++i) {
            if (m_header[i].trimmed().compare(name, Qt::CaseInsensitive) == 0)
                return i;
        }
        return -1;
    }

    void addRow(const QByteArray &name, const QByteArray &title, const QByteArray &body, qint64 number)
    {
        const QString key = decodeText(name).simplified();
        QString full = decodeText(title).simplified();
        if (!key.isEmpty())
            full = full.isEmpty() ? key : QString(key + u": "_s + full);
        m_add({ .title = toTitle(full, u"%1, row %2"_s.arg(m_name).arg(number)),
                .body = decodeText(body),
                .source = m_path,
                .part = key.isEmpty() ? QString::number(number) : key },
              m_file.pos());
    }

    void collect(const QList<QByteArray> &row)
    {
        for (qsizetype i = 0; i < row.size(); ++i) {
            if (i > 0)
                m_text += u", "_s;
            if (i < m_header.size())
                m_text += decodeText(m_header[i]) + u": "_s;
            m_text += decodeText(row[i]);
        }
        m_text += u'\n';
        if (++m_rows % rowsOfADocument == 0)
            addCollected();
    }

    void addCollected()
    {
        if (m_text.isEmpty())
            return;
        const qint64 first = (m_rows - 1) / rowsOfADocument * rowsOfADocument + 1;
        m_add({ .title = u"%1, rows %2 to %3"_s.arg(m_name).arg(first).arg(m_rows),
                .body = std::exchange(m_text, {}),
                .source = m_path,
                .part = QString::number(first) },
              m_file.pos());
    }

    QFile &m_file;
    CsvReader m_reader;
    const QString m_path, m_name;
    const Add &m_add;
    QList<QByteArray> m_header;
    QString m_text;
    qint64 m_rows = 0;
};

} // namespace

std::optional<QString> readFile(const QFileInfo &info, qint64 limitBytes, const Add &add)
{
    const QString suffix = info.suffix().toLower();
    const bool isHtml = suffix == "html"_L1 || suffix == "htm"_L1;
    const bool isMarkdown = suffix == "md"_L1 || suffix == "markdown"_L1;
    const bool isCsv = suffix == "csv"_L1;
    if (!isHtml && !isMarkdown && !isCsv && suffix != "txt"_L1)
        return u"no format that is read"_s;
    if (!info.isFile())
        return u"no plain file"_s; // opening a pipe would wait for ever
    if (!isCsv && info.size() > limitBytes)
        return u"too large"_s;
    QFile file(info.filePath());
    if (!file.open(QIODevice::ReadOnly))
        return u"cannot be read"_s;
    if (isBinary(file.peek(probedBytes)))
        return u"binary"_s;
    if (isCsv) {
        CsvDocuments(file, info, add).read();
        return {};
    }
    // Not more than was looked at: the file may grow meanwhile.
    const QString text = decodeText(file.read(limitBytes));
    store::Imported document{ .title = {}, .body = text, .source = info.filePath(), .part = {} };
    if (isHtml) {
        HtmlText html = readHtml(text);
        document.title = toTitle(html.title, info.fileName());
        document.body = std::move(html.text);
    } else {
        document.title = toTitle(isMarkdown ? markdownTitle(text) : QString(), info.fileName());
    }
    if (document.body.trimmed().isEmpty())
        return u"empty"_s;
    add(std::move(document), info.size());
    return {};
}

} // namespace godwit::search
