// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/load.h"
#include "shared/protocol/principal.h"

namespace godwit::app {

/// What the command line asks for.
struct Arguments
{
    enum class Command { Serve, Import, User, Token, Backup, Restore, CheckConfig, Version, Help };

    /// What `user` is to do; the name and role as far as the action takes them.
    struct UserRequest
    {
        enum class Action { Add, Passwd, Role, List, Remove };
        Action action = Action::List;
        QString name{};
        protocol::Role role = protocol::Role::Viewer;
    };

    /// What `token` is to do.
    struct TokenRequest
    {
        enum class Action { Create, List, Revoke };
        Action action = Action::List;
        QString name{}; ///< create: whose; revoke: its id
        QString label{};
        std::optional<protocol::Role> role{}; ///< less than the user's
        std::optional<std::chrono::seconds> lifetime{};
    };

    Command command = Command::Serve;
    config::Sources sources;
    QStringList paths; ///< import: files and folders; backup, restore: a file
    QString server; ///< import: of a running daemon; empty: work on the data folder
    UserRequest user;
    TokenRequest token;
    bool wantsExample = false; ///< check-config: print godwit.toml.example

    /// @p words are those after the program's name. Error::InvalidArgument says what is wrong with them.
    static Result<Arguments> parse(const QStringList &words, const QProcessEnvironment &environment);
};

/// The text of `--help`.
QString usage();

} // namespace godwit::app
