# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""`godwitd user` and `godwitd token`, on the data folder and through the daemon that has it."""
import os
import pty
import select
import sqlite3
import subprocess
import time
import unittest

from daemon import GODWITD, DaemonTest, environment

FIRST, SECOND = "a first password", "a second password"


class UserCommand(DaemonTest):
    def user(self, *arguments, password="", code=0):
        ended = subprocess.run([GODWITD, "user", *arguments, "--data", self.data], input=password and password + "\n",
                               capture_output=True, text=True, timeout=60, env=environment())
        self.assertEqual(ended.returncode, code, ended.stderr)
        if code == 0:
            self.assertEqual(ended.stderr, "")
        return ended.stderr if code else ended.stdout

    def token(self, *arguments, code=0):
        ended = subprocess.run([GODWITD, "token", *arguments, "--data", self.data], capture_output=True, text=True, timeout=60,
                               env=environment())
        self.assertEqual(ended.returncode, code, ended.stderr)
        return ended.stderr if code else ended.stdout

    def log_in(self, daemon, name, password):
        status, _, tokens = daemon.request("POST", "/api/auth/login", {"user": name, "password": password})
        return tokens["access_token"] if status == 200 else status

    def me(self, daemon, token):
        status, _, body = daemon.get("/api/auth/me", Authorization=f"Bearer {token}")
        return body["role"] if status == 200 else status

    def make_tokens(self):
        """The same with and without a daemon; there is an operator "ada". Two tokens, one of them revoked."""
        self.assertEqual(self.token("list"), "")
        good = self.token("create", "ADA", "--label", "a probe", "--role", "viewer", "--lifetime", "90d").strip()
        self.assertNotIn("\n", good)
        identity = self.token("list").split()[0]
        ended = self.token("create", "ada").strip()
        newest = next(line.split()[0] for line in self.token("list").splitlines() if line.split()[0] != identity)
        self.token("revoke", newest)
        self.assertIn("revoked", next(line for line in self.token("list").splitlines() if line.startswith(newest)))
        self.assertIn("a probe", self.token("list"))
        self.assertEqual({line.split()[1].lower() for line in self.token("list").splitlines()}, {"ada"})
        self.assertIn("bob", self.token("create", "bob", code=1))
        self.assertIn("token", self.token("revoke", "0" * 32, code=1))
        return good, ended

    def exercise(self):
        """The same with and without a daemon; there is an admin "root"."""
        self.user("add", "Ada", "--role", "member", password=FIRST)
        self.assertEqual(self.user("list").splitlines()[-1], "member    Ada")
        self.assertIn("Ada", self.user("add", "ADA", "--role", "viewer", password=FIRST, code=1))
        self.user("role", "ada", "operator")
        self.assertEqual(self.user("list").splitlines()[-1], "operator  Ada")
        self.assertIn("password", self.user("passwd", "ada", password="short", code=1))
        self.assertIn("no line", self.user("passwd", "ada", code=1))
        self.assertIn('no user "bob"', self.user("passwd", "bob", password=FIRST, code=1))
        self.assertIn("admin", self.user("remove", "root", code=1))

    def test_without_a_daemon(self):
        self.assertIn("first user must be an admin", self.user("add", "Ada", "--role", "member", password=FIRST, code=1))
        self.user("add", "root", "--role", "admin", password=FIRST)
        self.exercise()
        self.user("passwd", "ADA", password=SECOND)
        good, ended = self.make_tokens()
        daemon = self.start(GODWIT_AUTH_MODE="token")
        self.assertEqual((self.me(daemon, good), self.me(daemon, ended)), ("viewer", 401))
        self.assertEqual(self.log_in(daemon, "ada", FIRST), 401)
        self.assertEqual(self.me(daemon, self.log_in(daemon, "ada", SECOND)), "operator")
        daemon.stop()
        self.user("remove", "ada")
        self.assertEqual(self.user("list"), "admin     root\n")
        with sqlite3.connect(os.path.join(self.data, "godwit.db")) as database:
            kept = database.execute("SELECT event, actor FROM audit_log WHERE subject LIKE 'Ada (%' ORDER BY id").fetchall()
        database.close()
        self.assertEqual([entry for entry in kept if entry[0] != "login"],
                         [("user_created", "local"), ("user_changed", "local"), ("password_changed", "local"),
                          ("user_removed", "local")])

    def test_through_a_daemon(self):
        self.user("add", "root", "--role", "admin", password=FIRST)
        daemon = self.start(GODWIT_AUTH_MODE="token")
        self.exercise()
        before = self.log_in(daemon, "ada", FIRST)
        self.assertEqual(self.me(daemon, before), "operator")
        self.user("passwd", "ada", password=SECOND)
        self.assertEqual(self.me(daemon, before), 401)
        token = self.log_in(daemon, "ada", SECOND)
        self.assertEqual(self.me(daemon, token), "operator")
        good, ended = self.make_tokens()
        self.assertEqual((self.me(daemon, good), self.me(daemon, ended)), ("viewer", 401))
        self.user("remove", "ada")
        self.assertEqual(self.me(daemon, token), 401)
        self.assertEqual(self.log_in(daemon, "ada", SECOND), 401)

    def test_through_a_daemon_on_a_unix_socket(self):
        self.user("add", "root", "--role", "admin", password=FIRST)
        path = os.path.join(self.folder, "a socket")
        daemon = subprocess.Popen([GODWITD, "--data", self.data, "--listen", f"unix:{path}"], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True, env=environment(GODWIT_AUTH_MODE="token"))
        try:
            self.assertEqual(daemon.stdout.readline(), f"listening on unix:{path}\n")
            self.exercise()
            self.make_tokens()
            self.user("remove", "ada")
            self.assertEqual(self.user("list"), "admin     root\n")
        finally:
            daemon.terminate()
            daemon.wait(20)
            daemon.stdout.close()

    def test_the_first_password_is_forgotten(self):
        self.start(GODWIT_AUTH_MODE="token").stop()
        kept = os.path.join(self.data, "admin-password")
        self.assertTrue(os.path.exists(kept))
        self.user("passwd", "admin", password=SECOND)
        self.assertFalse(os.path.exists(kept))

    def test_wrong_usage(self):
        self.assertIn("no role", self.user("add", "ada", "--role", "king", code=2))
        self.assertIn("--role", self.user("add", "ada", code=2))
        self.assertIn("too many", self.user("passwd", "ada", "secret", code=2))
        self.assertIn("no role", self.token("create", "ada", "--role", "king", code=2))
        self.assertIn("366d", self.token("create", "ada", "--lifetime", "366d", code=2))
        self.assertIn("--label", self.token("revoke", "ada", "--label", "x", code=2))
        self.assertIn("create, list or revoke", self.token(code=2))
        self.assertIn("name of a user", self.token("create", code=2))
        self.assertFalse(os.path.exists(self.data))

    def at_terminal(self, *lines):
        """(exit code, all that the terminal showed) of adding an admin; each prompt is answered by one of the lines."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(GODWITD, [GODWITD, "user", "add", "root", "--role", "admin", "--data", self.data], environment())
        shown, answers, deadline = b"", list(lines), time.monotonic() + 30
        prompts = 0
        while time.monotonic() < deadline:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                got = os.read(terminal, 4096)
            except OSError:  # EIO: the other end is closed
                break
            shown += got
            while answers and shown.count(b": ") > prompts:
                prompts += 1
                os.write(terminal, answers.pop(0))
        else:
            self.fail(f"it is still there after {shown}")
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()

    def test_at_a_terminal(self):
        code, shown = self.at_terminal(b"one password\n", b"another password\n")
        self.assertEqual(code, 1)
        self.assertIn("differ", shown)
        self.assertNotIn("one password", shown)
        self.assertEqual(self.at_terminal(b"\x03")[0], 1)
        code, shown = self.at_terminal(FIRST.encode() + b"\n", FIRST.encode() + b"\n")
        self.assertEqual((code, "Again: " in shown), (0, True), shown)
        self.assertNotIn(FIRST, shown)
        self.assertEqual(self.user("list"), "admin     root\n")


if __name__ == "__main__":
    unittest.main()
