-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- Indexed as the other kinds are: see 0006_search.sqlite.sql. Nothing of it changes but that a file comes or goes.
CREATE VIRTUAL TABLE files_fts USING fts5 (
    title, body, content = 'file_texts', content_rowid = 'id', tokenize = "unicode61 remove_diacritics 2"
);
CREATE TRIGGER files_added AFTER INSERT ON files BEGIN
    INSERT INTO files_fts (rowid, title, body) VALUES (new.id, new.name, new.owner_name);
END;
CREATE TRIGGER files_removed AFTER DELETE ON files BEGIN
    INSERT INTO files_fts (files_fts, rowid, title, body) VALUES ('delete', old.id, old.name, old.owner_name);
END;
CREATE VIRTUAL TABLE files_words USING fts5vocab (files_fts, row);
