// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/taskmodel.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace godwit::models {

using protocol::Task;
using protocol::TaskProgress;
using protocol::TaskStatus;

namespace {

QString translated(const char *text)
{
    return QCoreApplication::translate("godwit::models::TaskModel", text);
}

} // namespace

TaskModel::TaskModel(QObject *parent) : QAbstractTableModel(parent)
{
    m_flush.setSingleShot(true);
    m_flush.setInterval(coalescing);
    connect(&m_flush, &QTimer::timeout, this, &TaskModel::flush);
}

void TaskModel::setTasks(const QList<Task> &tasks)
{
    m_waiting.clear(); // older than this answer
    QSet<qint64> listed;
    for (const Task &task : tasks)
        listed.insert(task.id);
    bool changed = false;
    for (qsizetype row = m_tasks.size(); row-- > 0;) {
        if (listed.contains(m_tasks.at(row).id))
            continue;
        beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
        m_tasks.removeAt(row);
        endRemoveRows();
        changed = true;
    }
    for (const Task &task : tasks)
        changed |= place(task);
    if (changed)
        Q_EMIT statusesChanged();
}

void TaskModel::upsert(const Task &task)
{
    m_waiting.erase(task.id);
    if (place(task))
        Q_EMIT statusesChanged();
}

bool TaskModel::place(const Task &task)
{
    const auto found
        = std::partition_point(m_tasks.cbegin(), m_tasks.cend(), [&](const Task &other) { return other.id > task.id; });
    const auto row = static_cast<int>(found - m_tasks.cbegin());
    if (found == m_tasks.cend() || found->id != task.id) {
        beginInsertRows({}, row, row);
        m_tasks.insert(row, task);
        endInsertRows();
        return true;
    }
    const Task before = std::exchange(m_tasks[row], task);
    if (before.toJson() != task.toJson())
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    return before.status != task.status;
}

void TaskModel::remove(qint64 id)
{
    const qsizetype row = rowOf(id);
    if (row < 0)
        return;
    beginRemoveRows({}, static_cast<int>(row), static_cast<int>(row));
    m_tasks.removeAt(row);
    endRemoveRows();
    m_waiting.erase(id);
    Q_EMIT statusesChanged();
}

void TaskModel::apply(const TaskProgress &progress)
{
    m_waiting.insert_or_assign(progress.taskId, progress);
    if (isFinal(progress.status))
        flush();
    else if (!m_flush.isActive())
        m_flush.start();
}

void TaskModel::flush()
{
    m_flush.stop();
    bool changed = false;
    for (const auto &[id, progress] : std::exchange(m_waiting, {})) {
        const qsizetype row = rowOf(id);
        if (row >= 0 && !isFinal(m_tasks.at(row).status))
            changed |= show(row, progress);
    }
    if (changed)
        Q_EMIT statusesChanged();
}

bool TaskModel::show(qsizetype row, const TaskProgress &progress)
{
    Task &task = m_tasks[row];
    const bool changed = task.status != progress.status;
    task.progress = progress.progress;
    task.status = progress.status;
    task.message = progress.message;
    if (isFinal(task.status))
        task.etaSeconds.reset();
    const auto line = static_cast<int>(row);
    Q_EMIT dataChanged(index(line, StatusColumn), index(line, EtaColumn));
    return changed;
}

const Task *TaskModel::task(qint64 id) const
{
    const qsizetype row = rowOf(id);
    return row < 0 ? nullptr : &m_tasks.at(row);
}

QList<qint64> TaskModel::ids(TaskStatus status) const
{
    QList<qint64> result;
    for (const Task &task : m_tasks) {
        if (task.status == status)
            result.append(task.id);
    }
    return result;
}

qsizetype TaskModel::rowOf(qint64 id) const
{
    const auto found
        = std::partition_point(m_tasks.cbegin(), m_tasks.cend(), [id](const Task &other) { return other.id > id; });
    return found != m_tasks.cend() && found->id == id ? found - m_tasks.cbegin() : -1;
}

int TaskModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_tasks.size());
}

int TaskModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TaskModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Task &task = m_tasks.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(task, index.column());
    case Qt::ToolTipRole:
        return index.column() == MessageColumn ? task.message : QVariant();
    case Qt::TextAlignmentRole:
        return index.column() == EtaColumn ? int(Qt::AlignRight | Qt::AlignVCenter)
                                           : int(Qt::AlignLeft | Qt::AlignVCenter);
    case TaskIdRole:
        return task.id;
    case StatusRole:
        return QVariant::fromValue(task.status);
    case ProgressRole:
        return task.progress;
    case SortRole:
        return sortValue(task, index.column());
    default:
        return {};
    }
}

QString TaskModel::text(const Task &task, int column)
{
    switch (column) {
    case IdColumn:
        return QString::number(task.id);
    case KindColumn:
        return task.kind;
    case StatusColumn:
        return displayName(task.status);
    case ProgressColumn:
        return tr("%1 %").arg(std::floor(task.progress));
    case MessageColumn:
        return task.message;
    case EtaColumn:
        return task.etaSeconds && task.status == TaskStatus::Running ? durationText(*task.etaSeconds) : QString();
    case CreatedColumn:
        return QLocale().toString(QDateTime::fromMSecsSinceEpoch(task.createdAt.time_since_epoch().count()),
                                  u"d MMM, HH:mm"_s);
    default:
        return {};
    }
}

QVariant TaskModel::sortValue(const Task &task, int column)
{
    switch (column) {
    case IdColumn:
        return task.id;
    case StatusColumn:
        return static_cast<int>(task.status);
    case ProgressColumn:
        return task.progress;
    case EtaColumn:
        return task.etaSeconds.value_or(-1);
    case CreatedColumn:
        return QVariant::fromValue(task.createdAt.time_since_epoch().count());
    default:
        return text(task, column);
    }
}

QVariant TaskModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section == EtaColumn ? int(Qt::AlignRight | Qt::AlignVCenter) : int(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case IdColumn:
        return tr("No.");
    case KindColumn:
        return tr("Kind");
    case StatusColumn:
        return tr("Status");
    case ProgressColumn:
        return tr("Progress");
    case MessageColumn:
        return tr("What it is doing");
    case EtaColumn:
        return tr("Left");
    case CreatedColumn:
        return tr("Asked for");
    default:
        return {};
    }
}

QString displayName(TaskStatus status)
{
    switch (status) {
    case TaskStatus::Queued:
        return translated("Queued");
    case TaskStatus::Running:
        return translated("Running");
    case TaskStatus::Completed:
        return translated("Completed");
    case TaskStatus::Failed:
        return translated("Failed");
    case TaskStatus::Cancelled:
        return translated("Cancelled");
    }
    return {};
}

QString durationText(double seconds)
{
    const auto whole = static_cast<qint64>(std::ceil(std::max(0.0, seconds)));
    if (whole < 60)
        return translated("%1 s").arg(whole);
    const qint64 minutes = (whole + 30) / 60;
    if (minutes < 60)
        return translated("%1 min").arg(minutes);
    if (minutes < 24 * 60)
        return translated("%1 h %2 min").arg(minutes / 60).arg(minutes % 60);
    return translated("%1 d %2 h").arg(minutes / 1440).arg(minutes % 1440 / 60);
}

} // namespace godwit::models
