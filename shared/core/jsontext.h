// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace godwit {

class JsonArray;

/// Writes a JSON object straight to bytes, members in the order given. For what is answered under pressure: a refusal
/// by way of QJsonObject costs 90 allocations, and shedding load must cost less than serving it.
class JsonText
{
public:
    JsonText &add(QByteArrayView name, QStringView text);
    /// @p text is UTF-8; what is not is replaced.
    JsonText &add(QByteArrayView name, QByteArrayView text);
    JsonText &add(QByteArrayView name, qint64 number);
    /// Null for what is not finite.
    JsonText &add(QByteArrayView name, double number);
    JsonText &add(QByteArrayView name, JsonText object);
    JsonText &add(QByteArrayView name, JsonArray array);

    QByteArray finish() &&;

private:
    void begin(QByteArrayView name);

    QByteArray m_text;
};

/// The same for an array of objects.
class JsonArray
{
public:
    JsonArray &add(JsonText object);

    QByteArray finish() &&;

private:
    QByteArray m_text;
};

} // namespace godwit
