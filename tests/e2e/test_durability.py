# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 while two clients chat: what a client has seen is there after the restart."""
import json
import random
import threading
import time
import unittest

from daemon import DaemonTest, WebSocket, rounds

ROUNDS = rounds(6)


class Chatter(threading.Thread):
    """Sends as fast as its own messages come back, and keeps all that it has seen."""

    def __init__(self, daemon, user):
        super().__init__(daemon=True)
        self.socket = WebSocket(daemon, f"/ws/chat?room=storm&user={user}")
        self.user = user
        self.seen = {}

    def run(self):
        try:
            for number in range(1_000_000):
                self.socket.send(f"{self.user} {number}")
                while True:
                    frame = self.socket.receive()
                    if frame is None:
                        return
                    message = json.loads(frame[1])
                    self.seen[message["id"]] = message
                    if message["message"] == f"{self.user} {number}":
                        break
        except (OSError, ValueError):
            return  # killed


class Durability(DaemonTest):
    def history(self, daemon):
        messages, before = {}, None
        while True:
            path = "/api/rooms/storm/messages?limit=500" + (f"&before={before}" if before else "")
            _, _, page = daemon.get(path)
            for message in page["items"]:
                messages[message["id"]] = message
            if not page["items"] or page["items"][0]["offset"] == 1:
                return messages
            before = page["items"][0]["offset"]

    def test_no_message_that_was_echoed_is_lost(self):
        seen, cuts = {}, random.Random(4711)
        for round_number in range(ROUNDS):
            daemon = self.start()
            kept = self.history(daemon)
            for identity, message in seen.items():
                self.assertEqual(kept.get(identity), message)
            offsets = sorted(message["offset"] for message in kept.values())
            self.assertEqual(offsets, list(range(1, len(offsets) + 1)))  # dense: no hole where one was lost
            if round_number == ROUNDS - 1:
                break
            chatters = [Chatter(daemon, f"{user}{round_number}") for user in ("anna", "bert")]
            for chatter in chatters:
                chatter.start()
            while any(len(chatter.seen) < 10 for chatter in chatters):
                self.assertTrue(all(chatter.is_alive() for chatter in chatters))
                time.sleep(0.001)
            time.sleep(cuts.uniform(0, 0.3))
            daemon.kill()
            for chatter in chatters:
                chatter.join(10)
                self.assertFalse(chatter.is_alive())
                self.assertTrue(chatter.seen)
                seen.update(chatter.seen)
                chatter.socket.close()
        print(f"{len(seen)} messages seen, {len(kept)} kept, over {ROUNDS - 1} kills")


if __name__ == "__main__":
    unittest.main()
