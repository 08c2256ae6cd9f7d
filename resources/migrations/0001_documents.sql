-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970 in UTC.
CREATE TABLE documents (
    id {{identity}},
    kind TEXT NOT NULL DEFAULT 'document',
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    source TEXT NOT NULL DEFAULT '', -- the file that it was imported from; empty for one made by hand
    part TEXT NOT NULL DEFAULT '',   -- which of the documents in that file
    stamp BIGINT NOT NULL DEFAULT 0, -- the import that saw it last: what an import does not see again is gone
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX documents_source ON documents (source, part) WHERE source <> '';
