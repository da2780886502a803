#!/usr/bin/env python3
"""Checks that the README's before and after are real.

usage: readme.py WINNOW [--write]

The text block after the mark `<!-- before -->` must be Examples/harbour.txt, the one after
`<!-- after -->` what WINNOW makes of it. With --write the blocks are made anew.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main(winnow, write):
    article = ROOT / "Examples" / "harbour.txt"
    clean = subprocess.run([winnow, str(article)], capture_output=True, check=True).stdout
    wanted = {"before": article.read_text("utf-8"), "after": clean.decode("utf-8")}
    path = ROOT / "README.md"
    text = path.read_text("utf-8")
    differing = []
    for name, content in wanted.items():
        block = re.compile(rf"(<!-- {name} -->\n```text\n)(.*?)(```\n)", re.DOTALL)
        found = block.search(text)
        if found is None:
            sys.exit(f"README.md: no text block after <!-- {name} -->; put the mark back")
        if found.group(2) != content:
            differing.append(name)
            text = text[: found.start(2)] + content + text[found.end(2) :]
    if not differing:
        return
    if write:
        path.write_text(text, "utf-8")
    else:
        sys.exit(
            f"README.md: {' and '.join(differing)} is not what the command makes of "
            "Examples/harbour.txt; run `python3 Scripts/readme.py WINNOW --write` and look at it"
        )


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__)
    main(arguments[0], "--write" in arguments)
