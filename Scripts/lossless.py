#!/usr/bin/env python3
"""Check on labelled articles that nothing is lost: lossless.py WINNOW FILE-OR-FOLDER

For every document of the .jsonl and .jsonl.gz files ({"id", "lines": [{"t": text, …}]}):
  put back     with typography and paragraphs left alone, what is kept and what --removed names
               are the input, byte for byte
  twice        cleaning the clean text changes nothing more, with the default settings
Exits with 1 when a document fails.
"""
import gzip
import json
import os
import subprocess
import sys
import tempfile


def articles(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def clean(winnow, texts, options, folder):
    """The cleaned texts, in order."""
    source = os.path.join(folder, "in.jsonl")
    with open(source, "w", encoding="utf-8", newline="\n") as file:
        for number, text in enumerate(texts):
            file.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")
    with open(source, "rb") as file:
        run = subprocess.run(
            [winnow, "--format", "jsonl", "--quiet", *options], stdin=file, capture_output=True)
    if run.returncode not in (0, 3):
        sys.exit(f"lossless: winnow ended with {run.returncode}: {run.stderr.decode()[:500]}")
    found = [json.loads(line)["text"] for line in run.stdout.decode().split("\n") if line]
    if len(found) != len(texts):
        sys.exit(f"lossless: {len(texts)} documents went in, {len(found)} came out")
    return found


def put_back(kept, cuts):
    text = kept.encode()
    for cut in cuts:
        text = text[: cut["start"]] + cut["text"].encode() + text[cut["start"] :]
    return text


def check(winnow, path):
    documents = list(articles(path))
    # Labelled lines may hold U+2028 and its like: only LF joins them.
    texts = ["\n".join(line["t"] for line in document["lines"]) for document in documents]
    with tempfile.TemporaryDirectory() as folder:
        removed = os.path.join(folder, "removed.jsonl")
        kept = clean(
            winnow, texts,
            ["--normalize", "none", "--paragraphs", "keep", "--removed", removed], folder)
        cuts = {}
        with open(removed, encoding="utf-8", newline="\n") as file:
            for line in file:
                cut = json.loads(line)
                cuts.setdefault(cut["document"], []).append(cut)
        lost = [
            number for number, text in enumerate(texts)
            if put_back(kept[number], cuts.get(str(number), [])) != text.encode()
        ]
        once = clean(winnow, texts, [], folder)
        twice = clean(winnow, once, [], folder)
        changed = [number for number in range(len(texts)) if once[number] != twice[number]]
    bytes_in = sum(len(text.encode()) for text in texts)
    print(f"{path}: {len(texts)} documents, {bytes_in} bytes: {len(lost)} cannot be put back, "
          f"{len(changed)} change when cleaned twice", flush=True)
    for what, numbers in (("put back", lost), ("twice", changed)):
        for number in numbers[:10]:
            print(f"  {what}: {documents[number].get('id', number)}")
    return not lost and not changed


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    winnow, path = sys.argv[1:]
    paths = [path]
    if os.path.isdir(path):
        names = sorted(os.listdir(path))
        paths = [os.path.join(path, name) for name in names
                 if name.endswith((".jsonl", ".jsonl.gz"))]
    results = [check(winnow, name) for name in paths]
    sys.exit(0 if all(results) and results else 1)


main()
