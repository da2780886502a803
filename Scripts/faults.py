#!/usr/bin/env python3
"""Makes every call to the system fail once, the first, the second …, until none is left to fail.

A run in which a call failed may not look like one in which none did: either all that it writes is
what a clean run writes, or its exit status and a message say otherwise. No file may be visible
under its name that is not whole. The same command without the fault brings it to its end.

    Scripts/faults.py .build/release/winnow [--calls write,fsync] [--most N]
"""

import argparse
import errno
import gzip
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import torture

# By call: what it fails with. -1 is a call that does half of what it was asked for.
FAULTS = {
    "write": [errno.ENOSPC, errno.EIO, errno.EINTR, -1],
    "fsync": [errno.EIO, errno.EDQUOT],
    "close": [errno.EIO],
    "renameat": [errno.EIO],
    "mkdirat": [errno.ENOSPC],
    "ftruncate": [errno.EIO],
    "open": [errno.EMFILE],
    "openat": [errno.EIO],
    "read": [errno.EIO, errno.EINTR, -1],
    "malloc": [errno.ENOMEM],
}
LOGS = ["removed.jsonl", "rejects.jsonl"]


def write_inputs(work):
    chance = random.Random(7)
    torture.write_folder(work / "in", 6, chance)
    torture.write_records(work / "in" / "records.jsonl", 120, chance)
    records = (work / "in" / "records.jsonl").read_bytes()
    (work / "in" / "records.jsonl.gz").write_bytes(gzip.compress(records, mtime=0))


class Case:
    def __init__(self, name, command, work):
        self.name = name
        self.command = command
        self.work = work
        self.wanted = None
        self.reset()
        self.wanted = self.run({})[:2]
        self.reset()

    def reset(self):
        shutil.rmtree(self.work / "out", ignore_errors=True)
        for name in LOGS + ["stdout", "fired"]:
            (self.work / name).unlink(missing_ok=True)

    def run(self, environment):
        with open(self.work / "stdout", "wb") as output:
            run = subprocess.run(
                self.command, cwd=self.work, env={**os.environ, **environment}, stdout=output,
                stderr=subprocess.PIPE, timeout=120)
        return run.returncode, self.written(), run.stderr.decode(errors="replace")

    def written(self):
        files = torture.visible(self.work / "out") if (self.work / "out").exists() else {}
        for name in LOGS + ["stdout"]:
            path = self.work / name
            files["/" + name] = path.read_bytes() if path.exists() else b""
        return files

    def fault(self, library, call, code, nth):
        """What is wrong with the run in which the nth call fails; None when there is no nth."""
        self.reset()
        status, written, messages = self.run({
            "LD_PRELOAD": library, "FAULT_CALL": call, "FAULT_NTH": str(nth),
            "FAULT_ERRNO": str(code), "FAULT_MARK": str(self.work / "fired")})
        if not (self.work / "fired").exists():
            return None
        wrong = []
        partial = [
            name for name, content in written.items()
            if not name.startswith("/") and self.wanted[1].get(name) != content]
        if partial:
            wrong.append("partial " + " ".join(partial))
        is_same = (status, written) == self.wanted
        # A signal is no silence; a status is to come with the reason.
        if not is_same and (status in (0, self.wanted[0]) and not self.names(messages, code)):
            wrong.append(f"silent: status {status}")
        if not is_same and status == 2 and not messages.strip():
            wrong.append("no message")
        if "out" in self.command:
            again, written = self.run({})[:2]
            # What was done in the second run stands behind the rest in the logs.
            if (again, unordered(written)) != (self.wanted[0], unordered(self.wanted[1])):
                wrong.append(f"not mended by a second run: status {again}")
        return wrong

    @staticmethod
    def names(messages, code):
        return code > 0 and os.strerror(code) in messages


def unordered(files):
    return {
        name: sorted(content.split(b"\n")) if name.startswith("/") else content
        for name, content in files.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("winnow")
    parser.add_argument("--calls", default=",".join(FAULTS))
    parser.add_argument("--most", type=int, default=120, help="runs of a call, spread evenly")
    parser.add_argument("--select", default="en", help="use only these rules")
    options = parser.parse_args()
    winnow = str(pathlib.Path(options.winnow).resolve())
    source = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Faults" / "faults.c"
    runs = silent = partial = other = 0
    with tempfile.TemporaryDirectory(prefix="winnow-faults-") as name:
        work = pathlib.Path(name)
        library = str(work / "faults.so")
        subprocess.run(
            [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", library, str(source),
             "-ldl"], check=True)
        write_inputs(work)
        common = [winnow, "--quiet", "--no-config", "--select", options.select, "--jobs", "2"]
        logs = ["--removed", LOGS[0], "--rejects", LOGS[1]]
        cases = [
            Case("folder", common + ["in", "-o", "out", "--shard-size", "20000"] + logs, work),
            Case("filter", common + ["in/records.jsonl", *logs], work),
        ]
        for case in cases:
            for call in options.calls.split(","):
                for code in FAULTS[call]:
                    number = count(case, library, call, code)
                    step = max(1, -(-number // options.most))
                    bad = 0
                    tried = 0
                    for nth in range(1, number + 1, step):
                        wrong = case.fault(library, call, code, nth)
                        if wrong is None:
                            continue
                        tried += 1
                        for line in wrong:
                            print(f"  {case.name}: {call} {nth}, {label(code)}: {line}")
                            bad += 1
                            silent += line.startswith("silent")
                            partial += line.startswith("partial")
                            other += not line.startswith(("silent", "partial"))
                    runs += tried
                    print(f"{case.name}: {call} fails with {label(code)}: {tried} of {number} calls, "
                          f"{bad} wrong", flush=True)
    print(f"{runs} runs with a fault: {silent} silent successes, {partial} partial files visible, "
          f"{other} other failures")
    sys.exit(silent + partial + other > 0)


def label(code):
    return "half done" if code == -1 else errno.errorcode[code]


def count(case, library, call, code):
    """How many calls a run makes: the first number for which none fails, found by bisection."""
    def fires(nth):
        return case.fault(library, call, 0 if call == "none" else code, nth) is not None
    low, high = 0, 1
    while fires(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fires(middle) else (low, middle)
    return low


if __name__ == "__main__":
    main()
