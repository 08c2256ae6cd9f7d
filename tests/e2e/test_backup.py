# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of a daemon at work, and what a restore makes of them."""
import os
import shutil
import sqlite3
import subprocess
import threading
import time
import unittest

from daemon import GODWITD, DaemonTest, environment


class Backup(DaemonTest):
    def setUp(self):
        super().setUp()
        self.copy = os.path.join(self.folder, "copy.db")

    def run_godwitd(self, *arguments):
        return subprocess.run([GODWITD, *arguments, "--data", self.data], capture_output=True, text=True, timeout=60,
                              env=environment())

    def succeed(self, *arguments):
        ended = self.run_godwitd(*arguments)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        return ended.stdout

    def fail_with(self, code, word, *arguments):
        ended = self.run_godwitd(*arguments)
        self.assertEqual(ended.returncode, code, ended.stdout + ended.stderr)
        self.assertIn(word, ended.stderr)

    @staticmethod
    def add(daemon, title):
        status, _, document = daemon.request("POST", "/api/documents", {"title": title, "body": "godwit"})
        assert status == 201, document
        return document["id"]

    def kept(self):
        return [name for name in os.listdir(self.data) if ".before-" in name]

    def test_all_that_was_acknowledged_before_is_there_after_a_restore(self):
        daemon = self.start()
        acknowledged, is_over = [], threading.Event()

        def write(number):
            while not is_over.is_set():
                acknowledged.append(self.add(daemon, f"by {number}"))

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        try:
            self.until(lambda: len(acknowledged) > 50)
            before = list(acknowledged)
            self.succeed("backup", self.copy)
            after = len(acknowledged)
            self.until(lambda: len(acknowledged) > after + 10)
        finally:
            is_over.set()
            for writer in writers:
                writer.join()
        last = self.add(daemon, "after the backup")
        self.fail_with(1, "in use by another godwitd", "restore", self.copy)
        daemon.kill()
        self.assertIn("the old one is kept as", self.succeed("restore", self.copy))

        daemon = self.start()
        for document in before:
            self.assertEqual(daemon.get(f"/api/documents/{document}")[0], 200, document)
        self.assertEqual(daemon.get(f"/api/documents/{last}")[0], 404)
        self.assertEqual(len(daemon.get("/api/search?q=godwit&limit=10")[2]), 10)
        # What the killed daemon had in its log is in the old one.
        old, = self.kept()
        with sqlite3.connect(os.path.join(self.data, old)) as database:
            found = database.execute("SELECT title FROM documents WHERE id = ?", (last,)).fetchone()
        self.assertEqual(found, ("after the backup",))

    def test_without_a_daemon_and_by_a_task(self):
        daemon = self.start()
        document = self.add(daemon, "kept")
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": "backup"}, daemon.local())
        self.assertEqual(status, 202, task)
        ended = self.until(lambda: (now := daemon.get(f"/api/tasks/{task['id']}")[2])["finished_at"] and now)
        self.assertEqual(ended["status"], "completed", ended)
        daemon.stop()
        self.succeed("backup", self.copy)
        self.assertEqual(os.stat(self.copy).st_mode & 0o077, 0)
        for backup in (self.copy, ended["result"]["path"]):
            shutil.rmtree(self.data + "2", ignore_errors=True)
            os.mkdir(self.data + "2")
            restored = subprocess.run([GODWITD, "restore", backup, "--data", self.data + "2"], capture_output=True,
                                      text=True, timeout=60, env=environment())
            self.assertEqual(restored.returncode, 0, restored.stderr)
            self.assertNotIn("kept as", restored.stdout)
            with sqlite3.connect(os.path.join(self.data + "2", "godwit.db")) as database:
                self.assertEqual(database.execute("SELECT id FROM documents").fetchall(), [(document,)])

    def test_a_task_that_is_killed_near_its_end_makes_one_copy(self):
        daemon = self.start()
        self.add(daemon, "kept")
        status, _, task = daemon.request("POST", "/api/tasks", {"kind": "backup", "params": {"path": self.copy}})
        self.assertEqual(status, 202, task)
        end = time.monotonic() + 20
        while not os.path.exists(self.copy) and time.monotonic() < end:
            pass  # without a pause: there are milliseconds between the copy and the end of its task
        daemon.kill()
        daemon = self.start()
        ended = self.until(lambda: (now := daemon.get(f"/api/tasks/{task['id']}")[2])["finished_at"] and now)
        self.assertEqual((ended["status"], ended["result"]["path"]), ("completed", self.copy), ended)
        self.assertEqual(ended["result"]["bytes"], os.path.getsize(self.copy))
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("copy.db")], ["copy.db"])

    def test_what_is_wrong_is_refused_and_nothing_changed(self):
        daemon = self.start()
        document = self.add(daemon, "still here")
        daemon.stop()
        self.fail_with(2, "expects a file", "backup")
        self.fail_with(2, "expects a file", "restore")
        self.fail_with(2, "one argument too many", "restore", self.copy, "more")
        self.fail_with(1, "there is no database", "restore", self.copy)
        self.succeed("backup", self.copy)
        self.fail_with(1, "exists already", "backup", self.copy)

        def changed(name, *statements):
            path = os.path.join(self.folder, name)
            shutil.copy(self.copy, path)
            with sqlite3.connect(path) as database:
                for statement in statements:
                    database.execute(statement)
            return path

        newer = changed("newer.db", "INSERT INTO schema_migrations VALUES (9999, '9999_later.sql', '', 0)")
        self.fail_with(1, "newer version", "restore", newer)
        foreign = os.path.join(self.folder, "foreign.db")
        with sqlite3.connect(foreign) as database:
            database.execute("CREATE TABLE pets (name)")
        self.fail_with(1, "no database of godwitd", "restore", foreign)
        damaged = changed("damaged.db")
        with open(damaged, "r+b") as file:
            file.seek(4096)
            file.write(b"x" * 40960)
        self.fail_with(1, "damaged", "restore", damaged)
        letter = os.path.join(self.folder, "letter.txt")
        with open(letter, "w", encoding="ascii") as file:
            file.write("dear " * 1000)
        ended = self.run_godwitd("restore", letter)
        self.assertEqual((ended.returncode, ended.stderr), (1, f"godwitd: {letter} is not a database\n"))
        nowhere = os.path.join(self.folder, "no", "copy.db")
        ended = self.run_godwitd("backup", nowhere)
        self.assertEqual(ended.returncode, 1)
        self.assertTrue(ended.stderr.startswith(f"godwitd: {nowhere} cannot be written: "), ended.stderr)
        self.assertEqual(ended.stderr.count("copy.db"), 1)

        self.assertEqual(self.kept(), [])
        self.assertEqual([name for name in os.listdir(self.data) if "restored" in name], [])
        self.assertEqual(self.start().get(f"/api/documents/{document}")[0], 200)

    def test_a_damaged_database_is_replaced_and_kept(self):
        daemon = self.start()
        document = self.add(daemon, "from the copy")
        self.succeed("backup", self.copy)
        daemon.stop()
        path = os.path.join(self.data, "godwit.db")
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA journal_mode = DELETE")  # a log that is left would repair it
        with open(path, "r+b") as file:
            file.write(b"no database" * 1000)
        self.succeed("restore", self.copy)
        self.assertEqual(self.start().get(f"/api/documents/{document}")[0], 200)
        with open(os.path.join(self.data, min(self.kept(), key=len)), "rb") as file:
            self.assertEqual(file.read(11), b"no database", self.kept())


if __name__ == "__main__":
    unittest.main()
