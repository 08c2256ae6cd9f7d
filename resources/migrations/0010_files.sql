-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970 in UTC. What lies in the files directory, and whose it is: a user, or 0 with the name of
-- a local program; 0 without a name for what was put there by hand.
CREATE TABLE files (
    id {{identity}},
    name TEXT NOT NULL UNIQUE,
    size BIGINT NOT NULL,
    type TEXT NOT NULL,
    sha256 TEXT NOT NULL DEFAULT '', -- in hexadecimal, where it is known
    owner_id BIGINT NOT NULL DEFAULT 0,
    owner_name TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

-- Uploads, until some time after their end: a client that has not heard of it asks again.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    length BIGINT NOT NULL,
    received BIGINT NOT NULL DEFAULT 0, -- bytes that are on disk
    metadata TEXT NOT NULL DEFAULT '',  -- as the client gave it
    owner_id BIGINT NOT NULL,
    owner_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    finished_as TEXT NOT NULL DEFAULT '' -- the name of the file that it became
);
CREATE INDEX uploads_by_expiry ON uploads (expires_at);

CREATE VIEW file_texts AS SELECT id, name AS title, owner_name AS body FROM files;
