# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""godwit.chat.v1 by a real client: every command and event, recovery over cuts and restarts, limits, and who reads too slowly."""
import json
import unittest

from chatclient import ChatClient
from daemon import DaemonTest, WebSocket

LIVE = ("posted", "edited", "deleted")


class Chat(DaemonTest):
    def client(self, daemon, user, room=None):
        client = ChatClient(daemon, user, room)
        self.addCleanup(client.close)
        self.assertEqual(client.status, 101)
        return client

    def joined(self, daemon, user, room="lab"):
        client = self.client(daemon, user)
        self.assertEqual(client.join(room)["type"], "joined")
        return client

    # ---- Messages

    def test_a_message_is_acked_to_its_sender_and_posted_to_all(self):
        daemon = self.start()
        ada, bob = self.joined(daemon, "ada"), self.joined(daemon, "bob")
        ada.command("post", message="hello @bob", client_id="c1", ref="r1")
        seen = [ada.wait_for("posted", "acked") for _ in range(2)]
        acked, posted = sorted(seen, key=lambda event: event["type"])
        self.assertEqual({name: acked[name] for name in ("type", "room", "client_id", "ref", "offset", "repeated")},
                         {"type": "acked", "room": "lab", "client_id": "c1", "ref": "r1", "offset": 1, "repeated": False})
        self.assertEqual(bob.wait_for("posted"), posted)
        self.assertEqual({name: posted[name] for name in ("user", "message", "room", "offset", "mentions")},
                         {"user": "ada", "message": "hello @bob", "room": "lab", "offset": 1, "mentions": ["bob"]})
        self.assertEqual((acked["id"], acked["timestamp"]), (posted["id"], posted["timestamp"]))

    def test_the_same_client_id_again_is_posted_once(self):
        daemon = self.start()
        ada, bob = self.joined(daemon, "ada"), self.joined(daemon, "bob")
        first = ada.post("once", client_id="c1")
        daemon.kill()
        daemon = self.start()
        ada, bob = self.joined(daemon, "ada"), self.joined(daemon, "bob")
        again = ada.post("once", client_id="c1")
        self.assertEqual((again["repeated"], again["offset"], again["id"]), (True, first["offset"], first["id"]))
        ada.post("next")
        self.assertEqual(bob.wait_for("posted")["message"], "next")

    def test_plain_clients_and_those_with_commands_share_a_room(self):
        daemon = self.start()
        ada = self.joined(daemon, "ada")
        plain = WebSocket(daemon, "/ws/chat?room=lab&user=bob")
        self.addCleanup(plain.close)
        ada.post("to all", client_id="c1")
        message = plain.receive_json()
        self.assertEqual(sorted(message), ["id", "message", "offset", "room", "timestamp", "user"])
        plain.send("back")
        while (event := ada.wait_for("posted"))["user"] != "bob":
            pass
        self.assertEqual((event["message"], event["offset"]), ("back", 2))
        self.assertEqual(plain.receive_json()["message"], "back")

    def test_edits_and_deletes(self):
        daemon = self.start()
        ada, bob = self.joined(daemon, "ada"), self.joined(daemon, "bob")
        offset = ada.post("helo")["offset"]
        ada.command("edit", offset=offset, message="hello", ref="e")
        self.assertEqual(ada.wait_for("acked")["ref"], "e")
        edited = bob.wait_for("edited")
        self.assertEqual((edited["message_offset"], edited["offset"], edited["message"], edited["user"]), (1, 2, "hello", "ada"))
        bob.command("edit", offset=offset, message="mine")
        self.assertEqual(bob.wait_for("refused")["code"], "permission_denied")
        ada.command("delete", offset=offset)
        self.assertEqual(bob.wait_for("deleted")["message_offset"], 1)
        ada.command("edit", offset=offset, message="back")
        self.assertEqual(ada.wait_for("refused")["code"], "conflict")
        items = daemon.get("/api/rooms/lab/messages")[2]["items"]
        self.assertEqual([(item["offset"], item["message"], item.get("deleted")) for item in items], [(1, "", True)])
        self.assertEqual(daemon.get("/api/search?q=hello&kind=message")[2], [])

    def test_files_go_by_reference(self):
        daemon = self.start()
        ada = self.joined(daemon, "ada")
        self.assertEqual(ada.post("see", file="a.txt")["code"], "failed_validation")
        self.assertEqual(daemon.request("POST", "/api/uploads", b"content", {
            "Tus-Resumable": "1.0.0", "Upload-Length": "7", "Upload-Metadata": "filename YS50eHQ=",
            "Content-Type": "application/offset+octet-stream"})[0], 201)
        ada.command("post", file="a.txt")
        self.assertEqual(ada.wait_for("posted")["file"], "a.txt")
        self.assertEqual(daemon.get("/api/rooms/lab/messages")[2]["items"][0]["file"], "a.txt")

    def test_a_viewer_reads_and_does_not_write(self):
        daemon = self.start(GODWIT_AUTH_MODE="token")
        local = daemon.local()
        daemon.request("POST", "/api/users", {"name": "eve", "password": "a good password", "role": "viewer"}, local)
        token = daemon.request("POST", "/api/auth/login", {"user": "eve", "password": "a good password"})[2]["access_token"]
        ticket = daemon.request("POST", "/api/auth/ticket", b"", {"Authorization": f"Bearer {token}"})[2]["ticket"]
        eve = WebSocket(daemon, f"/ws/chat?room=lab&ticket={ticket}", subprotocol="godwit.chat.v1")
        self.addCleanup(eve.close)
        joined = eve.receive_json()
        while joined["type"] != "joined":
            joined = eve.receive_json()
        self.assertEqual((joined["may_post"], joined["may_moderate"]), (False, False))
        for command in ({"type": "post", "message": "x"}, {"type": "typing"}, {"type": "delete", "offset": 1}):
            eve.send(json.dumps({"room": "lab", **command}))
            self.assertEqual(eve.receive_json()["code"], "permission_denied")
        rooms = WebSocket(daemon, "/ws/chat?room=lab")
        self.addCleanup(rooms.close)
        self.assertEqual(rooms.status, 401)

    # ---- Rooms and those in them

    def test_several_rooms_on_one_connection(self):
        daemon = self.start()
        ada, bob = self.client(daemon, "ada"), self.joined(daemon, "bob", "yard")
        for room in ("lab", "yard"):
            self.assertEqual(ada.join(room)["room"], room)
        self.assertEqual(ada.join("lab")["code"], "conflict")
        bob.post("over here", room="yard")
        self.assertEqual(ada.wait_for("posted")["room"], "yard")
        ada.command("leave", "yard")
        self.assertEqual(ada.wait_for("left")["room"], "yard")
        bob.post("gone?", room="yard")
        ada.post("in the lab", room="lab")
        self.assertEqual([event["message"] for event in ada.events if event["type"] == "posted"]
                         or [ada.wait_for("posted")["message"]], ["in the lab"])
        self.assertEqual(ada.post("x", room="yard")["code"], "conflict")

    def test_who_is_there_and_who_comes_and_goes(self):
        daemon = self.start()
        ada = self.joined(daemon, "ada")
        bob = self.client(daemon, "bob")
        joined = bob.join()
        self.assertEqual((joined["users"], joined["online"]), (["ada", "bob"], 2))
        presence = ada.wait_for("presence")
        while presence["user"] != "bob":
            presence = ada.wait_for("presence")
        self.assertEqual((presence["state"], presence["count"]), ("online", 2))
        second = self.joined(daemon, "bob")  # of the same user's: nothing new
        bob.close()
        second.command("typing")
        self.assertEqual(ada.wait_for("typing", "presence"), {"type": "typing", "room": "lab", "user": "bob"})
        second.close()
        gone = ada.wait_for("presence")
        self.assertEqual((gone["user"], gone["state"], gone["count"]), ("bob", "offline", 1))

    def test_rooms_are_forgotten_when_empty_and_their_history_stays(self):
        daemon = self.start()
        ada = self.joined(daemon, "ada")
        ada.post("kept")
        self.assertEqual(list(daemon.parts("room")), ["lab"])
        ada.close()
        self.until(lambda: not daemon.parts("room"))
        self.assertEqual(self.joined(daemon, "ada").join("other")["last"], 0)
        bob = self.client(daemon, "bob")
        self.assertEqual(bob.join()["last"], 1)
        bob.command("history")
        self.assertEqual([item["message"] for item in bob.wait_for("history")["items"]], ["kept"])

    def test_unread_counts_mentions_and_read_positions(self):
        daemon = self.start()
        ada, bob = self.joined(daemon, "ada"), self.joined(daemon, "bob")
        for text in ("one", "@bob two", "three"):
            ada.post(text)

        def standing(user):
            room = daemon.get(f"/api/rooms?user={user}")[2]["items"][0]
            return room["unread"], room["mentions"], room["read"]
        self.assertEqual((standing("bob"), standing("ada")), ((3, 1, 0), (0, 0, 0)))
        bob.command("read", offset=2, ref="r")
        unread = bob.wait_for("unread")
        self.assertEqual((unread["ref"], unread["unread"], unread["mentions"], unread["read"]), ("r", 1, 0, 2))
        self.assertEqual(ada.wait_for("read"), {"type": "read", "room": "lab", "user": "bob", "offset": 2})
        daemon.kill()
        daemon = self.start()
        joined = self.client(daemon, "bob").join()
        self.assertEqual((joined["unread"], joined["read"]), (1, 2))

    def test_history_goes_both_ways_and_can_be_searched(self):
        daemon = self.start()
        ada = self.joined(daemon, "ada")
        for number in range(1, 8):
            ada.post(f"message {number} {'kettle' if number % 3 == 0 else ''}")

        def page(**members):
            ada.command("history", **members)
            history = ada.wait_for("history", "refused")
            return [item["offset"] for item in history["items"]], history["next"]
        self.assertEqual(page(limit=3), ([5, 6, 7], 5))
        self.assertEqual(page(before=5, limit=3), ([2, 3, 4], 2))
        self.assertEqual(page(before=2, limit=3), ([1], None))
        self.assertEqual(page(after=5, limit=3), ([6, 7], None))
        self.assertEqual(page(after=2, limit=3), ([3, 4, 5], 5))
        found = daemon.get("/api/rooms/lab/messages?q=kettle&limit=1")[2]
        self.assertEqual(([item["offset"] for item in found["items"]], found["next"]), ([6], 6))
        self.assertEqual(daemon.get("/api/rooms/lab/messages?before=1&after=1")[0], 400)

    # ---- Recovery

    def test_a_cut_client_recovers_what_it_missed(self):
        daemon = self.start()
        ada, bob = self.joined(daemon, "ada"), self.client(daemon, "bob")
        epoch = bob.join()["epoch"]
        ada.post("one")
        offset = bob.wait_for("posted")["offset"]
        bob.close()
        second = ada.post("two")["offset"]
        ada.command("edit", offset=second, message="two!")
        ada.wait_for("acked")
        daemon.kill()
        daemon = self.start()
        bob = self.client(daemon, "bob")
        bob.command("recover", epoch=epoch, offset=offset)
        joined = bob.wait_for("joined", "gap")
        self.assertEqual((joined["type"], joined["recovered"], joined["offset"], joined["last"]), ("joined", True, 1, 3))
        missed = [bob.wait_for(*LIVE) for _ in range(2)]
        self.assertEqual([(event["type"], event["offset"]) for event in missed], [("posted", 2), ("edited", 3)])
        self.joined(daemon, "ada").post("three")
        self.assertEqual(bob.wait_for(*LIVE)["offset"], 4)

    def test_what_is_gone_is_told(self):
        daemon = self.start("--set=events.max_events=10", "--set=events.ring_events=5")
        ada = self.joined(daemon, "ada")
        for number in range(1, 1_101):
            ada.command("post", message=str(number))
        for number in range(1_100):
            ada.wait_for("acked")
        self.until(lambda: daemon.parts("topic")["room:lab"]["figures"]["oldest_offset"] > 1)
        oldest = daemon.parts("topic")["room:lab"]["figures"]["oldest_offset"]
        bob = self.client(daemon, "bob")
        epoch = bob.join()["epoch"]
        bob.command("leave")
        bob.command("recover", epoch=epoch, offset=1)
        gap = bob.wait_for("gap", "joined") if bob.wait_for("left") else None
        self.assertEqual((gap["type"], gap["oldest"], gap["recovered"]), ("gap", oldest, False))
        self.assertEqual(bob.wait_for("joined")["recovered"], False)
        self.assertEqual(bob.wait_for(*LIVE)["offset"], oldest)
        bob.command("history", after=1, limit=1)  # the messages are there still
        self.assertEqual(bob.wait_for("history")["items"][0]["offset"], 2)
        bob.command("leave")
        bob.wait_for("left")
        bob.command("recover", epoch="another", offset=1_100)
        self.assertEqual(bob.wait_for("gap", "joined")["type"], "gap")

    def test_several_rooms_that_are_far_behind_are_recovered_at_once(self):
        daemon = self.start()
        rooms = ("a", "b", "c")
        for room in rooms:
            ada = self.joined(daemon, "ada", room)
            for _ in range(12):
                ada.post("x" * 60_000, room)
        bob = self.client(daemon, "bob")
        for room in rooms:
            bob.command("recover", room, epoch="x", offset=0)
        seen = [bob.wait_for("posted", "refused") for _ in range(36)]
        self.assertEqual([(event["type"], event["room"]) for event in seen], [("posted", room) for room in rooms for _ in range(12)])

    def test_who_reads_too_slowly_is_closed_with_1013_and_recovers(self):
        daemon = self.start("--set=events.ring_events=20")
        ada, slow = self.joined(daemon, "ada"), self.client(daemon, "slow")
        epoch = slow.join()["epoch"]
        text = "x" * 60_000
        count = 200  # 12 MB: more than the queue of 1 MiB and what the system takes
        for _ in range(count):
            ada.post(text)
        seen = 0
        while (frame := slow.receive()) and frame[0] == slow.TEXT:
            event = json.loads(frame[1])
            if event["type"] == "posted":
                self.assertEqual(event["offset"], seen + 1)
                seen += 1
        self.assertEqual((frame[0], int.from_bytes(frame[1][:2], "big")), (slow.CLOSE, 1013))
        self.assertLess(seen, count)
        again = self.client(daemon, "slow")
        again.command("recover", epoch=epoch, offset=seen)
        self.assertTrue(again.wait_for("joined")["recovered"])
        for offset in range(seen + 1, count + 1):
            self.assertEqual(again.wait_for("posted")["offset"], offset)

    # ---- What is refused

    def test_every_refusal_says_why(self):
        daemon = self.start()
        ada = self.joined(daemon, "ada")
        for command, code, word in (
                ("nonsense", "invalid_argument", "JSON"),
                ("[]", "invalid_argument", "object"),
                ({"room": "lab"}, "failed_validation", "type"),
                ({"type": "dance", "room": "lab"}, "failed_validation", "type"),
                ({"type": "post", "room": "lab"}, "failed_validation", "message"),
                ({"type": "post", "room": "lab", "message": ""}, "failed_validation", "empty"),
                ({"type": "post", "room": "lab", "message": "x" * 65_537}, "payload_too_large", "65536"),
                ({"type": "post", "room": "lab", "message": "\ud800"}, "failed_validation", "surrogate"),
                ({"type": "post", "room": "lab", "file": "x" * 65_536}, "failed_validation", "xxx"),
                ({"type": "post", "room": "lab", "message": "x", "client_id": "x" * 129}, "failed_validation", "client_id"),
                ({"type": "post", "room": "", "message": "x"}, "invalid_argument", "room"),
                ({"type": "recover", "room": "other", "offset": 1}, "failed_validation", "epoch"),
                ({"type": "read", "room": "lab", "offset": -1}, "failed_validation", "offset"),
                ({"type": "edit", "room": "lab", "offset": 99, "message": "x"}, "not_found", "99"),
                ({"type": "history", "room": "lab", "limit": 501}, "failed_validation", "limit"),
                ({"type": "leave", "room": "yard"}, "conflict", "join"),
        ):
            ada.send(command if isinstance(command, str) else json.dumps({"ref": "r", **command}))
            refused = ada.wait_for("refused")
            self.assertEqual((refused["code"], word in refused["detail"]), (code, True), refused)
            self.assertLessEqual(len(refused["detail"]), 1_000)
            told = command if isinstance(command, dict) else {}
            self.assertEqual((refused["command"], refused["room"], refused.get("ref")),
                             (told.get("type", ""), told.get("room", ""), "r" if told else None))
        self.assertEqual(ada.post("still here")["offset"], 1)

    def test_a_user_is_held_to_a_rate_on_whatever_connections(self):
        daemon = self.start("--set=limits.rate_chat=5", GODWIT_LIMITS_RATE="on")
        ada, again = self.joined(daemon, "ada"), self.joined(daemon, "ada")
        bob = self.joined(daemon, "bob")
        answers = [client.post("x") for _ in range(6) for client in (ada, again)]
        refused = [answer for answer in answers if answer["type"] == "refused"]
        self.assertTrue(refused)
        self.assertEqual(refused[0]["code"], "resource_exhausted")
        self.assertGreater(refused[0]["retry_after"], 0)
        self.assertEqual(bob.post("mine")["type"], "acked")
        # Without commands nothing can be said: it is read later, and nothing is lost.
        plain = WebSocket(daemon, "/ws/chat?room=plain&user=eve")
        self.addCleanup(plain.close)
        for number in range(15):
            plain.send(str(number))
        self.assertEqual([plain.receive_json()["message"] for _ in range(15)], [str(number) for number in range(15)])

    def test_more_rooms_than_a_connection_may_be_in(self):
        daemon = self.start()
        ada = self.client(daemon, "ada")
        for number in range(201):
            ada.command("join", f"room {number}")
        answers = [ada.wait_for("joined", "refused") for _ in range(201)]
        self.assertEqual([answer["room"] for answer in answers if answer["type"] == "refused"], ["room 200"])
        self.assertEqual(len(daemon.parts("room")), 200)


if __name__ == "__main__":
    unittest.main()
