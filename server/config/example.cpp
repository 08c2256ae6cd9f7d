// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keys.h"
#include "server/config/load.h"

using namespace Qt::StringLiterals;

namespace godwit::config {

QByteArray exampleFile()
{
    // REUSE-IgnoreStart: these lines are of the file that is made, not of this one.
    QString text = u"# SPDX-FileCopyrightText: 2026 The Godwit developers\n"
                   u"# SPDX-License-Identifier: GPL-3.0-or-later\n"
                   u"#\n"
                   u"# Every key of Godwit's configuration with its default. Nothing of it is needed.\n"
                   u"# Stronger than this file: the environment variable named at a key, and the arguments.\n"
                   u"# Made by `godwitd check-config --example`.\n"_s;
    // REUSE-IgnoreEnd
    const Config defaults;
    QLatin1StringView section;
    for (const Key &key : keys()) {
        if (key.section != section) {
            section = key.section;
            text += u"\n["_s + section + u"]\n"_s;
        } else {
            text += u'\n';
        }
        text += u"# %1\n# Expected: %2. Environment: %3\n#%4 = %5\n"_s.arg(
            key.help, key.expected, key.environmentName(), key.name, key.show(defaults));
    }
    return text.toUtf8();
}

QString keysHelp()
{
    QString text;
    const Config defaults;
    for (const Key &key : keys())
        text += u"  %1 = %2\n      %3\n"_s.arg(key.path(), key.show(defaults), key.help);
    return text;
}

} // namespace godwit::config
