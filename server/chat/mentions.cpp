// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/mentions.h"

#include "shared/core/name.h"

#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace godwit::chat {

static constexpr qsizetype mostMentions = 32;

QStringList mentionsIn(const QString &text)
{
    if (!text.contains(u'@'))
        return {};
    // An @ within a word is an address of mail.
    static const QRegularExpression mention(u"(?<![\\w@.])@([\\w.-]*\\w)"_s,
                                            QRegularExpression::UseUnicodePropertiesOption);
    QStringList names;
    for (auto matches = mention.globalMatch(text); matches.hasNext() && names.size() < mostMentions;) {
        const QString name = matches.next().captured(1);
        if (name.size() <= maxNameLength && !names.contains(name, Qt::CaseInsensitive))
            names.append(name);
    }
    return names;
}

} // namespace godwit::chat
