#!/usr/bin/env python3
"""Writes the table of figures in Corpus/README.md anew: sets, classes, languages, extractors.

  score-table.py WINNOW FOLDER [--print]

WINNOW is the built command, FOLDER holds score.py and the labelled sets (wild, check, train,
html). All figures are of the default level unless a row says otherwise. Needs what score.py needs.
"""
import argparse, json, os, re, subprocess, sys, tempfile

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Corpus", "README.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
GOOD = "extractor=trafilatura-recall,readability-lxml,newspaper4k"
NAIVE = "extractor=bs4-article,bs4-body,bs4-main"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("winnow"); p.add_argument("folder"); p.add_argument("--print", action="store_true")
    a = p.parse_args()
    score, work = os.path.join(a.folder, "score.py"), tempfile.mkdtemp()

    def run(*words, **how): return subprocess.run(words, check=True, stdout=subprocess.PIPE, **how).stdout

    def path(name):
        found = [f for f in (f"{name}.jsonl", f"{name}.jsonl.gz") if os.path.exists(os.path.join(a.folder, f))]
        if not found: sys.exit(f"score-table: no {name}.jsonl or {name}.jsonl.gz in {a.folder}")
        return os.path.join(a.folder, found[0])

    def clean(name, level):
        out = os.path.join(work, f"{name}.{level}.jsonl")
        if not os.path.exists(out):
            text = run(sys.executable, score, "input", path(name))
            with open(out, "wb") as file:
                # Exit 3 names documents that stay unchanged; they count like the others.
                subprocess.run([a.winnow, "--no-config", "--format", "jsonl", "--quiet", "--confidence", level],
                               input=text, stdout=file, stderr=subprocess.DEVNULL)
        return out

    def totals(name, level="medium", where=None):
        return json.loads(run(sys.executable, score, "score", path(name), clean(name, level), "--json",
                              *(["--where", where] if where else [])))

    def by(name, key):
        return run(sys.executable, score, "score", path(name), clean(name, "medium"), "--by", key).decode().splitlines()

    rows = ["| set | articles | noise removed % | content lost % | F1 | words of noise % | words lost % | perfect % |",
            "|---|---|---|---|---|---|---|---|"]
    for title, name, level, where in (
            ("wild", "wild", "medium", None), ("wild, `--confidence high`", "wild", "high", None),
            ("wild, `--confidence low`", "wild", "low", None), ("check (never read)", "check", "medium", None),
            ("check, `--confidence high`", "check", "high", None), ("check, `--confidence low`", "check", "low", None),
            ("train", "train", "medium", None), ("html, good extractors", "html", "medium", GOOD),
            ("html, naive extractors", "html", "medium", NAIVE)):
        t = totals(name, level, where)
        rows.append(f"| {title} | {t['docs']} | {100*t['recall']:.1f} | {100*t['lost']:.3f} | {100*t['f1']:.1f} | "
                    f"{100*t['wn_gone']/t['wn']:.1f} | {100*t['wk_gone']/t['wk']:.3f} | {100*t['perfect_share']:.1f} |")
    rows += ["", "| class | " + " | ".join(n for n in ("wild", "check", "train")) + " |", "|---|---|---|---|"]
    classes = {}
    for name in ("wild", "check", "train"):
        for line in by(name, "label"):
            found = re.match(r"\s+([PSRAC]): (\d+)/(\d+)", line)
            if found: classes.setdefault(found[1], {})[name] = f"{100*int(found[2])/int(found[3]):.1f} % of {found[3]}"
    titles = dict(P="promo", S="signup", R="related", A="attribution", C="chrome")
    for label in "PSRAC":
        rows.append(f"| {titles[label]} | " + " | ".join(classes.get(label, {}).get(n, "–") for n in ("wild", "check", "train")) + " |")
    for name, key, title in (("wild", "lang", "language (wild)"), ("train", "lang", "language (train)"), ("html", "extractor", "extractor (html)")):
        rows += ["", f"| {title} | articles | noise removed % | content lost % | F1 |", "|---|---|---|---|---|"]
        for line in by(name, key)[2:]:
            words = line.split()
            if len(words) >= 7: rows.append(f"| {words[0]} | {words[1]} | {words[2].replace('nan', '–')} | {words[3]} | {words[5].replace('nan', '–')} |")
    table = "\n".join(rows)
    if a.print:
        print(table)
        return
    text = open(README, encoding="utf-8").read()
    before, rest = text.split(BEGIN, 1)
    open(README, "w", encoding="utf-8").write(before + BEGIN + "\n" + table + "\n" + END + rest.split(END, 1)[1])


main()
