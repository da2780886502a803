#!/usr/bin/env python3
"""Times winnow against the loop that people write first: a list of regexes tried on every line.

usage: bench.py WINNOW [--megabytes N] [--runs N] [--seed N]

The text is generated from the seed: articles of English words in no order, with some lines of
noise. It tells how fast a machine goes through it, not how well noise is told from article. The
two do different work: winnow reads and writes JSON Lines, tries all its rules, repairs typography
and sets paragraphs; the loop has the few expressions below and only drops lines.
"""
import argparse
import json
import os
import random
import re
import subprocess
import tempfile
import time

EXPRESSIONS = [
    r"^by [A-Z][\w'-]+ [A-Z][\w'-]+$",
    r"^(published|updated|posted)\b.{0,40}\d{4}",
    r"^read (more|next|also)\b",
    r"^(related|recommended|most read|trending)( articles| stories)?:?$",
    r"^sign up (for|to)\b.*(newsletter|inbox)",
    r"^subscribe\b.*(newsletter|channel|today|now)",
    r"\bget the latest\b.*\binbox\b",
    r"^(facebook|twitter|whatsapp|linkedin|email|print|copy link)$",
    r"^share (this|on|via)\b",
    r"^(advertisement|sponsored|ad)$",
    r"^(photo|image|picture|photograph)( credit| by)?:",
    r"\(photo: [^)]{1,60}\)$",
    r"^©.*\d{4}",
    r"\ball rights reserved\b",
    r"^(log|sign) in\b.*\b(account|continue)\b",
    r"^already (a subscriber|have an account)",
    r"\bthis site uses cookies\b",
    r"^click here\b",
    r"^follow us on\b",
    r"^download (the|our) app\b",
    r"^\d+ (min|minute)s? read$",
    r"^\d+ comments?$",
    r"^(leave a comment|comments are closed)",
    r"^(skip to content|back to top|menu|search)$",
    r"^tags?:",
]

NOISE = [
    "By Nora Quill",
    "Published 14 March 2024",
    "READ MORE: {headline}",
    "Related articles",
    "Sign up for our newsletter to get the latest news in your inbox",
    "Facebook",
    "WhatsApp",
    "Share this article",
    "Advertisement",
    "Photo: Ines Barrow",
    "© 2024 The Courier. All rights reserved.",
    "4 min read",
    "12 comments",
    "Follow us on Twitter",
    "Tags: harbour, ships",
]

WORDS = """
the the the the of of of and and and to to to in in in a a a that was for on is with as at by from
it he she they had has have been were would could not but or who which when after before over into
about more than most some other first last two three new old long short small large high low early
late year years week month day night morning town city county village street bridge river harbour
road school hospital market field church court council office station house garden wall roof window
people man woman children family owner driver teacher doctor farmer captain judge mayor officer
police company workers union government minister party vote election report plan budget cost price
money million per cent water fire wind rain snow storm flood weather winter summer ship boat train
bus car bridge engine factory power light heat food bread fish corn apple music book film game team
match season player goal history science study research result evidence question answer reason
problem change growth loss rise fall open close build repair move carry hold keep leave find make
take give show tell ask call hear see know think believe expect hope fear agree refuse promise
begin end start stop continue return wait stand sit walk run work sleep speak write read learn
nearly almost already still again never always often only even both each every between against
during under across along behind beyond without through because although while until since said
""".split()


def words(dice, count):
    return dice.choices(WORDS, k=count)


def sentence(dice):
    text = words(dice, dice.randint(8, 22))
    if dice.random() < 0.2:
        text[len(text) // 2] = "“" + text[len(text) // 2] + "”"
    return " ".join(text).capitalize() + "."


def article(dice):
    lines = [" ".join(words(dice, 6)).capitalize()]
    for _ in range(dice.randint(8, 30)):
        if dice.random() < 0.25:
            lines.append(dice.choice(NOISE).format(headline=" ".join(words(dice, 6)).capitalize()))
        else:
            lines.append(" ".join(sentence(dice) for _ in range(dice.randint(1, 4))))
    return "\n".join(lines)


def loop(lines, expressions):
    kept = dropped = 0
    for record in lines:
        for line in json.loads(record)["text"].split("\n"):
            if any(expression.search(line) for expression in expressions):
                dropped += 1
            else:
                kept += 1
    return kept, dropped


def best(runs, work):
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("winnow")
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    dice = random.Random(options.seed)
    size, records = 0, []
    while size < options.megabytes * 1e6:
        text = article(dice)
        size += len(text.encode("utf-8"))
        records.append(json.dumps({"id": len(records), "text": text}, ensure_ascii=False))

    def row(name, seconds):
        print(f"{name:<34} {size / 1e6 / seconds:8.1f} MB/s  {seconds:7.2f} s")

    print(f"{len(records)} articles, {size / 1e6:.1f} MB of text, seed {options.seed},"
          f" best of {options.runs}")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "articles.jsonl")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(records) + "\n")

        def winnow(*flags):
            subprocess.run([options.winnow, *flags, path], stdout=subprocess.DEVNULL, check=True)

        row("winnow", best(options.runs, winnow))
        row("winnow --language en", best(options.runs, lambda: winnow("--language", "en")))
    expressions = [re.compile(expression, re.IGNORECASE) for expression in EXPRESSIONS]
    row(
        f"Python re, {len(expressions)} expressions",
        best(options.runs, lambda: loop(records, expressions)),
    )


if __name__ == "__main__":
    main()
