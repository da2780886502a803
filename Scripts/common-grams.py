#!/usr/bin/env python3
"""Writes Sources/WinnowRules/CommonGrams.swift: the groups of three and four bytes that are common
in the kept lines of Corpus/, so that literals are looked up by their rarest window.

usage: common-grams.py [ROOT]
"""
import collections
import os
import sys

LEAST = 1 / 16000  # of the places of a text
CLASSES = 7  # each twice as common as the next


def texts(root):
    """Kept lines in lower case, by language."""
    corpus = os.path.join(root, "Corpus")
    for language in sorted(os.listdir(corpus)):
        folder = os.path.join(corpus, language)
        if not os.path.isdir(folder) or language == "lines":
            continue
        lines = []
        for name in sorted(os.listdir(folder)):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                lines += [line[2:].strip().lower() for line in file if line.startswith("K\t")]
        yield language, "\n".join(lines).encode("utf-8")


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "..")
    shares = collections.Counter()
    found = list(texts(root))
    weights = {language: 8 if language == "en" else 1 for language, _ in found}
    total = sum(weights.values())
    for language, text in found:
        for width in (3, 4):
            counts = collections.Counter(text[i:i + width] for i in range(len(text) - width + 1))
            for gram, count in counts.items():
                if b"\n" not in gram and count > 2:
                    shares[gram] += weights[language] * count / len(text) / total
    classes = [[] for _ in range(CLASSES)]
    for gram, share in shares.items():
        if share >= LEAST:
            step = 0
            while step < CLASSES - 1 and share < LEAST * 2 ** (CLASSES - 1 - step):
                step += 1
            classes[step].append(gram)
    rows = "\n".join("    " + " ".join(sorted(gram.hex() for gram in grams)) for grams in classes)
    path = os.path.join(root, "Sources", "WinnowRules", "CommonGrams.swift")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'''// Made by Scripts/common-grams.py from the kept lines of Corpus/. Do not edit.
// swift-format-ignore-file

/// Groups of three and four bytes of lower-cased prose, in hexadecimal: on the first line those that
/// start at one place in {round(1 / (LEAST * 2 ** (CLASSES - 1)))} and more often, on each next line those half as common.
enum CommonGrams {{
  static let leastShare = {LEAST}
  static let classes: StaticString = """
{rows}
    """
}}
''')


main()
