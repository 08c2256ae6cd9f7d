-- SPDX-FileCopyrightText: 2026 The Godwit developers
-- SPDX-License-Identifier: GPL-3.0-or-later

-- What triggers want to have in the event log: taken from here by the same transaction, or, where another program has
-- written it, by the next one of the daemon.
CREATE TABLE log_outbox (
    id {{identity}},
    topic TEXT NOT NULL,
    data TEXT NOT NULL -- a JSON object
);
