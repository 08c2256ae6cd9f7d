-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- What the search finds besides documents, as id, title and body: one view a kind. How each database indexes them stands
-- in its own file.
CREATE VIEW message_texts AS
SELECT m.id AS id, m.user_name || ' · ' || r.name AS title, m.message AS body
FROM chat_messages m JOIN chat_rooms r ON r.id = m.room_id;

-- The parameters without the marks of JSON and, once the task has ended, its last message: progress that comes and goes is
-- not worth the index's work.
CREATE VIEW task_texts AS
SELECT id, kind AS title, trim(replace(params, '"', ''), '{}')
    || CASE WHEN finished_at IS NULL OR message = '' THEN '' ELSE ' · ' || message END AS body
FROM tasks;

CREATE VIEW user_texts AS SELECT id, name AS title, '' AS body FROM users;
