#!/usr/bin/env python3
"""Kills winnow with SIGKILL at random moments of a batch and goes on with the same command.

Half of the kills hit a folder of small articles, half one JSON Lines file. After each kill no file
may be visible that is not whole; in the end all that is written must be what one uninterrupted run
writes, byte for byte.

    Scripts/torture.py .build/release/winnow [--kills 200] [--documents 2000] [--seed 1]
"""

import argparse
import hashlib
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

WORDS = "the harbour ferry rain council pier morning ships storm captain tide market gulls ropes of in".split()
NOISE = [
    "Advertisement", "Share this article", "Sign up for our newsletter", "By Nora Quill",
    "Read more: Five ships that never left the channel", "Related articles", "Email address",
]


def article(number, chance):
    lines = [f"Article {number} of the harbour."]
    for _ in range(chance.randint(2, 30)):
        if chance.random() < 0.2:
            lines.append(chance.choice(NOISE))
        else:
            words = " ".join(chance.choices(WORDS, k=chance.randint(5, 40)))
            lines.append(f"{words.capitalize()}.")
    return "\n".join(lines) + "\n"


def write_folder(folder, documents, chance):
    for number in range(documents):
        place = folder / f"{number % 13:02}" / f"{number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        text = article(number, chance).encode()
        if number % 211 == 5:
            text += b"A line that is not UTF-8: \xe9\n"
        (place / f"{number:06}.txt").write_bytes(text)


def write_records(path, documents, chance):
    with open(path, "w", encoding="utf-8") as file:
        for number in range(documents):
            if number % 211 == 5:
                file.write(f'{{"id": {number}, broken}}\n')
            else:
                record = {"id": str(number), "text": article(number, chance)}
                file.write(json.dumps(record) + "\n")


def visible(folder):
    """The files a reader would see, by name."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.parts[0] != ".winnow" and path.is_file():
            files[str(name)] = path.read_bytes()
    return files


class Target:
    """A command, and what an uninterrupted run of it writes."""

    def __init__(self, name, winnow, inputs, options, work):
        self.name = name
        self.work = work
        self.command = [winnow, "--quiet", "--no-config", inputs, "-o", "out"] + options + [
            "--removed", "removed.jsonl", "--rejects", "rejects.jsonl"]
        self.kills = self.runs = self.torn = self.lost = self.duplicated = self.unequal = 0
        self.reset()
        start = time.monotonic()
        self.status = subprocess.run(self.command, cwd=work).returncode
        self.seconds = time.monotonic() - start
        self.files = visible(work / "out")
        self.logs = self.read_logs()
        self.reset()

    def reset(self):
        shutil.rmtree(self.work / "out", ignore_errors=True)
        for log in ["removed.jsonl", "rejects.jsonl"]:
            (self.work / log).unlink(missing_ok=True)

    def read_logs(self):
        return [(self.work / log).read_bytes() for log in ["removed.jsonl", "rejects.jsonl"]]

    def step(self, chance):
        """One run, killed or not."""
        delay = chance.uniform(0, max(0.25, self.seconds * 0.6))
        process = subprocess.Popen(self.command, cwd=self.work)
        try:
            status = process.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.kills += 1
            for name, content in visible(self.work / "out").items():
                self.torn += self.files.get(name) != content
            return
        self.runs += 1
        self.check(status)
        self.reset()

    def check(self, status):
        found = visible(self.work / "out")
        self.lost += len(self.files.keys() - found.keys())
        self.duplicated += len(found.keys() - self.files.keys())
        for name, content in self.files.items():
            got = found.get(name, content)
            self.torn += got != content
            if got != content:
                wanted, had = content.split(b"\n"), got.split(b"\n")
                self.lost += len(set(wanted) - set(had))
                self.duplicated += max(0, len(had) - len(set(had)) - (len(wanted) - len(set(wanted))))
        self.unequal += self.read_logs() != self.logs or status != self.status


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("winnow")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--select", help="use only these rules: a debug build is slow")
    options = parser.parse_args()
    selection = ["--select", options.select] if options.select else []
    winnow = str(pathlib.Path(options.winnow).resolve())
    chance = random.Random(options.seed)
    total = 0
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="winnow-torture-") as name:
        failures = 0
        for kind in ["folder", "records"]:
            work = pathlib.Path(name) / kind
            work.mkdir()
            if kind == "folder":
                write_folder(work / "in", options.documents, chance)
                target = Target(kind, winnow, "in", selection, work)
            else:
                write_records(work / "in.jsonl", options.documents * 5, chance)
                target = Target(
                    kind, winnow, "in.jsonl", ["--shard-size", "262144"] + selection, work)
            wanted = options.kills // 2 if kind == "folder" else options.kills - total
            while target.kills < wanted:
                target.step(chance)
            # What the last kill left is brought to its end, too.
            target.check(subprocess.run(target.command, cwd=work).returncode)
            total += target.kills
            digest = hashlib.sha256(b"".join(target.files.values())).hexdigest()[:16]
            print(
                f"{kind}: {target.kills} kills, {target.runs + 1} runs to the end: "
                f"{target.lost} lost, {target.duplicated} duplicated, {target.torn} torn, "
                f"{target.unequal} unequal logs or statuses ({len(target.files)} files, {digest})",
                flush=True)
            failures += target.lost + target.duplicated + target.torn + target.unequal
    print(f"{total} kills in {time.monotonic() - start:.0f} s: "
          + ("nothing lost" if failures == 0 else f"{failures} FAILURES"))
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
