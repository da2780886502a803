#!/usr/bin/env python3
"""Times winnow beside what people write first, in one run on one text.

usage: bench.py WINNOW [--megabytes N] [--runs N] [--seed N] [--file JSONL] [--json]

The text is made from the seed: articles of English words in no order, with some lines of noise; or
it is the `text` field of a JSON Lines file. It tells how fast a machine goes through it, not how
well noise is told from article. What each contestant does:

  winnow            JSON Lines in and out: all rules, evidence, typography, paragraphs; one thread
  winnow --ungated  the same, every rule tried on every line
  rg -P -v -f       drops the lines that one of the line rules of `winnow patterns export` matches
  Perl, Python      the same in a loop over the lines and the rules
  25 regexes        the script a practitioner writes: JSON Lines in and out, 25 expressions
  wc -l             counts line ends: the floor

Slow ones get a part of the text. Figures are CPU time of user and system, the best of some runs.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

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


def python_rules(path):
    """The exported rules, as far as Python takes them."""
    try:
        import regex as engine
    except ImportError:
        engine = re
    compiled, refused = [], 0
    with open(path, encoding="utf-8") as file:
        for source in file:
            source = source.rstrip("\n")
            if engine is re:
                # `re` has neither \\h nor Unicode properties.
                source = re.sub(r"\\h", r"\\x20", source)
                source = re.sub(r"\\p\{(L|Lu|Ll|N|Nd)\}", r"\\w", source)
            try:
                compiled.append(engine.compile(source))
            except (engine.error, re.error, RecursionError):
                refused += 1
    return engine.__name__, compiled, refused


def run_loop(rules, text):
    name, expressions, refused = python_rules(rules)
    kept = []
    with open(text, encoding="utf-8") as file:
        for line in file:
            line = line.rstrip("\n")
            if not any(expression.search(line) for expression in expressions):
                kept.append(line)
    sys.stdout.write("\n".join(kept))
    print(f"{name}: {len(expressions)} rules, {refused} refused", file=sys.stderr)


def run_25(records):
    expressions = [re.compile(expression, re.IGNORECASE) for expression in EXPRESSIONS]
    with open(records, encoding="utf-8") as file:
        for record in file:
            article = json.loads(record)
            kept = []
            for line in article["text"].split("\n"):
                line = re.sub(r"[ \t\xa0]+", " ", line.strip())
                if not any(expression.search(line) for expression in expressions):
                    kept.append(line)
            article["text"] = "\n".join(kept)
            sys.stdout.write(json.dumps(article, ensure_ascii=False) + "\n")


PERL = r"""
use utf8; use open qw(:std :encoding(UTF-8)); no warnings;
open(my $r, "<:encoding(UTF-8)", $ARGV[0]) or die; my (@rules, $refused);
while (<$r>) { chomp; my $q = eval { qr/$_/ }; if (defined $q) { push @rules, $q } else { $refused++ } }
open(my $t, "<:encoding(UTF-8)", $ARGV[1]) or die;
LINE: while (my $line = <$t>) { chomp $line; for my $q (@rules) { next LINE if $line =~ $q } print "$line\n" }
"""


def measure(command, runs):
    """CPU seconds and peak KiB of the best of some runs."""
    best = None
    for _ in range(runs):
        with open(os.devnull, "wb") as null:
            child = subprocess.Popen(command, stdout=null, stderr=null)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
        seconds = usage.ru_utime + usage.ru_stime
        if best is None or seconds < best[0]:
            best = (seconds, usage.ru_maxrss)
    return best


def head_of(records, size):
    taken, total = [], 0
    for record in records:
        taken.append(record)
        total += len(record.encode("utf-8"))
        if total >= size:
            break
    return taken


def main():
    if sys.argv[1:2] == ["--loop"]:
        return run_loop(sys.argv[2], sys.argv[3])
    if sys.argv[1:2] == ["--25"]:
        return run_25(sys.argv[2])
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("winnow")
    parser.add_argument("--megabytes", type=float, default=40)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if options.file:
        with open(options.file, encoding="utf-8") as file:
            records = [line.rstrip("\n") for line in file if line.strip()]
    else:
        dice = random.Random(options.seed)
        size, records = 0, []
        while size < options.megabytes * 1e6:
            text = article(dice)
            size += len(text.encode("utf-8"))
            records.append(json.dumps({"id": len(records), "text": text}, ensure_ascii=False))
    folder = tempfile.mkdtemp()
    try:
        rows = contest(options, records, folder)
    finally:
        shutil.rmtree(folder)
    ours = rows[0][1]
    if options.json:
        print(json.dumps({name: {"mb_per_s": rate, "peak_mib": peak} for name, rate, peak in rows}))
        return
    source = options.file or f"generated, seed {options.seed}"
    print(f"{len(records)} articles, {source}; CPU time, best of {options.runs}\n")
    print(f"{'':<28} {'MB/s':>9} {'winnow is':>12} {'peak MiB':>9}")
    for name, rate, peak in rows:
        ratio = ours / rate
        says = f"{ratio:.1f} x" if ratio >= 1 else f"1/{1 / ratio:.0f}"
        print(f"{name:<28} {rate:9.2f} {says:>12} {peak:9.0f}")


def rg_pipeline(rules, folder, empty):
    """The rules in as few files as PCRE2's limit on one expression allows, one rg behind the other."""
    parts, queue = [], [rules]
    while queue:
        part = queue.pop(0)
        path = os.path.join(folder, f"rules.{len(parts)}")
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(part) + "\n")
        check = subprocess.run(["rg", "--no-config", "-P", "-v", "-f", path, empty],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if check.returncode < 2:
            parts.append(path)
        elif len(part) > 1:
            queue[:0] = [part[:len(part) // 2], part[len(part) // 2:]]
    filters = [f"rg --no-config -P -v -f {path}" for path in parts]
    return " | ".join([filters[0] + ' "$0"'] + filters[1:]), len(parts)


def contest(options, records, folder):
    def path(name):
        return os.path.join(folder, name)

    def write(name, lines):
        with open(path(name), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return path(name), os.path.getsize(path(name))

    full, full_size = write("full.jsonl", records)
    some = head_of(records, 4e6)
    part, part_size = write("part.jsonl", some)
    few = head_of(records, 1.5e5)
    slow, slow_size = write("slow.jsonl", few)
    lines, lines_size = write("slow.txt", [json.loads(record)["text"] for record in few])
    empty = path("empty.txt")
    open(empty, "w").close()
    with open(path("rules"), "wb") as file:
        subprocess.run([options.winnow, "patterns", "export"], stdout=file, check=True,
                       stderr=subprocess.DEVNULL)
    if shutil.which("rg"):
        with open(path("rules"), encoding="utf-8") as file:
            rg, parts = rg_pipeline(file.read().splitlines(), folder, empty)
    winnow = [options.winnow, "--format", "jsonl", "--jobs", "1"]
    contestants = [
        ("winnow", winnow + [full], full_size),
        ("winnow --ungated", winnow + ["--ungated", slow], slow_size),
        (f"rg -P -v -f, {parts} in a row" if shutil.which("rg") else "rg",
         ["sh", "-c", rg, lines] if shutil.which("rg") else ["rg"], lines_size),
        ("Perl, exported rules", ["perl", "-e", PERL, path("rules"), lines], lines_size),
        ("Python, exported rules",
         [sys.executable, __file__, "--loop", path("rules"), lines], lines_size),
        ("Python, 25 regexes", [sys.executable, __file__, "--25", part], part_size),
        ("wc -l", ["wc", "-l", full], full_size),
    ]
    rows = []
    for name, command, size in contestants:
        if shutil.which(command[0]) is None:
            continue
        seconds, peak = measure(command, options.runs)
        if command[-1] == lines:
            # What reading and compiling the rules costs is no part of the rate.
            seconds -= measure(command[:-1] + [empty], 1)[0]
        rows.append((name, size / 1e6 / max(seconds, 1e-4), peak / 1024))
    return rows


if __name__ == "__main__":
    main()
