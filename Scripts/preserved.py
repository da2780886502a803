#!/usr/bin/env python3
"""Counts what normalising and setting paragraphs do to the characters of real texts.

usage: preserved.py WINNOW FOLDER [--normalize PROFILE] [--show N]

Every text of the folder's JSON Lines (`text`, or the `t` of `lines`; .gz too) and .txt files goes
through winnow as it is set up by default, rules included. Counted are digits that changed, and
letters lost or gained by no repair that may do so; whether a second run changes anything; and
whether every document's edits, made backwards, give the source byte for byte. Exits with 1 when
any count but the repairs' is not 0.
"""
import argparse
import collections
import gzip
import json
import pathlib
import subprocess
import sys
import unicodedata

# Repairs that spell letters and digits another way.
REPAIRS = ("mojibake", "entities", "ligatures", "widths", "form", "fractions", "symbols", "fold")


def texts(folder):
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.suffix == ".txt":
            yield path.read_text(encoding="utf-8", errors="replace")
        if not path.name.endswith((".jsonl", ".jsonl.gz")):
            continue
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                if "lines" in record:
                    yield "\n".join(line["t"] for line in record["lines"])
                elif "text" in record:
                    yield record["text"]


def run(winnow, inputs, *options):
    records = "".join(json.dumps({"text": text}) + "\n" for text in inputs)
    output = subprocess.run([winnow, "--format", "jsonl", "--quiet", *options],
                            input=records.encode(), stdout=subprocess.PIPE).stdout
    return [json.loads(line) for line in output.decode().split("\n") if line]


def is_letter(character):
    return unicodedata.category(character)[0] in "LM"


def is_digit(character):
    return unicodedata.category(character)[0] == "N"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("winnow")
    parser.add_argument("folder")
    parser.add_argument("--normalize", default="standard")
    parser.add_argument("--show", type=int, default=5)
    options = parser.parse_args()

    inputs = [text for text in texts(options.folder) if "\ud800" > max(text, default="a")
              or not any("\ud800" <= character < "\ue000" for character in text)]
    profile = ("--normalize", options.normalize)
    made = run(options.winnow, inputs, *profile, "--emit", "json", "--edits")
    again = run(options.winnow, [record["text"] for record in made], *profile)
    assert len(made) == len(inputs) == len(again)

    counts = collections.Counter()
    repaired = collections.Counter()
    shown = []
    for text, record, second in zip(inputs, made, again):
        source, clean = text.encode(), record["text"].encode()
        counts["documents"] += 1
        counts["edits"] += len(record["edits"])
        if second["text"] != record["text"]:
            counts["changed by a second run"] += 1
            shown.append(("second run", text[:60], ""))
        forth, back, at_source, at_clean = b"", b"", 0, 0
        for edit in record["edits"]:
            forth += source[at_source:edit["source_start"]] + edit["is"].encode()
            back += clean[at_clean:edit["start"]] + edit["was"].encode()
            at_source, at_clean = edit["source_end"], edit["end"]
            if "removal" in edit:
                continue
            was, now = edit["was"], edit["is"]
            letters = [list(filter(is_letter, part)) for part in (was, now)]
            digits = [list(filter(is_digit, part)) for part in (was, now)]
            repairs = [cause for cause in edit["causes"] if cause in REPAIRS]
            if letters[0] != letters[1] or digits[0] != digits[1]:
                if repairs:
                    repaired[repairs[0]] += 1
                else:
                    counts["letters" if letters[0] != letters[1] else "digits"] += 1
                    shown.append((edit["causes"], was, now))
        if forth + source[at_source:] != clean or back + clean[at_clean:] != source:
            counts["not mapped back"] += 1
            shown.append(("map", text[:60], ""))
    print(f"{counts['documents']} documents, {counts['edits']} edits")
    for name in ("digits", "letters", "changed by a second run", "not mapped back"):
        print(f"  {name:26}{counts[name]}")
    print("  repairs that changed letters or digits: "
          + (", ".join(f"{name} {count}" for name, count in sorted(repaired.items())) or "none"))
    for cause, was, now in shown[: options.show]:
        print(f"  {cause}: {was!r} -> {now!r}")
    if any(counts[name] for name in counts if name not in ("documents", "edits")):
        sys.exit(1)


if __name__ == "__main__":
    main()
