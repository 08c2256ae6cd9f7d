-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Indexes as documents_fts is one: the texts stand in the tables alone, and are told again to be forgotten.
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    title, body, content = 'message_texts', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE tasks_fts USING fts5 (
    title, body, content = 'task_texts', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE users_fts USING fts5 (
    title, body, content = 'user_texts', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2"
);
INSERT INTO messages_fts (messages_fts) VALUES ('rebuild');
INSERT INTO tasks_fts (tasks_fts) VALUES ('rebuild');
INSERT INTO users_fts (users_fts) VALUES ('rebuild');

CREATE TRIGGER messages_added AFTER INSERT ON chat_messages BEGIN
    INSERT INTO messages_fts (rowid, title, body) SELECT id, title, body FROM message_texts WHERE id = new.id;
END;
CREATE TRIGGER messages_removed BEFORE DELETE ON chat_messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, title, body)
    SELECT 'delete', id, title, body FROM message_texts WHERE id = old.id;
END;
CREATE TRIGGER messages_change BEFORE UPDATE OF user_name, message ON chat_messages BEGIN
    INSERT INTO messages_fts (messages_fts, rowid, title, body)
    SELECT 'delete', id, title, body FROM message_texts WHERE id = old.id;
END;
CREATE TRIGGER messages_changed AFTER UPDATE OF user_name, message ON chat_messages BEGIN
    INSERT INTO messages_fts (rowid, title, body) SELECT id, title, body FROM message_texts WHERE id = new.id;
END;

CREATE TRIGGER tasks_added AFTER INSERT ON tasks BEGIN
    INSERT INTO tasks_fts (rowid, title, body) SELECT id, title, body FROM task_texts WHERE id = new.id;
END;
CREATE TRIGGER tasks_removed BEFORE DELETE ON tasks BEGIN
    INSERT INTO tasks_fts (tasks_fts, rowid, title, body)
    SELECT 'delete', id, title, body FROM task_texts WHERE id = old.id;
END;
CREATE TRIGGER tasks_change BEFORE UPDATE OF params, message, finished_at ON tasks
WHEN old.params <> new.params OR old.finished_at IS NOT NULL OR new.finished_at IS NOT NULL BEGIN
    INSERT INTO tasks_fts (tasks_fts, rowid, title, body)
    SELECT 'delete', id, title, body FROM task_texts WHERE id = old.id;
END;
CREATE TRIGGER tasks_changed AFTER UPDATE OF params, message, finished_at ON tasks
WHEN old.params <> new.params OR old.finished_at IS NOT NULL OR new.finished_at IS NOT NULL BEGIN
    INSERT INTO tasks_fts (rowid, title, body) SELECT id, title, body FROM task_texts WHERE id = new.id;
END;

CREATE TRIGGER users_added AFTER INSERT ON users BEGIN
    INSERT INTO users_fts (rowid, title, body) VALUES (new.id, new.name, '');
END;
CREATE TRIGGER users_removed AFTER DELETE ON users BEGIN
    INSERT INTO users_fts (users_fts, rowid, title, body) VALUES ('delete', old.id, old.name, '');
END;
CREATE TRIGGER users_changed AFTER UPDATE OF name ON users BEGIN
    INSERT INTO users_fts (users_fts, rowid, title, body) VALUES ('delete', old.id, old.name, '');
    INSERT INTO users_fts (rowid, title, body) VALUES (new.id, new.name, '');
END;

-- The words of each index, for suggestions.
CREATE VIRTUAL TABLE documents_words USING fts5vocab (documents_fts, row);
CREATE VIRTUAL TABLE messages_words USING fts5vocab (messages_fts, row);
CREATE VIRTUAL TABLE tasks_words USING fts5vocab (tasks_fts, row);
CREATE VIRTUAL TABLE users_words USING fts5vocab (users_fts, row);
