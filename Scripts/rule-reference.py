#!/usr/bin/env python3
"""Writes the rule reference of the documentation from the packs, as the built command lists them.

  rule-reference.py WINNOW           writes Sources/Winnow/Winnow.docc/RuleReference.md
  rule-reference.py WINNOW --check   fails when it is not what the packs say
"""
import collections
import json
import pathlib
import subprocess
import sys

PAGE = pathlib.Path(__file__).parent.parent / "Sources/Winnow/Winnow.docc/RuleReference.md"
HEAD = """# Rule reference

The built-in rules, by pack. Made from the packs by `Scripts/rule-reference.py`.

## Overview

`winnow patterns show RULE` shows a rule with its examples. The rules of single sites, used only with `--site`, are not listed.
"""


def escaped(text):
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, "\\" + mark)
    return text


def main():
    command = [sys.argv[1], "patterns", "list", "--json", "--no-config", "--confidence", "low"]
    listed = [json.loads(line) for line in
              subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]
    packs = collections.defaultdict(list)
    for rule in listed:
        packs[rule["name"].rpartition("/")[0]].append(rule)
    page = HEAD
    for pack in sorted(packs):
        page += f"\n### {pack}\n\n"
        for rule in packs[pack]:
            name = rule["name"].rpartition("/")[2]
            page += f"- `{name}` ({rule['kind']}, {rule['confidence']}): {escaped(rule['summary'])}\n"
    if "--check" not in sys.argv:
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        sys.exit(f"{PAGE.name} is not what the packs say: run `make reference`")


if __name__ == "__main__":
    main()
