-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

CREATE TRIGGER task_added_event AFTER INSERT ON tasks BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('tasks', json_object('type', 'task', 'task_id', new.id,
        'kind', new.kind, 'status', new.status, 'progress', new.progress, 'message', new.message));
END;
CREATE TRIGGER task_changed_event AFTER UPDATE OF status, progress, message ON tasks
WHEN old.status <> new.status OR old.progress <> new.progress OR old.message <> new.message BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('tasks', json_object('type', 'task', 'task_id', new.id,
        'kind', new.kind, 'status', new.status, 'progress', new.progress, 'message', new.message));
END;
CREATE TRIGGER task_removed_event AFTER DELETE ON tasks BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('tasks', json_object('type', 'task_removed', 'task_id', old.id));
END;

CREATE TRIGGER user_added_event AFTER INSERT ON users BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('users', json_object('type', 'user', 'id', new.id, 'name', new.name));
END;
CREATE TRIGGER user_changed_event AFTER UPDATE OF name ON users WHEN old.name <> new.name BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('users', json_object('type', 'user', 'id', new.id, 'name', new.name));
END;
CREATE TRIGGER user_removed_event AFTER DELETE ON users BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('users', json_object('type', 'user_removed', 'id', old.id));
END;

CREATE TRIGGER file_added_event AFTER INSERT ON files BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('files', json_object('type', 'file', 'id', new.id, 'name', new.name,
        'size', new.size, 'content_type', new.type));
END;
CREATE TRIGGER file_changed_event AFTER UPDATE ON files BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('files', json_object('type', 'file', 'id', new.id, 'name', new.name,
        'size', new.size, 'content_type', new.type));
END;
CREATE TRIGGER file_removed_event AFTER DELETE ON files BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('files',
        json_object('type', 'file_removed', 'id', old.id, 'name', old.name));
END;

CREATE TRIGGER alert_fired_event AFTER INSERT ON alerts BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('alerts', json_object('type', 'alert', 'id', new.id,
        'rule_id', new.rule_id, 'rule_name', new.rule_name, 'series', new.series, 'condition', new.condition,
        'state', 'firing', 'threshold', new.threshold, 'value', new.value));
END;
CREATE TRIGGER alert_resolved_event AFTER UPDATE OF resolved_at ON alerts
WHEN old.resolved_at IS NULL AND new.resolved_at IS NOT NULL BEGIN
    INSERT INTO log_outbox (topic, data) VALUES ('alerts', json_object('type', 'alert', 'id', new.id,
        'rule_id', new.rule_id, 'rule_name', new.rule_name, 'series', new.series, 'condition', new.condition,
        'state', 'resolved', 'threshold', new.threshold, 'value', new.value));
END;
