// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/principal.h"

#include <QJsonObject>
#include <QList>
#include <QWidget>

#include <functional>

class QLabel;
class QVBoxLayout;

namespace godwit::pages {

/// The fields of StartTaskDialog for one kind of task.
class TaskForm : public QWidget
{
    Q_OBJECT

public:
    struct Kind
    {
        QString name; ///< the server's
        QString title; ///< for people
        protocol::Role leastRole = protocol::Role::Operator; ///< that may start it
    };

    /// @param about what it does, in a sentence or two; stands below the fields.
    TaskForm(Kind kind, const QString &about);

    const Kind &kind() const { return m_kind; }
    /// As POST /api/tasks takes them: what is left empty is left out.
    virtual QJsonObject params() const = 0;
    /// Whether all is there that the server cannot do without.
    virtual bool isComplete() const { return true; }

Q_SIGNALS:
    /// isComplete() may be another.
    void changed();

protected:
    /// @p label is the field's buddy.
    QLabel *addField(const QString &label, QWidget *field);
    void addRow(QLayout *row);

private:
    Kind m_kind;
    QVBoxLayout *m_fields = nullptr;
};

/// Why a role is not ours, as net::Session::whyNot() says it; empty where it is.
using WhyNot = std::function<QString(protocol::Role)>;

/// One for each kind of task that the server has, what is wanted most first. The caller owns them.
QList<TaskForm *> makeTaskForms(const WhyNot &whyNot);

} // namespace godwit::pages
