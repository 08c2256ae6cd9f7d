-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Times are milliseconds since 1970 in UTC.

-- A task that failed in passing waits until run_at and is tried again, until it has failed max_attempts times. NULL: as its
-- kind has it, without a limit of time.
ALTER TABLE tasks ADD COLUMN run_at BIGINT;
ALTER TABLE tasks ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- in a row
ALTER TABLE tasks ADD COLUMN max_attempts INTEGER;
ALTER TABLE tasks ADD COLUMN timeout_ms BIGINT;
ALTER TABLE tasks ADD COLUMN schedule_id BIGINT; -- what has submitted it; NULL: somebody

CREATE INDEX tasks_by_schedule ON tasks (schedule_id, status) WHERE schedule_id IS NOT NULL;
CREATE INDEX tasks_by_end ON tasks (finished_at) WHERE finished_at IS NOT NULL;

-- What the handlers say; the last lines of each task.
CREATE TABLE task_log (
    task_id BIGINT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    line BIGINT NOT NULL, -- dense, from 1
    attempt INTEGER NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (task_id, line)
);

CREATE TABLE schedules (
    id {{identity}},
    name TEXT NOT NULL,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    kind TEXT NOT NULL,
    params TEXT NOT NULL, -- a JSON object
    priority INTEGER NOT NULL,
    max_attempts INTEGER,
    timeout_ms BIGINT,
    enabled INTEGER NOT NULL,
    catch_up INTEGER NOT NULL, -- whether a run that was missed is made up for
    overlap TEXT NOT NULL,     -- 'skip' or 'queue', while a task of it has not ended
    next_at BIGINT,            -- NULL: never
    last_at BIGINT,
    last_task_id BIGINT,
    created_at BIGINT NOT NULL,
    created_by BIGINT NOT NULL,
    created_by_name TEXT NOT NULL
);
CREATE INDEX schedules_by_next ON schedules (next_at) WHERE enabled = 1;
