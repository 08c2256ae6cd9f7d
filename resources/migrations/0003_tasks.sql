-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970 in UTC; params and result are JSON objects.
CREATE TABLE tasks (
    id {{identity}},
    kind TEXT NOT NULL,
    params TEXT NOT NULL,
    priority INTEGER NOT NULL,
    status TEXT NOT NULL,
    progress DOUBLE PRECISION NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    result TEXT NOT NULL DEFAULT '{}'
);

CREATE INDEX tasks_by_status ON tasks (status, priority DESC, id);
