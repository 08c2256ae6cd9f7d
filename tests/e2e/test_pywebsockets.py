# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""WebSockets by Python's `websockets`, which offers compression and asks again when it has lost its server."""
import asyncio
import json
import unittest

import websockets

from daemon import DaemonTest


def status_of(refusal):
    """Of an upgrade that was refused; where it stands depends on the version."""
    return getattr(refusal, "status_code", None) or refusal.response.status_code


class PyWebSockets(DaemonTest):
    def run_with(self, scenario, *arguments, **variables):
        """A scenario is a coroutine; it may take half a minute."""
        self.daemon = self.start(*arguments, **variables)
        asyncio.run(asyncio.wait_for(scenario(), 30))

    def connect(self, path, **options):
        return websockets.connect(self.daemon.url.replace("http", "ws", 1) + path, **options)

    def test_realtime(self):
        async def scenario():
            async with self.connect("/ws/realtime?interval=20") as socket:
                samples = [json.loads(await socket.recv()) for _ in range(5)]
                for sample in samples:
                    self.assertEqual(set(sample), {"timestamp", "temperature", "humidity", "pressure", "source"})
                    self.assertIn(sample["source"], ("iio", "ingest", "simulated", None))
                await asyncio.wait_for(await socket.ping(), 10)
            for interval in (9, 60_001):
                with self.assertRaises(websockets.exceptions.InvalidHandshake) as caught:
                    await self.connect(f"/ws/realtime?interval={interval}")
                self.assertEqual(status_of(caught.exception), 400)

        self.run_with(scenario)

    def test_chat(self):
        async def scenario():
            async with self.connect("/ws/chat?room=birds&user=anna") as anna, self.connect("/ws/chat?room=birds&user=bert") as bert:
                texts = ["hello", "ä€😀", "x" * 60_000]
                for text in texts:
                    await anna.send(text)
                for member in (anna, bert):
                    got = [json.loads(await member.recv()) for _ in texts]
                    self.assertEqual([(message["user"], message["message"], message["offset"]) for message in got],
                                     [("anna", text, offset) for offset, text in enumerate(texts, 1)])
                # In parts: one message.
                await bert.send(iter(["in ", "three ", "parts"]))
                self.assertEqual(json.loads(await anna.recv())["message"], "in three parts")
                await anna.send(b"bytes")
                with self.assertRaises(websockets.exceptions.ConnectionClosed) as caught:
                    await anna.recv()
                self.assertEqual(caught.exception.rcvd.code, 1003)

        self.run_with(scenario)

    def test_session(self):
        async def scenario():
            with self.assertRaises(websockets.exceptions.InvalidHandshake) as caught:
                await self.connect("/ws/session")
            self.assertEqual(status_of(caught.exception), 401)
            ticket = self.daemon.request("POST", "/api/auth/ticket", headers=self.daemon.local())[2]["ticket"]
            async with self.connect(f"/ws/session?ticket={ticket}") as socket:
                welcome = json.loads(await socket.recv())
                self.assertEqual((welcome["type"], welcome["message"]), ("welcome", "Connected successfully"))
                await socket.send("hi")
                self.assertEqual(json.loads(await socket.recv()), {"type": "echo", "user_id": welcome["user_id"], "original": "hi"})

        self.run_with(scenario, GODWIT_AUTH_MODE="token")

    def test_too_much(self):
        async def scenario():
            async with self.connect("/ws/session?user=anna") as socket:
                await socket.recv()
                await socket.send("x" * (64 * 1024 + 1))
                with self.assertRaises(websockets.exceptions.ConnectionClosed) as caught:
                    await socket.recv()
                self.assertEqual(caught.exception.rcvd.code, 1009)

        self.run_with(scenario)

    def test_it_comes_back_after_a_restart(self):
        """By the library's own loop, `async for`."""
        async def scenario():
            heard = []
            async for socket in self.connect("/ws/chat?room=birds&user=anna"):
                try:
                    await socket.send(f"life {len(heard)}")
                    heard.append(json.loads(await socket.recv()))
                    if len(heard) == 2:
                        break
                    self.assertEqual(await asyncio.to_thread(self.daemon.stop), 0)
                    await socket.recv()
                except websockets.exceptions.ConnectionClosed as closed:
                    self.assertEqual(closed.rcvd.code, 1001)
                    self.daemon = await asyncio.to_thread(self.start, port=self.daemon.port)
            self.assertEqual([(message["message"], message["offset"]) for message in heard], [("life 0", 1), ("life 1", 2)])

        self.run_with(scenario)


if __name__ == "__main__":
    unittest.main()
