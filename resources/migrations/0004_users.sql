-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970 in UTC. A user's generation is raised by each change that makes the access tokens
-- invalid which were given out before it.
CREATE TABLE users (
    id {{identity}},
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE, -- the name without regard to case and compatibility forms
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,   -- as crypto_pwhash_str() writes it: with algorithm, cost and salt
    generation BIGINT NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- A login with its family of refresh tokens, or a token that was made for a program.
CREATE TABLE auth_sessions (
    id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,            -- 'login' or 'token'
    label TEXT NOT NULL DEFAULT '',
    refresh_hash TEXT NOT NULL DEFAULT '', -- SHA-256 of the one refresh token that is good
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX auth_sessions_by_user ON auth_sessions (user_id, created_at);
CREATE INDEX auth_sessions_by_expiry ON auth_sessions (expires_at);

CREATE TABLE audit_log (
    id {{identity}},
    created_at BIGINT NOT NULL,
    event TEXT NOT NULL,
    actor TEXT NOT NULL DEFAULT '',   -- who did it, as far as it is known
    subject TEXT NOT NULL DEFAULT '', -- whom or what it was done to
    address TEXT NOT NULL DEFAULT '',
    request_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX audit_log_by_time ON audit_log (created_at);

-- Who submitted a task: the user, or 0 with the name of a local program.
ALTER TABLE tasks ADD COLUMN created_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN created_by_name TEXT NOT NULL DEFAULT '';
