# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restart with many clients, who all come back: at times of their own, without an error.

300 clients; with GODWIT_LONG=1 5,000, who are to be back within 5 s.
"""
import concurrent.futures
import os
import resource
import socket
import time
import unittest

from crowd import Crowd
from daemon import DaemonTest

IS_LONG = bool(os.environ.get("GODWIT_LONG"))
COUNT = 5000 if IS_LONG else 300


def cpu_seconds(daemon):
    with open(f"/proc/{daemon.process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Storm(DaemonTest):
    @classmethod
    def setUpClass(cls):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        if hard < COUNT + 500:
            raise unittest.SkipTest(f"no more than {hard} files may be open")

    def storm(self, begin):
        """Of the refusals, how long after the new daemon was ready they were."""
        daemon = begin()
        crowd, began = Crowd(daemon.port, COUNT), time.monotonic()
        self.addCleanup(crowd.close)
        self.assertTrue(crowd.run_until(lambda: crowd.online == COUNT, 90), f"{crowd.online} came")
        self.assertEqual((crowd.faults[:5], len(crowd.refused)), ([], 0))
        print(f"{COUNT} clients at once: served within {time.monotonic() - began:.2f} s, "
              f"{cpu_seconds(daemon):.2f} s of CPU time")
        stopped = time.monotonic()
        daemon.terminate()
        self.assertTrue(crowd.run_until(lambda: daemon.process.poll() is not None, 60))
        gone = time.monotonic()
        self.assertEqual(daemon.wait(), 0)
        self.assertNotIn("are cut", daemon.log_text())
        with concurrent.futures.ThreadPoolExecutor() as pool:
            starting = pool.submit(lambda: (begin(crowd.port), time.monotonic()))
            self.assertTrue(crowd.run_until(starting.done, 60))
            daemon, ready = starting.result()
        self.assertTrue(crowd.run_until(lambda: crowd.online == COUNT, 60), f"{crowd.online} came back")
        back = sorted(member.since - ready for member in crowd.members)
        busiest = max(sum(at <= other < at + 0.1 for other in back) for at in back[::max(1, COUNT // 300)])
        print(f"{COUNT} clients: gone {gone - stopped:.2f} s after SIGTERM, ready {ready - gone:.2f} s later; back after "
              f"{back[0]:.2f} to {back[-1]:.2f} s, half of them after {back[COUNT // 2]:.2f} s, {busiest} in the busiest "
              f"0.1 s; {len(crowd.refused)} refused meanwhile; {cpu_seconds(daemon):.2f} s of CPU time with its start")
        self.assertEqual(crowd.faults[:5], [])
        if IS_LONG:
            self.assertLess(back[-1], 5)
        crowd.close()
        self.assertEqual(daemon.stop(), 0)
        return [at - ready for at in crowd.refused]

    def test_on_a_socket_that_stays(self):
        with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
            self.assertEqual(self.storm(lambda port=0: self.start(inherited=[listening])), [])

    def test_on_a_port(self):
        late = [after for after in self.storm(lambda port=0: self.start(port=port)) if after > 0]
        self.assertEqual(late, [])


if __name__ == "__main__":
    unittest.main()
