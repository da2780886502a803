#!/usr/bin/env python3
"""Counts what winnow repairs of text that was decoded wrongly, and what it changes in correct text.

usage: mojibake.py WINNOW [--cases N] [--lines N] [--seed N] [--check] [--show N]

Sentences of the labelled articles and of the tests, in 20 languages and more, are written as UTF-8
and read as Windows-1252 or Latin-1, once or twice; each is to come back whole. Correct text is made
of the same sentences, in capitals too and between all kinds of quotes, of source code, of
addresses, and of all accented capitals beside all signs that wrong decoding makes. --check: exit
with 1 below 98 %, or when correct text changes.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent


def sentences():
    """Language and text."""
    found = []
    for path in sorted((ROOT / "Corpus").rglob("*.txt")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if re.match(r"[A-Z]\t", line):
                text = re.sub("[⟦⟧]", "", line[2:])
                for sentence in re.split(r"(?<=[.!?。！？]) +", text):
                    found.append((path.parent.name, sentence))
    cases = ROOT / "Tests/WinnowTests/Cases/sentences.txt"
    for line in cases.read_text(encoding="utf-8").split("\n"):
        if line and line[0] not in "#~":
            found.append((line[:2], line[3:].replace("|", "").replace("⏎", " ")))
    return [(language, text) for language, text in found if unicodedata.is_normalized("NFC", text)]


def read_wrongly(text, latin1):
    """The bytes that Windows-1252 has no character for are read as Latin-1, as browsers do."""
    result = []
    for byte in text.encode("utf-8"):
        character = bytes([byte])
        try:
            result.append(character.decode("latin-1" if latin1 else "cp1252"))
        except UnicodeDecodeError:
            result.append(character.decode("latin-1"))
    return "".join(result)


def damaged(count, dice):
    """Name of the kind, text, damaged text."""
    by_language = collections.defaultdict(list)
    for language, text in sentences():
        if any(character >= "\x80" for character in text) and 8 <= len(text) <= 300:
            by_language[language].append(text)
    languages = sorted(by_language)
    for index in range(count):
        language = languages[index % len(languages)]
        text = dice.choice(by_language[language])
        latin1, rounds = dice.random() < 0.25, dice.choice([1, 1, 2])
        wrong = text
        for _ in range(rounds):
            wrong = read_wrongly(wrong, latin1)
        name = f"{language} {'Latin-1' if latin1 else 'Windows-1252'} {rounds}x"
        yield name, text, wrong


QUOTES = ["“%s”", "‘%s’", "„%s“", "«%s»", "« %s »", "»%s«", '"%s"', "‚%s‘", "%s…", "%s™", "(%s)", "– %s –"]


def correct(count, dice):
    texts = [text for _, text in sentences() if text.strip()]
    words = sorted({word for text in texts for word in re.findall(r"\w+", text)})
    code = []
    for folder in ("Sources", "Scripts", "Patterns"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in (".swift", ".py", ".yaml"):
                code += path.read_text(encoding="utf-8").split("\n")
    # Lines that show damage on purpose are no correct text.
    code = [line for line in code if line.strip() and not re.search("Ã|â€|Â.|Ð|æ—", line)]
    capitals = [chr(c) for c in range(0xC0, 0xF5) if chr(c).isalpha()]
    signs = [bytes([b]).decode("cp1252") for b in range(0x80, 0xC0)
             if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)]
    # A letter may stand before these; not before ¢, ½, † and the like.
    signs = [sign for sign in signs if sign in "‚„…‹‘’“”–—™› «®·»ŒœŠšŽžŸƒ§©ª²³¹º"]
    pairs = [(a, b) for a in capitals for b in signs if not (a in "ÂÃ" and b.isalpha())]
    while count:
        kind = dice.randrange(8)
        text = dice.choice(texts)
        if kind == 0:
            text = text.upper()
        elif kind == 1:
            text = dice.choice(QUOTES) % text.rstrip(".")
        elif kind == 2:
            text = dice.choice(code)
        elif kind == 3:
            path = "/".join(dice.choice(words) for _ in range(dice.randrange(1, 4)))
            text = f"https://{dice.choice(words)}.example/{path}?q={dice.choice(words)}"
        elif kind == 4:
            name = " ".join(dice.choice(words).upper() for _ in range(3))
            text = dice.choice(QUOTES) % name
        elif kind == 5:
            # At the end of a word in capitals: CAFÉ”, MENÜ…
            letter, sign = dice.choice(pairs)
            if not letter.isupper() or letter in "ÂÃ":
                continue
            word = "".join(c for c in dice.choice(words).upper() if c.isascii() and c.isalpha())
            if sign.isalpha() or sign in "ª²³¹º§©" or len(word) < 2:
                continue
            text = f"{word}{letter}{sign} {dice.choice(words)}"
        elif kind == 6:
            text = " ".join([text, dice.choice(texts), dice.choice(texts)])
        yield text
        count -= 1


def run(winnow, texts, options):
    records = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    output = subprocess.run(
        [winnow, "--no-built-in", "--ignore", "evidence", "--format", "jsonl",
         "--paragraphs", "keep", "--normalize", options],
        input=records.encode("utf-8", "surrogatepass"), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line)["text"] for line in output.decode().split("\n") if line]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("winnow")
    parser.add_argument("--cases", type=int, default=5000)
    parser.add_argument("--lines", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    dice = random.Random(options.seed)

    cases = list(damaged(options.cases, dice))
    step = "none,mojibake=on"
    got = run(options.winnow, [wrong for _, _, wrong in cases], step)
    tally = collections.Counter()
    missed = []
    for (name, text, _), made in zip(cases, got):
        language, encoding, rounds = name.split()
        for key in (language, encoding, rounds, "all"):
            tally[key, made == text] += 1
        if made != text:
            missed.append((name, text, made))
    for key in sorted({key for key, _ in tally}):
        right, wrong = tally[key, True], tally[key, False]
        print(f"{key:14}{right + wrong:6}{right:6}  {100 * right / (right + wrong):6.2f} %")
    for name, text, made in missed[: options.show]:
        print(f"  {name}\n    {text}\n    {made}")

    lines = list(correct(options.lines, dice))
    changed = [(a, b) for a, b in zip(lines, run(options.winnow, lines, step)) if a != b]
    print(f"correct lines {len(lines)}, changed {len(changed)}")
    for before, after in changed[: options.show]:
        print(f"  {before}\n  {after}")
    if options.check and (tally["all", True] * 100 < 98 * len(cases) or changed):
        sys.exit(1)


if __name__ == "__main__":
    main()
