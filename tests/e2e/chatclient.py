# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of godwit.chat.v1."""
import json

from daemon import WebSocket

SUBPROTOCOL = "godwit.chat.v1"


class ChatClient(WebSocket):
    def __init__(self, daemon, user, room=None, timeout=10):
        query = f"?user={user}" + (f"&room={room}" if room else "")
        super().__init__(daemon, "/ws/chat" + query, timeout, SUBPROTOCOL)
        self.events = []  # that were passed over by wait_for()

    def receive_json(self):
        """EOFError where the connection has ended, or is being closed."""
        frame = self.receive()
        if frame is None or frame[0] != self.TEXT:
            raise EOFError(frame)
        return json.loads(frame[1])

    def command(self, kind, room="lab", **members):
        self.send(json.dumps({"type": kind, "room": room, **members}))

    def wait_for(self, *kinds):
        """The next event of these kinds; others are kept in `events`."""
        while True:
            event = self.receive_json()
            if event["type"] in kinds:
                return event
            self.events.append(event)

    def join(self, room="lab"):
        self.command("join", room)
        return self.wait_for("joined", "refused")

    def post(self, message, room="lab", **members):
        self.command("post", room, message=message, **members)
        return self.wait_for("acked", "refused")
