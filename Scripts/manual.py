#!/usr/bin/env python3
"""Writes the manual page from the command's own help, so that it never says anything else.

  manual.py WINNOW > winnow.1
"""
import re
import subprocess
import sys

VERBS = [
    [], ["clean"], ["explain"], ["patterns", "new"], ["patterns", "check"], ["patterns", "test"],
    ["patterns", "list"], ["patterns", "show"], ["patterns", "profile"], ["learn"], ["report"],
    ["config"], ["eval"],
]


def run(*arguments):
    return subprocess.run([sys.argv[1], *arguments], check=True, capture_output=True, text=True,
                          env={"COLUMNS": "78", "PATH": "/usr/bin:/bin"}).stdout


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line
                     for line in text.splitlines())


def main():
    version = run("--version").split(" (")[0].strip()
    print(f'.TH WINNOW 1 "" "{version}" "User Commands"')
    print(".SH NAME\nwinnow \\- takes the chaff out of scraped article text")
    for verb in VERBS:
        text = run(*verb, "--help")
        overview = re.sub(r"^OVERVIEW: ", "", text).strip()
        title = " ".join(["winnow", *verb])
        print(f'.SH "{title.upper()}"\n.nf\n{roff(overview)}\n.fi')
    print(".SH FILES\n.TP\n.I .winnow.yaml\nThe choices of a folder, found from the working "
          "directory upward.\n.SH \"SEE ALSO\"\npcre2pattern(3)")


if __name__ == "__main__":
    main()
