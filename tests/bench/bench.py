#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures peerserver beside its peers; see run.sh. The figure to trust on a shared machine is the server's CPU time
for each operation (the scheduler's clock of all its threads): a neighbour takes requests a second away, and hardly
changes this."""
import http.client
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER_CORE, LOAD_CORE = os.environ.get("SERVER_CPU", "0"), os.environ.get("LOAD_CPU", "1")
DURATION = int(os.environ.get("DURATION", "3"))  # seconds; wrk takes whole ones
ROUNDS = int(os.environ.get("ROUNDS", "1"))
METRICS = os.environ.get("METRICS", "hello browser idle json ws ws_rate room sse sse_rate csv file").split()
FILE_BYTES = 64 << 20
BROWSER = {  # about 700 bytes, as Chromium sends them
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7",
    "Cache-Control": "max-age=0",
    "Cookie": "session=0123456789abcdef0123456789abcdef; theme=dark",
    "Sec-Ch-Ua": '"Chromium";v="130", "Not?A_Brand";v="99"',
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Site": "none",
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
}
# metric: (title, the path that a server needs for it)
ROWS = {
    "hello": ("hello, 64 connections: CPU us/request", "/hello"),
    "browser": ("hello with a browser's head: CPU us/request", "/hello"),
    "idle": ("hello with 8,000 idle connections: CPU us/request", "/hello"),
    "idle_kb": ("memory of an idle connection, kB", "/hello"),
    "json": ("json: CPU us/request", "/json"),
    "ws": ("WebSocket room of 200, 32 messages under way: CPU us/delivery", "/ws/chat?room=r&user=u"),
    "ws_p99": ("the same: p99 ms", ""),
    "ws_rate": ("the same room, 50 messages a second: CPU us/delivery", "/ws/chat?room=r&user=u"),
    "ws_rate_p99": ("the same: p99 ms", ""),
    "room": ("memory of an idle WebSocket in a room, kB", "/ws/chat?room=r&user=u"),
    "sse": ("SSE feed of 500, 8 events under way: CPU us/delivery", "/sse/feed"),
    "sse_p99": ("the same: p99 ms", ""),
    "sse_rate": ("the same feed, 20 events a second: CPU us/delivery", "/sse/feed"),
    "sse_rate_p99": ("the same: p99 ms", ""),
    "csv": ("CSV of 1,000,000 rows: CPU us/MB", "/export.csv?rows=1"),
    "file": ("file of 64 MiB: CPU us/MB", "/files/blob.bin"),
}


def servers(build, data):
    """Name to command; those that are here."""
    port_env = {"DB_PATH": f"{data}/empty.db", "FILES_DIR": data, "WORKERS": "1"}
    found = {"godwit": (port_env, [f"{build}/bin/peerserver"])}
    root, peers = os.environ.get("CHROOT", ""), os.environ.get("PEERS", "/usr/local/lib/godwit-bench")
    for name, program in (("axum", "axum/target/release/peer-axum"), ("drogon", "drogon/build/peer_drogon")):
        if root and os.path.exists(f"{root}{peers}/{program}"):
            inside = {"WORKERS": "1", "DB": "rusqlite", "WS_BATCH": "1", "SSE_RAW": "1",
                      "DB_PATH": "/srv/peer-bench/corpus.db", "FILES_DIR": "/srv/peer-bench/files"}
            found[name] = (inside, ["chroot", root, f"{peers}/{program}"])
    found["node"] = ({}, ["node", f"{HERE}/node.mjs"])
    found["qhttpserver"] = ({}, [f"{build}/bin/plainqhttpserver"])
    return found


class Server:
    def __init__(self, name, environment, command, port):
        self.name, self.port = name, port
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE] + command, start_new_session=True,
                                        env={**os.environ, **environment, "PORT": str(port)},
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if self.has("/hello"):
                return
            time.sleep(0.05)
        self.stop()
        sys.exit(f"{name} did not start")

    def has(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                   "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        try:
            connection.request("GET", path, headers=upgrade if path.startswith("/ws/") else {})
            return connection.getresponse().status in (101, 200)
        except OSError:
            return False
        finally:
            connection.close()

    def cpu(self):
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            try:
                with open(f"/proc/{self.process.pid}/task/{thread}/schedstat") as f:
                    total += int(f.read().split()[0])
            except OSError:
                pass  # it has just ended
        return total / 1e9

    def memory_kb(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def wrk(server, path, fields=()):
    """CPU microseconds a request."""
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", "-c64", f"-d{DURATION}s"]
    for name, value in dict(fields).items():
        command += ["-H", f"{name}: {value}"]
    before = server.cpu()
    out = subprocess.run(command + [f"http://127.0.0.1:{server.port}{path}"], capture_output=True, text=True).stdout
    spent = server.cpu() - before
    requests = re.search(r"(\d+) requests in", out)
    if not requests or "Non-2xx" in out or int(requests.group(1)) == 0:
        return None
    return 1e6 * spent / int(requests.group(1))


def load_command(kind, server, seconds):
    return ["taskset", "-c", LOAD_CORE, "python3", f"{HERE}/load.py", kind, str(server.port), str(seconds)]


def load(kind, server):
    """(CPU microseconds an operation, the 99th percentile of the deliveries in ms, if it times some)."""
    before = server.cpu()
    done = subprocess.run(load_command(kind, server, DURATION), capture_output=True, text=True, timeout=60)
    spent = server.cpu() - before
    if done.returncode or not done.stdout:
        print(f"  {server.name}: {kind} failed: {done.stderr.strip()}", file=sys.stderr)
        return None, None
    result = json.loads(done.stdout)
    if result["missing"]:
        print(f"  {server.name}: {kind}: {result['missing']} not delivered", file=sys.stderr)
    cost = 1e6 * spent / result["operations"] if result["operations"] else None
    return cost, result.get("p99_ms")


def with_open(kind, server, work=lambda: None):
    """(what work() gives while so many connections are open, the kB of each)."""
    before = server.memory_kb()
    holder = subprocess.Popen(load_command(kind, server, DURATION + 30), stdout=subprocess.PIPE, text=True)
    try:
        line = holder.stdout.readline()
        if not line:
            return None, None
        each = (server.memory_kb() - before) / json.loads(line)["connections"]
        return work(), each
    finally:
        holder.kill()
        holder.wait()


def measure(server, metrics, put):
    for metric in metrics:
        if not server.has(ROWS[metric][1]):
            continue
        if metric in ("hello", "json"):
            put(metric, wrk(server, "/" + metric))
        elif metric == "browser":
            put(metric, wrk(server, "/hello", BROWSER))
        elif metric == "idle":
            for name, value in zip(("idle", "idle_kb"), with_open("idle", server, lambda: wrk(server, "/hello"))):
                put(name, value)
        elif metric == "room":
            put("room", with_open("room", server)[1])
        else:
            for name, value in zip((metric, metric + "_p99"), load(metric, server)):
                put(name, value)


def table(results, names):
    reference = "axum" if "axum" in names else names[-1]
    print(f"\n| | {' | '.join(names)} | godwit / {reference} |\n|---|{'---:|' * (len(names) + 1)}")
    for metric, (title, _) in ROWS.items():
        medians = [statistics.median(results[n, metric]) if results.get((n, metric)) else None for n in names]
        if not any(medians):
            continue
        cells = ["-" if m is None else f"{m:.3g}" if m < 1000 else f"{m:,.0f}" for m in medians]
        own, other = medians[names.index("godwit")] if "godwit" in names else None, medians[names.index(reference)]
        cells.append(f"{own / other:.2f}" if own and other else "-")
        print(f"| {title} | {' | '.join(cells)} |")


def main():
    build, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    results = {}
    with tempfile.TemporaryDirectory() as data:
        folders = [data] + [f for f in [os.environ.get("CHROOT", "") + "/srv/peer-bench/files"] if os.path.isdir(f)]
        for folder in folders:
            with open(f"{folder}/blob.bin", "wb") as f:
                f.write(bytes(FILE_BYTES))
        available = servers(build, data)
        names = [n for n in available if not wanted or n in wanted]
        for unknown in set(wanted) - set(available):
            sys.exit(f"there is no {unknown}; here are: {', '.join(available)}")
        for round_number in range(1, ROUNDS + 1):
            for number, name in enumerate(names):
                print(f"== {name}, round {round_number} of {ROUNDS}", file=sys.stderr, flush=True)
                # Memory is freed into the process, not to the system: one figure of it for each life.
                for metrics in (["room"] if "room" in METRICS else [], [m for m in METRICS if m != "room"]):
                    if not metrics:
                        continue
                    server = Server(name, *available[name], 18100 + number)
                    try:
                        measure(server, metrics,
                                lambda m, v: v is not None and results.setdefault((name, m), []).append(v))
                    finally:
                        server.stop()
        table(results, names)


if __name__ == "__main__":
    main()
