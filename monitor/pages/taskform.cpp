// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/taskform.h"

#include "monitor/widgets/theme.h"
#include "shared/core/clock.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <chrono>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using protocol::Role;
namespace space = widgets::space;

TaskForm::TaskForm(Kind kind, const QString &about) : m_kind(std::move(kind))
{
    auto *note = new QLabel(about);
    note->setProperty("role", u"muted"_s);
    note->setFont(widgets::textFont(widgets::Type::Caption));
    note->setWordWrap(true);
    m_fields = new QVBoxLayout;
    m_fields->setSpacing(space::xs);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(space::m);
    layout->addLayout(m_fields);
    layout->addWidget(note);
    layout->addStretch();
}

QLabel *TaskForm::addField(const QString &label, QWidget *field)
{
    auto *name = new QLabel(label);
    name->setBuddy(field);
    name->setContentsMargins(0, m_fields->count() > 0 ? space::s : 0, 0, 0); // goes with it where it is hidden
    m_fields->addWidget(name);
    m_fields->addWidget(field);
    return name;
}

void TaskForm::addRow(QLayout *row)
{
    m_fields->addSpacing(space::xs);
    m_fields->addLayout(row);
}

namespace {

QString formText(const char *text)
{
    return QCoreApplication::translate("godwit::pages::TaskForm", text);
}

QPlainTextEdit *linesField(const QString &name, const QString &example)
{
    constexpr int height = 96;
    auto *field = new QPlainTextEdit;
    field->setObjectName(name);
    field->setPlaceholderText(example);
    field->setTabChangesFocus(true);
    field->setFixedHeight(height);
    return field;
}

QStringList linesOf(const QPlainTextEdit &field)
{
    QStringList result;
    const QStringList lines = field.toPlainText().split(u'\n');
    for (const QString &line : lines) {
        if (!line.trimmed().isEmpty())
            result.append(line.trimmed());
    }
    return result;
}

QLineEdit *lineField(const QString &name, const QString &example)
{
    auto *field = new QLineEdit;
    field->setObjectName(name);
    field->setPlaceholderText(example);
    return field;
}

class ImportForm : public TaskForm
{
public:
    ImportForm()
        : TaskForm(
              { u"import"_s, formText("Import documents into search") },
              formText("The server reads them, so these are paths on its machine. Text, Markdown, HTML and CSV are "
                       "taken in, folders with all that is below them."))
    {
        m_paths = linesField(u"paths"_s, formText("/srv/handbook\n/srv/notes/readme.md"));
        addField(formText("Folders and files, one a line"), m_paths);
        auto *folder = new QPushButton(formText("Add folder…"));
        auto *files = new QPushButton(formText("Add files…"));
        auto *choose = new QHBoxLayout;
        choose->setSpacing(space::s);
        choose->addWidget(folder);
        choose->addWidget(files);
        choose->addStretch();
        addRow(choose);
        connect(m_paths, &QPlainTextEdit::textChanged, this, &TaskForm::changed);
        connect(folder, &QPushButton::clicked, this,
                [this] { add({ QFileDialog::getExistingDirectory(this, formText("Folder to import")) }); });
        connect(files, &QPushButton::clicked, this, [this] {
            add(QFileDialog::getOpenFileNames(this, formText("Files to import"), {},
                                              formText("Documents (*.txt *.md *.html *.htm *.csv);;All files (*)")));
        });
    }
    QJsonObject params() const override { return { { u"paths"_s, QJsonArray::fromStringList(linesOf(*m_paths)) } }; }
    bool isComplete() const override { return !linesOf(*m_paths).isEmpty(); }

private:
    void add(const QStringList &paths)
    {
        for (const QString &path : paths) {
            if (!path.isEmpty()) // nothing was chosen
                m_paths->appendPlainText(path);
        }
    }

    QPlainTextEdit *m_paths = nullptr;
};

class ExportForm : public TaskForm
{
public:
    explicit ExportForm(const WhyNot &whyNot)
        : TaskForm({ u"export"_s, formText("Export data into a file"), Role::Member },
                   formText("The file is one of the server's shared files then, and yours. It has what you may see."))
    {
        m_dataset = new QComboBox;
        m_dataset->setObjectName(u"dataset"_s);
        for (const auto &[name, title] :
             std::initializer_list<std::pair<QString, QString>>{ { u"messages"_s, formText("Chat messages") },
                                                                 { readings, formText("Readings of sensors") },
                                                                 { u"documents"_s, formText("Documents") },
                                                                 { u"tasks"_s, formText("Tasks") } })
            m_dataset->addItem(title, name);
        if (whyNot(Role::Admin).isEmpty())
            m_dataset->addItem(formText("Users"), u"users"_s);
        m_format = new QComboBox;
        m_format->setObjectName(u"format"_s);
        m_format->addItem(formText("CSV, for spreadsheets"), u"csv"_s);
        m_format->addItem(formText("JSON, one array"), u"json"_s);
        m_format->addItem(formText("NDJSON, one object a line"), u"ndjson"_s);
        addField(formText("What"), m_dataset);
        makeFilter();
        addField(formText("Format"), m_format);
        m_name = lineField(u"name"_s, formText("Made of what it has and the time"));
        addField(formText("Name of the file"), m_name);
        connect(m_dataset, &QComboBox::currentIndexChanged, this, &ExportForm::showFilter);
        showFilter();
    }
    QJsonObject params() const override
    {
        QJsonObject params{ { u"dataset"_s, m_dataset->currentData().toString() },
                            { u"format"_s, m_format->currentData().toString() } };
        if (const QString name = m_name->text().trimmed(); !name.isEmpty())
            params.insert(u"name"_s, name);
        if (!isOfReadings())
            return params;
        if (const QString series = m_series->text().trimmed(); !series.isEmpty())
            params.insert(u"series"_s, series);
        if (const std::chrono::hours hours(m_period->currentData().toInt()); hours.count() > 0)
            params.insert(u"from"_s, toRfc3339(Clock::system().timestamp() - hours));
        return params;
    }

private:
    static inline const QString readings = u"readings"_s;

    bool isOfReadings() const { return m_dataset->currentData().toString() == readings; }
    void makeFilter()
    {
        m_series = lineField(u"series"_s, formText("All series"));
        m_filter.append({ addField(formText("Series"), m_series), m_series });
        m_period = new QComboBox;
        m_period->setObjectName(u"period"_s);
        m_period->addItem(formText("All that is kept"), 0);
        m_period->addItem(formText("The last day"), 24);
        m_period->addItem(formText("The last seven days"), 24 * 7);
        m_filter.append({ addField(formText("From when"), m_period), m_period });
    }
    void showFilter()
    {
        for (QWidget *widget : std::as_const(m_filter))
            widget->setVisible(isOfReadings());
        Q_EMIT changed();
    }

    QComboBox *m_dataset = nullptr, *m_period = nullptr, *m_format = nullptr;
    QLineEdit *m_series = nullptr, *m_name = nullptr;
    QList<QWidget *> m_filter;
};

class BackupForm : public TaskForm
{
public:
    BackupForm()
        : TaskForm({ u"backup"_s, formText("Back up the database") },
                   formText("Copies the database while it is in use, into the folder “backups” of the server's data."))
    {
        constexpr int usual = 7, most = 1'000; // as the server has it
        m_keep = new QSpinBox;
        m_keep->setObjectName(u"keep"_s);
        m_keep->setRange(1, most);
        m_keep->setValue(usual);
        addField(formText("Backups that are kept, the newest"), m_keep);
    }
    QJsonObject params() const override { return { { u"keep"_s, m_keep->value() } }; }

private:
    QSpinBox *m_keep = nullptr;
};

class ChecksumForm : public TaskForm
{
public:
    ChecksumForm()
        : TaskForm({ u"checksum"_s, formText("Checksum of a file (SHA-256)") },
                   formText("A shared file by its name, or a path on the server's machine."))
    {
        m_path = lineField(u"path"_s, formText("calibration.csv, or /srv/images/disk.img"));
        addField(formText("File"), m_path);
        connect(m_path, &QLineEdit::textChanged, this, &TaskForm::changed);
    }
    QJsonObject params() const override { return { { u"path"_s, m_path->text().trimmed() } }; }
    bool isComplete() const override { return !m_path->text().trimmed().isEmpty(); }

private:
    QLineEdit *m_path = nullptr;
};

class FetchForm : public TaskForm
{
public:
    FetchForm()
        : TaskForm(
              { u"fetch"_s, formText("Fetch a list of addresses") },
              formText("The result says of each what came: status, size, SHA-256. Addresses of private networks have "
                       "to be allowed by the server's configuration ([outbound] allow)."))
    {
        m_urls = linesField(u"urls"_s, u"https://example.org/status"_s);
        addField(formText("Addresses, one a line"), m_urls);
        connect(m_urls, &QPlainTextEdit::textChanged, this, &TaskForm::changed);
    }
    QJsonObject params() const override { return { { u"urls"_s, QJsonArray::fromStringList(linesOf(*m_urls)) } }; }
    bool isComplete() const override { return !linesOf(*m_urls).isEmpty(); }

private:
    QPlainTextEdit *m_urls = nullptr;
};

class ReindexForm : public TaskForm
{
public:
    ReindexForm()
        : TaskForm({ u"reindex"_s, formText("Build the search index anew") },
                   formText("For a search that does not find what is there. It takes no setting; others go on reading "
                            "and writing meanwhile."))
    {
    }
    QJsonObject params() const override { return {}; }
};

class SleepForm : public TaskForm
{
public:
    SleepForm()
        : TaskForm({ u"sleep"_s, formText("Wait (to try things out)"), Role::Member },
                   formText("Does nothing but count: to see progress, and to try cancelling and restarts."))
    {
        m_seconds = new QDoubleSpinBox;
        m_seconds->setObjectName(u"seconds"_s);
        m_seconds->setRange(0.1, 3600);
        m_seconds->setDecimals(1);
        m_seconds->setValue(10);
        m_seconds->setSuffix(formText(" s"));
        addField(formText("How long"), m_seconds);
    }
    QJsonObject params() const override { return { { u"seconds"_s, m_seconds->value() } }; }

private:
    QDoubleSpinBox *m_seconds = nullptr;
};

} // namespace

QList<TaskForm *> makeTaskForms(const WhyNot &whyNot)
{
    return { new ImportForm, new ExportForm(whyNot), new BackupForm, new ChecksumForm,
             new FetchForm,  new ReindexForm,        new SleepForm };
}

} // namespace godwit::pages
