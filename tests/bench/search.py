#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""search.py BUILD_DIR [DOCUMENTS]: what a search of 100,000 documents takes that no cache answers. About two minutes.

The documents' words come from a made-up vocabulary of 30,000 words, the r-th as often as 1 / r (Zipf); 30 to 90 words
each, the seed fixed. First each kind of query is asked alone, for the CPU time that it takes in the daemon; then typical
ones with 32 connections at a time, by wrk. No query is asked twice: separators behind it make another key of each."""
import bisect
import csv
import glob
import http.client
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

VOCABULARY, CONNECTIONS, SECONDS = 30_000, 32, 15
BUILD, DOCUMENTS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
DAEMON = os.path.join(BUILD, "bin", "godwitd")


def vocabulary(rng):
    words = {}  # in the order of their making
    while len(words) < VOCABULARY:
        word = "".join(rng.choice("bcdfghjklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 4)))
        words[word + (rng.choice("bcdfghjklmnprstvz") if rng.random() < 0.3 else "")] = None
    return list(words)


def write_documents(path, rng, words):
    sums = list(itertools.accumulate(1 / (rank + 1) for rank in range(VOCABULARY)))
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["title", "body"])
        for _ in range(DOCUMENTS):
            drawn = [words[bisect.bisect_left(sums, rng.random() * sums[-1])] for _ in range(rng.randint(35, 95))]
            rows.writerow([" ".join(drawn[:5]).capitalize(), " ".join(drawn[5:])])


def queries(rng, words):
    """By kind; the typical ones have a word of rank 200 to 5,000, three in ten a second one of rank 20 to 1,000."""
    letters = ["".join(pair) for pair in itertools.product("bcdfghjklmnprstvz", "aeiou")]
    typical = []
    for _ in range(512):
        second = " " + words[rng.randint(20, 1000)] if rng.random() < 0.3 else ""
        typical.append(words[rng.randint(200, 5000)] + second)
    return {
        "typical": typical,
        "a very common word": words[:20],
        "two very common words": [f"{a} {b}" for a, b in itertools.pairwise(words[:20])],
        "four very common words": [" ".join(words[i:i + 4]) for i in range(17)],
        "a phrase of two": [f'"{a} {b}"' for a, b in itertools.pairwise(words[:20])],
        "begins with a letter": [f"{letter}*" for letter in "bcdfghjklmnprstvz"],
        "begins with two letters": [f"{pair}*" for pair in letters[:40]],
        "two beginnings of two letters": [f"{a}* {b}*" for a, b in itertools.pairwise(letters[:30])],
        "begins with three letters": [f"{pair}{rng.choice('bdfgklmnrst')}*" for pair in letters[:40]],
    }


def separators(number):
    """Another text for each number, and the same words."""
    return " " + "".join(".,;!"[number >> 2 * i & 3] for i in range(12))


def cpu_ns(pid):
    spent = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path, encoding="ascii") as file:
                spent += int(file.read().split()[0])
        except FileNotFoundError:
            pass  # a thread that has ended
    return spent


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def ask_alone(port, pid, kinds):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    numbers = itertools.count()
    print(f"\n{'alone, CPU ms a query':32} {'p50':>8} {'p99':>8} {'most':>8}")
    for name, texts in kinds.items():
        spent = []
        for text in texts:
            before = cpu_ns(pid)
            connection.request("GET", "/api/search?q=" + urllib.parse.quote(text + separators(next(numbers))))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200 or answer.headers["X-Cache"] != "miss":
                sys.exit(f"{text}: {answer.status}, X-Cache {answer.headers['X-Cache']}")
            spent.append((cpu_ns(pid) - before) / 1e6)
        print(f"{name:32} {percentile(spent, .5):8.2f} {percentile(spent, .99):8.2f} {max(spent):8.2f}", flush=True)


def ask_together(port, pid, texts, folder):
    # Each of wrk's threads has a script of its own; one thread, so that no two ask the same.
    script = os.path.join(folder, "search.lua")
    with open(script, "w", encoding="ascii") as file:
        listed = ", ".join('"' + urllib.parse.quote(text) + '"' for text in texts)
        file.write(f"""local texts, n = {{{listed}}}, 5000
local marks = {{".", ",", ";", "!"}}
function request()
  n = n + 1
  local number, separators = n, "%20"
  for _ = 1, 12 do
    separators = separators .. marks[number % 4 + 1]
    number = math.floor(number / 4)
  end
  return wrk.format("GET", "/api/search?q=" .. texts[n % #texts + 1] .. separators)
end
""")
    before = cpu_ns(pid)
    said = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", script,
                           f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
    spent = cpu_ns(pid) - before
    requests = int(re.search(r"(\d+) requests in", said)[1])
    latency = dict(re.findall(r"(50|90|99)% +(\S+)", said))
    print(f"\n{CONNECTIONS} connections, {len(os.sched_getaffinity(pid))} cores, wrk on one of them:"
          f" {requests / SECONDS:.0f} queries a second, p50 {latency['50']}, p90 {latency['90']}, p99 {latency['99']},"
          f" CPU {spent / requests / 1e6:.2f} ms a query")
    if "Non-2xx" in said:
        sys.exit(said)


def start(data):
    daemon = subprocess.Popen([DAEMON, "serve", "--data", data, "--listen", "127.0.0.1:0", "--set", "auth.mode=open",
                               "--set", "limits.rate=off", "--set", "limits.shedding=off", "--set", "log.level=warning"],
                              stdout=subprocess.PIPE, text=True)
    line = daemon.stdout.readline()
    return daemon, int(re.search(r":(\d+)", line.split("//")[-1])[1])


def main():
    rng = random.Random(20240607)
    words = vocabulary(rng)
    with tempfile.TemporaryDirectory(prefix="godwit-bench-") as folder:
        documents, data = os.path.join(folder, "documents.csv"), os.path.join(folder, "data")
        write_documents(documents, rng, words)
        began = time.monotonic()
        subprocess.run([DAEMON, "import", "--data", data, documents], check=True, stdout=subprocess.DEVNULL)
        size = sum(os.path.getsize(path) for path in glob.glob(data + "/*"))
        print(f"{DOCUMENTS} documents imported in {time.monotonic() - began:.1f} s, {size / 1e6:.0f} MB")
        daemon, port = start(data)
        try:
            kinds = queries(rng, words)
            ask_alone(port, daemon.pid, kinds)
            ask_together(port, daemon.pid, kinds["typical"], folder)
        finally:
            daemon.terminate()
            daemon.wait(30)


main()
