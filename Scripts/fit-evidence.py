#!/usr/bin/env python3
"""Fits the weights of Patterns/evidence.tsv on labelled articles.

  fit-evidence.py WINNOW FOLDER [--out Patterns/evidence.tsv]

WINNOW is the built command, FOLDER holds labelled JSON Lines (wild.jsonl, train.jsonl.gz,
html.jsonl.gz: {"id", "publisher" or "domain", "lines": [{"t", "l"}]}).

The articles of Corpus/ are used, too. The facts and words of each line come from `winnow evidence`, so that fitting sees what cleaning
sees. Rules know the publishers here better than those to come, so the texts are also seen with half
of the rules, the other half, and none: what a rule takes must count as noise where it is missing. A first model weighs each line by itself, a second one adds what the neighbours weigh. All
figures printed are of lines of publishers that the weights in question were not fitted on (five
folds over publishers). Needs: pip install scikit-learn
"""
import argparse, collections, gzip, json, os, subprocess, sys, tempfile
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

NOISE = set("PSRACX")
CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Corpus")
SETS = [("wild.jsonl", 1.0, 1.0), ("train.jsonl.gz", 1.0, 1.0), ("html.jsonl.gz", 0.35, 0.2), (CORPUS, 1.0, 0.5)]
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


def views(winnow):
    """Rules to leave out, one list a view; the first is the view that is scored."""
    rows = [l.split("\t") for l in subprocess.run([winnow, "patterns", "list"], check=True,
            stdout=subprocess.PIPE).stdout.decode("utf-8").splitlines()]
    rules = [r[0] for r in rows if r[1] != "signal"]
    half = set(np.random.RandomState(5).permutation(rules)[:len(rules) // 2])
    return [[], sorted(half), sorted(set(rules) - half), rules]


def read(winnow, folder):
    """-> documents: (set, publisher, weights, [(label, removed, open, facts, words)], view)"""
    documents = []
    for name, kept_weight, noise_weight in SETS:
        path = os.path.join(folder, name)
        name = "corpus" if name == CORPUS else name
        if not os.path.exists(path):
            continue
        gold = load(path)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            for d in gold:
                text = "\n".join(l["t"] for l in d["lines"])
                file.write(json.dumps({"id": d["id"], "text": text}, ensure_ascii=False) + "\n")
            file.flush()
            for view, left_out in enumerate(views(winnow)):
                if view in (1, 2) and name.startswith("html"):
                    continue
                ignore = [w for rule in left_out for w in ("--ignore", rule)]
                out = subprocess.run([winnow, "evidence", file.name, *ignore], check=True, stdout=subprocess.PIPE)
                for d, line in zip(gold, out.stdout.decode("utf-8").splitlines()):
                    seen = json.loads(line)
                    assert seen["id"] == d["id"]
                    group = d.get("publisher") or d.get("domain") or d["id"]
                    lines = [(d["lines"][l["line"]]["l"], l["removed"], l["open"], l["facts"], l["words"])
                             for l in seen["lines"]]
                    naive = "-naive" if (d.get("extractor") or "").startswith("bs4") else ""
                    share = 1.0 if view == 0 else 0.4
                    documents.append((name + naive if view == 0 else "", group, kept_weight * share,
                                      noise_weight * share, lines))
    return documents


def vocabulary(documents, least):
    groups = collections.defaultdict(set)
    for _, group, _, _, lines in documents:
        for _, _, is_open, facts, words in lines:
            if is_open:
                for token in facts + words:
                    groups[token].add(group)
    names = sorted(t for t, g in groups.items() if len(g) >= least)
    return {t: i for i, t in enumerate(names)}


def matrix(rows, index):
    indptr, indices = [0], []
    for tokens in rows:
        indices.extend(sorted({index[t] for t in tokens if t in index}))
        indptr.append(len(indices))
    return csr_matrix((np.ones(len(indices), dtype=np.float32), indices, indptr),
                      shape=(len(rows), len(index)))


def fit(x, y, w, c):
    model = LogisticRegression(C=c, max_iter=400, solver="liblinear", fit_intercept=False)
    model.fit(x, y, sample_weight=w)
    return model.coef_[0]


def step(score):
    return 3 + sum(score >= s for s in STEPS)


def neighbours(documents, scores):
    """The second model's facts of each open line; `scores` by (document, line)."""
    rows = []
    for d, (_, _, _, _, lines) in enumerate(documents):
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
    p.add_argument("--c", type=float, default=0.3); p.add_argument("--least", type=int, default=3)
    p.add_argument("--lost", default="0.0001,0.001,0.003", help="share of kept lines that evidence may cost at high, medium, low")
    a = p.parse_args()
    documents = read(a.winnow, a.folder)
    index = vocabulary(documents, a.least)
    rows, y, w, places, groups, sets = [], [], [], [], [], []
    for d, (name, group, kw, nw, lines) in enumerate(documents):
        for i, (label, removed, is_open, facts, words) in enumerate(lines):
            if is_open:
                rows.append(facts + words); places.append((d, i)); groups.append(group); sets.append(name)
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
    x2 = matrix(context, index2)
    from scipy.sparse import hstack
    x2 = hstack([csr_matrix(first.reshape(-1, 1)), x2]).tocsr()
    second = np.zeros(len(y))
    for k in range(a.folds):
        t = scored & (fold != k)
        second[fold == k] = x2[fold == k] @ fit(x2[t], y[t], w[t], 1.0)
    # What the whole reaches: rules and evidence together.
    def totals(which):
        kept = noise = rules_kept = rules_noise = 0
        for name, _, _, _, lines in documents:
            if name in which:
                for label, removed, *_ in lines:
                    if label in NOISE: noise += 1; rules_noise += removed
                    elif label == "K": kept += 1; rules_kept += removed
        return kept, noise, rules_kept, rules_noise
    own = ["wild.jsonl", "train.jsonl.gz"]
    thresholds = []
    mask = scored & np.isin(sets, own)
    kept, noise, rk, rn = totals(own)
    order = np.argsort(-second[mask]); ys = y[mask][order]; ss = second[mask][order]
    wrong = np.cumsum(ys == 0)
    for share in map(float, a.lost.split(",")):
        budget = share * kept
        n = int(np.searchsorted(wrong, budget, side="right"))
        thresholds.append(float(ss[min(n, len(ss) - 1)]) + 1e-3)
    for which in (own, ["wild.jsonl"], ["train.jsonl.gz"], ["html.jsonl.gz"], ["html.jsonl.gz-naive"], ["corpus"]):
        if not any(n in which for n, *_ in documents): continue
        kept, noise, rk, rn = totals(which); m = scored & np.isin(sets, which)
        for level, t in zip(("high", "medium", "low"), thresholds):
            g = m & (second >= t)
            gone, lost = rn + int((y[g] == 1).sum()), rk + int((y[g] == 0).sum())
            print(f"{'+'.join(which):<28} {level:<7} threshold {t:6.2f}  noise removed {100*gone/noise:6.2f} % (rules {100*rn/noise:5.2f})  lost {100*lost/kept:6.3f} % (rules {100*rk/kept:5.3f})", file=sys.stderr)
    if a.out:
        final = fit(x[scored], y[scored], w[scored], a.c)
        # The second model saw scores of lines that the first one had not; it stays as it is.
        final2 = fit(x2[scored], y[scored], w[scored], 1.0)
        with open(a.out, "w", encoding="utf-8") as f:
            f.write("# The weights of the evidence model, made by Scripts/fit-evidence.py. A line goes when the sum of\n"
                    "# its weights passes the threshold. fact: see Sources/Winnow/Filter/Facts.swift; word: w: a word,\n"
                    "# b: two words, f: the first, l: the last; signal: a rule that only adds evidence.\n")
            for level, t in zip(("high", "medium", "low"), thresholds): f.write(f"threshold\t{level}\t{t:.3f}\n")
            f.write(f"share\town\t{final2[0]:.4f}\n")
            # A paragraph weighs more than a label when it is lost.
            f.write("margin\tprose\t1.5\n")
            for n, v in zip(names2, final2[1:]):
                if abs(v) >= 0.005: f.write(f"fact\t{n}\t{v:.3f}\n")
            for n, i in sorted(index.items()):
                if abs(final[i]) < 0.03: continue
                kind, name = ("signal", n[2:]) if n.startswith("s:") else ("word", n) if n[1:2] == ":" else ("fact", n)
                f.write(f"{kind}\t{name}\t{final[i]:.3f}\n")


main()
