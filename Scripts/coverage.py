#!/usr/bin/env python3
"""Print the share of lines that tests reach, by file of the library: coverage.py CODECOV.json [LEAST]

Exits with 1 when less than LEAST percent (default 90) of the library's lines are reached.
"""
import json
import sys

LIBRARY = ("Sources/PCRE2/", "Sources/WinnowRules/", "Sources/Winnow/", "Sources/WinnowPacks/")


def main():
    with open(sys.argv[1].strip().splitlines()[-1], encoding="utf-8") as file:
        files = json.load(file)["data"][0]["files"]
    least = float(sys.argv[2]) if len(sys.argv) > 2 else 90.0
    reached = total = 0
    for entry in sorted(files, key=lambda entry: entry["filename"]):
        path = entry["filename"]
        at = path.rfind("/Sources/")
        if at < 0 or "/checkouts/" in path:
            continue
        lines = entry["summary"]["lines"]
        short = path[at + 1 :]
        is_library = short.startswith(LIBRARY)
        if is_library:
            reached += lines["covered"]
            total += lines["count"]
        print(f"{lines['percent']:6.1f} %  {lines['covered']:5} of {lines['count']:5}  {short}"
              + ("" if is_library else "  (not the library)"))
    share = 100 * reached / max(1, total)
    print(f"{share:6.1f} %  {reached:5} of {total:5}  the library")
    if share < least:
        sys.exit(f"coverage: {share:.1f} % of the library's lines, under {least:g} %")


main()
