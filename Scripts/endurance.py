#!/usr/bin/env python3
"""Long runs of winnow, and what must hold in them.

    Scripts/endurance.py WINNOW poison [--documents 100000]   one document in a thousand is broken:
        exactly those are rejected, all else is cleaned as without them, exit status 3
    Scripts/endurance.py WINNOW same [--repeats 20]   one output for jobs 1, 2, 3 and 8, reads of
        any size, compressed or not, from files and pipes
    Scripts/endurance.py WINNOW memory [--gigabytes 10]   JSON Lines through a pipe: memory stays
        below 256 MiB and flat
    Scripts/endurance.py WINNOW jobs [--pairs 5]   what a second job gains, in pairs of runs
"""

import argparse
import gzip
import hashlib
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import torture

POISON = [
    lambda number: f'{{"id": "{number}", "text": "cut off\n',
    lambda number: f'{{"id": "{number}", "text": "\\ud800 alone"}}\n',
    lambda number: f'{{"id": "{number}", "body": "no text here"}}\n',
    lambda number: f'{{"id": "{number}", "text": ["a list"]}}\n',
    lambda number: f'{{"id": "{number}", "text": "a", "text": "b"}}\n',
    lambda number: f'{{"id": "{number}", "deep": {"[" * 600}{"]" * 600}, "text": "a"}}\n',
    lambda number: f'{{"id": "{number}", "text": "raw \x01 control"}}\n',
    lambda number: f'["{number}"]\n',
]


def records(count, seed):
    chance = random.Random(seed)
    articles = [torture.article(number, chance) for number in range(200)]
    for number in range(count):
        text = f"Record {number}.\n" + articles[number % 200]
        yield json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n"


def poison(winnow, options, work):
    chance = random.Random(options.seed)
    broken = set(chance.sample(range(options.documents), options.documents // 1000))
    wanted_rejects = []
    offset = 0
    with open(work / "in.jsonl", "wb") as file, open(work / "sane.jsonl", "wb") as sane:
        for number, record in enumerate(records(options.documents, options.seed)):
            line = record.encode()
            if number in broken:
                line = POISON[number % len(POISON)](number).encode()
                digest = hashlib.sha256(line[:-1]).hexdigest()
                wanted_rejects.append((number + 1, offset, digest))
            else:
                sane.write(line)
            file.write(line)
            offset += len(line)
    command = [winnow, "--quiet", "--no-config"]
    run = subprocess.run(
        command + ["in.jsonl", "-o", "out", "--rejects", "rejects.jsonl"], cwd=work)
    subprocess.run(command + ["sane.jsonl", "-o", "sane"], cwd=work, check=True)
    rejects = [json.loads(line) for line in open(work / "rejects.jsonl", encoding="utf-8")]
    found = [(reject["line"], reject["offset"], reject["sha256"]) for reject in rejects]
    kept = 0
    cleaned = []
    with open(work / "in.jsonl", "rb") as before, open(work / "out" / "in.jsonl", "rb") as after:
        for number, (was, now) in enumerate(zip(before, after, strict=True)):
            if number in broken:
                kept += was == now
            else:
                cleaned.append(now)
    is_same = b"".join(cleaned) == (work / "sane" / "sane.jsonl").read_bytes()
    print(f"{options.documents} documents, {len(broken)} broken: {len(found)} rejected, "
          f"{len(set(found) ^ set(wanted_rejects))} of them wrong, {kept} kept byte for byte, "
          f"the others {'as without them' if is_same else 'DIFFERENT'}, status {run.returncode}")
    return found == wanted_rejects and kept == len(broken) and is_same and run.returncode == 3


def same(winnow, options, work):
    torture.write_folder(work / "in", 60, random.Random(options.seed))
    data = "".join(records(400, options.seed)).encode() + b'{"text": broken}\n'
    (work / "in" / "a.jsonl").write_bytes(data)
    (work / "in" / "b.jsonl.gz").write_bytes(gzip.compress(data, mtime=0))
    digests = {}
    runs = 0

    def note(kind, *contents):
        nonlocal runs
        runs += 1
        digest = hashlib.sha256(b"\0".join(contents)).hexdigest()[:16]
        digests.setdefault(kind, set()).add(digest)

    def run(*arguments, data=None):
        run = subprocess.run(
            [winnow, "--no-config", "--language", "en", *arguments], cwd=work, input=data,
            capture_output=True)
        return run.stdout, run.stderr, str(run.returncode).encode()

    for repeat in range(options.repeats):
        for jobs in ["1", "2", "3", "8"]:
            note("pipe", *run("--format", "jsonl", "--jobs", jobs, data=data))
            note("files", *run("in", "--jobs", jobs, "--removed", "cut"), (work / "cut").read_bytes())
            result = run("in", "-o", f"out-{repeat}-{jobs}", "--jobs", jobs)
            files = torture.visible(work / f"out-{repeat}-{jobs}")
            note("folder", *result[1:], json.dumps(
                {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}).encode())
    for size in ["1", "2", "3", "7", "64", "4096", "1000000"]:
        note("pipe", *run("--format", "jsonl", "--jobs", "2", "--read-size", size, data=data))
    for switch in ["--ungated", "--no-jit"]:
        note("pipe", *run("--format", "jsonl", switch, data=data))
    for kind, found in digests.items():
        print(f"{kind}: {len(found)} digest{'s' * (len(found) > 1)} {' '.join(sorted(found))}")
    print(f"{runs} runs")
    return all(len(found) == 1 for found in digests.values())


def memory(winnow, options, work):
    total = int(options.gigabytes * 10**9)
    block = "".join(records(min(20000, total // 20000), options.seed)).encode()
    process = subprocess.Popen(
        [winnow, "--no-config", "--format", "jsonl", "--jobs", "2"], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL)
    samples = []

    def resident():
        for line in open(f"/proc/{process.pid}/status", encoding="ascii"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0

    sent = 0
    start = time.monotonic()
    step = max(total // 20, len(block))
    while sent < total:
        process.stdin.write(block)
        sent += len(block)
        if sent // step > len(samples):
            samples.append(resident())
    peak = max(int(line.split()[1]) for line in open(f"/proc/{process.pid}/status")
               if line.startswith("VmHWM")) / 1024
    process.stdin.close()
    status = process.wait()
    seconds = time.monotonic() - start
    growth = samples[-1] - samples[min(len(samples) - 1, len(samples) // 5)]
    print(f"{sent / 10**9:.2f} GB in {seconds:.0f} s: peak {peak:.0f} MiB, from a fifth of the way to "
          f"the end {growth:+.1f} MiB, status {status}")
    return peak <= 256 and growth <= 8 and status == 0


def jobs(winnow, options, work):
    (work / "in.jsonl").write_text("".join(records(options.documents // 5, options.seed)))
    best = 0
    for _ in range(options.pairs):
        seconds = []
        for count in ["1", "2"]:
            start = time.monotonic()
            subprocess.run(
                [winnow, "--no-config", "--quiet", "in.jsonl", "--jobs", count], cwd=work,
                stdout=subprocess.DEVNULL, check=True)
            seconds.append(time.monotonic() - start)
        best = max(best, seconds[0] / seconds[1])
        print(f"jobs 1 {seconds[0]:.2f} s, jobs 2 {seconds[1]:.2f} s: {seconds[0] / seconds[1]:.2f}x")
    print(f"best of {options.pairs}: {best:.2f}x")
    return best >= 1.6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("winnow")
    parser.add_argument("what", choices=["poison", "same", "memory", "jobs"])
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    winnow = str(pathlib.Path(options.winnow).resolve())
    with tempfile.TemporaryDirectory(prefix="winnow-endurance-") as name:
        holds = globals()[options.what](winnow, options, pathlib.Path(name))
    print("holds" if holds else "DOES NOT HOLD")
    sys.exit(not holds)


if __name__ == "__main__":
    main()
