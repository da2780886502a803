#!/usr/bin/env python3
"""Fits the weights of Patterns/evidence.tsv on labelled articles.

  fit-evidence.py WINNOW FOLDER [--out Patterns/evidence.tsv]

WINNOW is the built command, FOLDER holds labelled JSON Lines (wild.jsonl, train.jsonl.gz,
html.jsonl.gz: {"id", "publisher" or "domain", "lines": [{"t", "l"}]}).

The articles of Corpus/ are used, too, and the blocks of Corpus/lines, put into the kept text of the
labelled articles. The facts and words of each line come from `winnow evidence`, so that fitting
sees what cleaning sees. Rules know the publishers here better than those to come, so the texts are
also seen with half of the rules, the other half, and none: what a rule takes must count as noise
where it is missing. A first model weighs each line by itself (its words share one vote: their sum
is divided by the square root of their number), a second one adds what the neighbours weigh. All
figures printed are of lines of publishers that the weights in question were not fitted on (five
folds over publishers): "seen" with all rules, "unseen" with half of them, which is what a new
publisher meets. Needs: pip install scikit-learn
"""
import argparse, collections, glob, gzip, json, os, random, subprocess, sys, tempfile
import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

NOISE = set("PSRACX")
CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Corpus")
SETS = [("wild.jsonl", 1.0, 1.0), ("train.jsonl.gz", 1.0, 1.0), ("html.jsonl.gz", 0.35, 0.2), (CORPUS, 2.5, 0.5)]
BANK = os.path.join(CORPUS, "lines")
# How much a unit of each kind counts for the penalty on large weights.
FACT, WORD, SIGNAL = 0.3, 2.0, 0.7
STEPS = [-6, -4, -2, 0, 2, 4]
SCORES = ["none", "kept", "removed", "<-6", "<-4", "<-2", "<0", "<2", "<4", ">4"]


def load_corpus(folder):
    """The articles of Corpus/, as documents like the others."""
    documents = []
    for base, _, files in sorted(os.walk(folder)):
        for name in sorted(files):
            if not name.endswith(".txt"):
                continue
            path, lines = os.path.join(base, name), []
            for line in open(path, encoding="utf-8").read().split("\n"):
                if line.startswith("# ") and not lines:
                    continue
                label, _, text = line.partition("\t")
                if line or lines:
                    lines.append({"l": label if line else "N", "t": text.replace("⟦", "").replace("⟧", "")})
            documents.append({"id": path, "publisher": path, "lines": lines})
    return documents


def load(path):
    if os.path.isdir(path):
        return load_corpus(path)
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def load_bank(folder):
    """The blocks of Corpus/lines: by language, (place, [{"l": label, "t": text}])."""
    blocks = collections.defaultdict(list)
    for path in sorted(glob.glob(os.path.join(folder, "*.tsv"))):
        for part in open(path, encoding="utf-8").read().split("\n\n"):
            rows = [r for r in part.split("\n") if r and not r.startswith("#")]
            if len(rows) > 1 and rows[0].startswith("@"):
                lines = [dict(zip("lt", r.split("\t", 1))) for r in rows[1:] if "\t" in r]
                blocks[os.path.basename(path)[:-4]].append((rows[0][1:].strip(), lines))
    return blocks


def with_bank(folder, bases, copies=4):
    """Articles of which only the kept text is left, with blocks of the bank put in."""
    draw, documents, by_language = random.Random(3), [], collections.defaultdict(list)
    for d in bases: by_language[d.get("lang")].append(d)
    for language, blocks in sorted(load_bank(folder).items()):
        queue = [b for b in blocks for _ in range(copies)]
        draw.shuffle(queue)
        pool = by_language[language] if len(by_language[language]) >= 10 else by_language["en"] + by_language[language]
        while queue and pool:
            taken = [queue.pop() for _ in range(min(len(queue), draw.choice([1, 2, 2, 3, 3, 4])))]
            base = draw.choice(pool)
            text = [l for l in base["lines"] if l["l"] == "K" and l["t"].strip()][:60]
            for place, lines in taken:
                if place == "body":
                    at = draw.randrange(1, max(2, len(text)))
                    text[at:at] = lines
            title = text[:1] if draw.random() < 0.6 else []
            head = [l for place, lines in taken if place == "head" for l in lines]
            tail = [l for place, lines in taken if place == "tail" for l in lines]
            documents.append({"id": f"{language}{len(documents)}", "publisher": base.get("publisher"),
                              "bank": "bank " + language, "lines": title + head + text[len(title):] + tail})
    return documents


def views(winnow):
    """Rules to leave out, one list a view; the first is the view that is scored."""
    rows = [l.split("\t") for l in subprocess.run([winnow, "patterns", "list"], check=True,
            stdout=subprocess.PIPE).stdout.decode("utf-8").splitlines()]
    rules = [r[0] for r in rows if r[1] != "signal"]
    half = set(np.random.RandomState(5).permutation(rules)[:len(rules) // 2])
    return [[], sorted(half), sorted(set(rules) - half), rules]


def seen(winnow, documents, left_out):
    """What `winnow evidence` sees of the documents without some rules."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for d in documents:
            text = "\n".join(l["t"] for l in d["lines"])
            file.write(json.dumps({"id": d["id"], "text": text}, ensure_ascii=False) + "\n")
        file.flush()
        ignore = [w for rule in left_out for w in ("--ignore", rule)]
        out = subprocess.run([winnow, "evidence", file.name, *ignore], check=True, stdout=subprocess.PIPE)
    return [json.loads(line) for line in out.stdout.decode("utf-8").splitlines()]


def read(winnow, folder):
    """-> views of documents: (set, view, publisher, source of words, weights, [(label, removed, open, facts, words)])"""
    documents, bases, all_views = [], [], views(winnow)

    def add(name, gold, view, kept_weight, noise_weight):
        for d, found in zip(gold, seen(winnow, gold, all_views[view])):
            assert found["id"] == d["id"]
            group = d.get("publisher") or d.get("domain") or d["id"]
            lines = [(d["lines"][l["line"]]["l"], l["removed"], l["open"], l["facts"], l["words"])
                     for l in found["lines"]]
            naive = "-naive" if (d.get("extractor") or "").startswith("bs4") else ""
            share = 1.0 if view == 0 else 0.4
            documents.append((name + naive, view, group, d.get("bank", group), kept_weight * share,
                              noise_weight * share, lines))

    for name, kept_weight, noise_weight in SETS:
        path = os.path.join(folder, name)
        if not os.path.exists(path): continue
        gold = load(path)
        if name in ("wild.jsonl", "train.jsonl.gz"): bases += gold
        for view in range(len(all_views)):
            if view == 0 or not name.startswith("html"):
                add("corpus" if name == CORPUS else name, gold, view, kept_weight, noise_weight)
    filled = with_bank(BANK, bases)
    for view in range(len(all_views)):
        add("bank", filled[view::len(all_views)], view, 1.0, 0.5)
    return documents


def vocabulary(documents, least):
    groups = collections.defaultdict(set)
    for *_, source, _, _, lines in documents:
        for _, _, is_open, facts, words in lines:
            if is_open:
                for token in facts + words:
                    groups[token].add(source)
    names = sorted(t for t, g in groups.items() if len(g) >= least)
    return {t: i for i, t in enumerate(names)}


def kind(token):
    """What a token is: a fact, a word or a signal, and how much one of it counts."""
    return ("signal", SIGNAL) if token.startswith("s:") else ("word", WORD) if token[1:2] == ":" else ("fact", FACT)


def matrix(rows, index):
    """One row a line; `rows` are lists of tokens."""
    indptr, indices, data = [0], [], []
    for tokens in rows:
        words = sum(kind(t)[0] == "word" for t in tokens)
        for i, t in sorted({(index[t], t) for t in tokens if t in index}):
            name, size = kind(t)
            indices.append(i); data.append(size / words ** 0.5 if name == "word" else size)
        indptr.append(len(indices))
    return csr_matrix((np.array(data, dtype=np.float32), indices, indptr), shape=(len(rows), len(index)))


def fit(x, y, w, c):
    model = LogisticRegression(C=c, max_iter=400, solver="liblinear", fit_intercept=False)
    model.fit(x, y, sample_weight=w)
    return model.coef_[0]


def step(score):
    return 3 + sum(score >= s for s in STEPS)


def neighbours(documents, scores):
    """The second model's facts of each open line; `scores` by (document, line)."""
    rows = []
    for d, (*_, lines) in enumerate(documents):
        def at(i):
            if i < 0 or i >= len(lines): return 0
            if lines[i][1]: return 2
            s = scores.get((d, i))
            return 1 if s is None else step(s)
        for i, line in enumerate(lines):
            if line[2]:
                a, b, a2, b2 = at(i - 1), at(i + 1), at(i - 2), at(i + 2)
                a, b, a2, b2 = SCORES[a], SCORES[b], SCORES[a2], SCORES[b2]
                rows.append(["own", f"scoreAbove={a},next", f"scoreBelow={b},next", f"scoresAround={a},{b}",
                             f"scoreAbove={a2},second", f"scoreBelow={b2},second"])
    return rows


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("winnow"); p.add_argument("folder"); p.add_argument("--out")
    p.add_argument("--folds", type=int, default=5)
    p.add_argument("--c", type=float, default=3.0); p.add_argument("--least", type=int, default=3)
    p.add_argument("--lost", default="0.0002,0.002,0.006", help="share of kept lines that evidence may cost at high, medium, low")
    a = p.parse_args()
    documents = read(a.winnow, a.folder)
    index = vocabulary(documents, a.least)
    rows, y, w, places, groups, sets = [], [], [], [], [], []
    for d, (name, view, group, _, kw, nw, lines) in enumerate(documents):
        for i, (label, removed, is_open, facts, words) in enumerate(lines):
            if is_open:
                rows.append(facts + words); places.append((d, i)); groups.append(group)
                sets.append(f"{name} {view}")
                y.append(-1 if label == "N" else int(label in NOISE)); w.append(nw if label in NOISE else kw)
    x = matrix(rows, index); y = np.array(y); w = np.array(w); sets = np.array(sets)
    names = sorted(set(groups)); np.random.RandomState(7).shuffle(names)
    fold_of = {g: k % a.folds for k, g in enumerate(names)}
    fold = np.array([fold_of[g] for g in groups])
    scored = y >= 0
    print(f"{len(documents)} views of documents, {len(names)} publishers, {scored.sum()} open lines, {len(index)} facts and words", file=sys.stderr)
    first = np.zeros(len(y))
    for k in range(a.folds):
        t = scored & (fold != k)
        first[fold == k] = x[fold == k] @ fit(x[t], y[t], w[t], a.c)
    context = neighbours(documents, dict(zip(places, first)))
    names2 = sorted({t for r in context for t in r}); index2 = {t: i for i, t in enumerate(names2)}
    # The second model's facts all count alike.
    x2 = matrix(context, index2) / FACT
    x2 = hstack([csr_matrix(first.reshape(-1, 1)), x2]).tocsr()
    second = np.zeros(len(y))
    for k in range(a.folds):
        t = scored & (fold != k)
        second[fold == k] = x2[fold == k] @ fit(x2[t], y[t], w[t], 1.0)
    # What the whole reaches: rules and evidence together.
    def totals(names, seen_by):
        kept = noise = rules_kept = rules_noise = 0
        for name, view, *_, lines in documents:
            if name in names and view in seen_by:
                for label, removed, *_ in lines:
                    if label in NOISE: noise += 1; rules_noise += removed
                    elif label == "K": kept += 1; rules_kept += removed
        return kept, noise, rules_kept, rules_noise

    def those(names, seen_by):
        return scored & np.isin(sets, [f"{n} {v}" for n in names for v in seen_by])

    own, thresholds = ["wild.jsonl", "train.jsonl.gz"], []
    # A budget of kept lines is spent on publishers as new ones come: with half of the rules.
    mask = those(own, (1, 2))
    kept = totals(own, (1, 2))[0]
    order = np.argsort(-second[mask]); ys = y[mask][order]; ss = second[mask][order]
    wrong = np.cumsum(ys == 0)
    for share in map(float, a.lost.split(",")):
        n = int(np.searchsorted(wrong, share * kept, side="right"))
        thresholds.append(float(ss[min(n, len(ss) - 1)]) + 1e-3)
    shown = [(own, (0,), "seen"), (own, (1, 2), "unseen"), (["wild.jsonl"], (0,), "seen"),
             (["train.jsonl.gz"], (0,), "seen"), (["html.jsonl.gz"], (0,), "seen"),
             (["html.jsonl.gz-naive"], (0,), "seen"), (["corpus"], (0,), "seen")]
    for which, seen_by, title in shown:
        if not any(n in which for n, *_ in documents): continue
        kept, noise, rk, rn = totals(which, seen_by); m = those(which, seen_by)
        for level, t in zip(("high", "medium", "low"), thresholds):
            g = m & (second >= t)
            gone, lost = rn + int((y[g] == 1).sum()), rk + int((y[g] == 0).sum())
            print(f"{'+'.join(which):<26} {title:<6} {level:<6} threshold {t:6.2f}  noise removed {100*gone/noise:6.2f} % (rules {100*rn/noise:5.2f})  lost {100*lost/kept:6.3f} % (rules {100*rk/kept:5.3f})", file=sys.stderr)
    if a.out:
        final = fit(x[scored], y[scored], w[scored], a.c)
        # The second model saw scores of lines that the first one had not; it stays as it is.
        final2 = fit(x2[scored], y[scored], w[scored], 1.0)
        with open(a.out, "w", encoding="utf-8") as f:
            f.write("# The weights of the evidence model, made by Scripts/fit-evidence.py. A line goes when the sum of\n"
                    "# its weights passes the threshold; words share one vote (their sum over the root of their number). fact: see Sources/Winnow/Filter/Facts.swift; word: w: a word,\n"
                    "# b: two words, f: the first, l: the last; signal: a rule that only adds evidence.\n")
            for level, t in zip(("high", "medium", "low"), thresholds): f.write(f"threshold\t{level}\t{t:.3f}\n")
            f.write(f"share\town\t{final2[0]:.4f}\n")
            # A paragraph weighs more than a label when it is lost.
            f.write("margin\tprose\t1.5\n")
            for n, v in zip(names2, final2[1:]):
                if abs(v) >= 0.005: f.write(f"fact\t{n}\t{v:.3f}\n")
            for n, i in sorted(index.items()):
                what, size = kind(n)
                weight = final[i] * size
                if abs(weight) < (0.08 if what == "word" else 0.03): continue
                f.write(f"{what}\t{n[2:] if what == 'signal' else n}\t{weight:.3f}\n")


main()
