#!/usr/bin/env python3
"""Breaks texts whose paragraphs are known, has winnow set them again, and counts what comes back.

usage: paragraphs.py WINNOW [--corpus FOLDER] [--seed N] [--floor F] [--show KIND]

The texts are the kept lines of the labelled articles, one paragraph a line. Each is broken in the
ways below; a boundary is a place in the text (counted in characters other than spaces) where a
line ends. F1 is that of the boundaries inside a text, over all texts of a kind. Exits with 1 when
the total is below the floor.
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys

# Articles whose lines are no paragraphs, because a scraper broke or glued them on purpose.
ODD = ("broken-", "hard-wrapped-", "blob-")


def articles(folder):
    for path in sorted(pathlib.Path(folder).rglob("*.txt")):
        if path.name.startswith(ODD):
            continue
        lines = []
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.startswith("K\t"):
                text = re.sub("⟦[^⟧]*⟧", "", line[2:]).strip()
                if text:
                    lines.append(text)
        if len(lines) >= 4:
            yield path.stem, lines


def wrap(text, column):
    """Greedy, as mail programs do; text without spaces is cut at the column."""
    lines, line = [], ""
    for word in text.split(" "):
        while len(word) > column:
            if line:
                lines.append(line)
                line = ""
            lines.append(word[:column])
            word = word[column:]
        if line and len(line) + 1 + len(word) > column:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return lines + [line] if line else lines


def links(text, dice, keeps_spaces=False):
    """As a naive scraper leaves a paragraph: a line end before and behind every link.

    Links are names more often than not, or one to five words inside a clause; few begin a sentence.
    """
    words = text.split(" ")
    spans = []
    for _ in range(dice.choice([0, 0, 1, 1, 1, 2, 2, 3]) if len(words) >= 12 else 0):
        begins = [i == 0 or re.search(r"[.!?:…][\"”’»)]*$", words[i - 1]) for i in range(len(words))]
        at_start = dice.random() < 0.08
        capital = [word[:1].isupper() for word in words]
        starts = [i for i in range(len(words)) if bool(begins[i]) == at_start]
        names = [i for i in starts if capital[i] and (begins[i] or not capital[i - 1])]
        is_name = bool(names) and dice.random() < 0.6
        if is_name:
            starts = names
        if not starts:
            continue
        start = dice.choice(starts)
        end = start + 1
        longest = dice.choice([1, 2, 2, 3, 3, 4, 5])
        while end < len(words) and words[end - 1][-1:].isalnum():
            # A name is linked whole.
            if not (capital[end] if is_name else end - start < longest):
                break
            end += 1
        if all(end < low or start > high for low, high in spans):
            spans.append((start, end))
    pieces, at = [], 0
    for start, end in sorted(spans):
        before = " ".join(words[at:start]) + (" " if start > at else "")
        link = " ".join(words[start:end])
        # The stop behind a link is no part of it.
        mark = re.search(r"\W+$", link)
        tail = mark.group() if mark else ""
        link = link[: len(link) - len(tail)]
        if pieces:
            pieces[-1] += before
        elif before:
            pieces.append(before)
        if link:
            pieces.append(link)
        pieces.append(tail + (" " if end < len(words) else ""))
        at = end
    rest = " ".join(words[at:])
    if pieces:
        pieces[-1] += rest
    else:
        pieces = [rest]
    if not keeps_spaces:
        pieces = [piece.strip() for piece in pieces]
    return "\n".join(piece for piece in pieces if piece.strip())


def wrapped(lines, column, dice, gap, indent=""):
    return gap.join(indent + "\n".join(wrap(line, column)) for line in lines)


def kinds(lines, dice):
    column = dice.randint(60, 100)
    yield "wrapped, blank lines", wrapped(lines, column, dice, "\n\n")
    yield "wrapped, no blank lines", wrapped(lines, column, dice, "\n")
    yield "wrapped, first lines indented", wrapped(
        lines, column, dice, "\n", " " * dice.randint(2, 4))
    yield "wrapped, double-spaced", "\n\n\n".join("\n\n".join(wrap(line, column)) for line in lines)
    yield "paragraph a line, double-spaced", "\n\n\n".join(lines)
    yield "broken at links", "\n".join(links(line, dice) for line in lines)
    yield "broken at links, spaces kept", "\n".join(links(line, dice, True) for line in lines)
    yield "broken at links, blank lines", "\n\n".join(links(line, dice) for line in lines)


def run(winnow, texts, *options):
    records = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    output = subprocess.run(
        [winnow, "--no-built-in", "--ignore", "evidence", "--format", "jsonl", *options],
        input=records.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line)["text"] for line in output.decode().splitlines()]


def boundaries(text):
    found, at = set(), 0
    for line in text.split("\n"):
        at += sum(1 for character in line if not character.isspace())
        found.add(at)
    return found - {0, at}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("winnow")
    parser.add_argument("--corpus", default="Corpus")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--floor", type=float, default=0)
    parser.add_argument("--show", help="print the wrong gaps of texts of this kind")
    options = parser.parse_args()

    dice = random.Random(options.seed)
    cases = []
    for name, lines in articles(options.corpus):
        for kind, text in kinds(lines, dice):
            cases.append((name, kind, "\n".join(lines), text))
    wanted = run(options.winnow, [case[2] for case in cases], "--paragraphs", "keep")
    got = run(options.winnow, [case[3] for case in cases])

    tally = {}
    for (name, kind, _, _), right, made in zip(cases, wanted, got):
        if re.sub(r"\s", "", right) != re.sub(r"\s", "", made):
            sys.exit(f"{name}, {kind}: the text itself has changed")
        expected, found = boundaries(right), boundaries(made)
        for key in (kind, "total"):
            counts = tally.setdefault(key, [0, 0, 0, 0])
            counts[0] += 1
            counts[1] += len(expected & found)
            counts[2] += len(expected - found)
            counts[3] += len(found - expected)
        if kind == options.show:
            letters = re.sub(r"\s", "", made)
            for at in sorted(expected ^ found):
                mark = "GLUED" if at in expected else "SPLIT"
                print(f"{name}: {mark} {letters[max(0, at - 40):at]} ¦ {letters[at:at + 40]}")
    print(f"{'':34}{'texts':>6}{'right':>8}{'glued':>7}{'split':>7}{'F1':>8}")
    tally["total"] = tally.pop("total")
    for kind, (texts, right, glued, split) in tally.items():
        f1 = 100 * 2 * right / (2 * right + glued + split)
        print(f"{kind:34}{texts:6}{right:8}{glued:7}{split:7}{f1:8.2f}")
    # The total comes last.
    if f1 < options.floor:
        sys.exit(f"F1 is {f1:.2f}; the floor is {options.floor}")


if __name__ == "__main__":
    main()
