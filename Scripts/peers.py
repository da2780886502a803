#!/usr/bin/env python3
"""Runs winnow and the programs people use beside it on the tests' cases; writes Docs/peers.md.

usage: peers.py WINNOW [--out Docs/peers.md]

The peers come from PyPI, into an environment of their own:

    python3 -m venv peers && . peers/bin/activate
    pip install sacremoses ftfy clean-text pysbd syntok && pip install --no-deps py-data-juicer

data-juicer's own requirements are some gigabytes: its mapper is read from the installed source and
run without them. A cell is marked as damage by what can be counted: digits or letters that went,
came or changed, words joined or split, signs that moved over each other.
"""
import argparse
import html
import importlib.metadata
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import types
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = ROOT / "Tests/WinnowTests/Cases"


def visible(text):
    """As in the tests: what cannot be seen as its number."""
    result = ""
    for character in text:
        if character == "\n":
            result += "⏎"
        elif character == "\t":
            result += "⇥"
        elif character == " " or unicodedata.category(character)[0] in "LPSN" or (
                unicodedata.category(character) == "Mn" and character >= "\u0400"):
            result += character
        else:
            result += f"<{ord(character):04X}>"
    return result


def unescaped(text):
    text = text.replace("⏎", "\n").replace("⇥", "\t")
    return re.sub(r"<([0-9A-F]{2,5})>", lambda match: chr(int(match[1], 16)), text)


def cases():
    for block in (CASES / "normalisation.txt").read_text(encoding="utf-8").split("\n## ")[1:]:
        name, *lines = block.split("\n")
        for line in lines:
            if line.startswith("text "):
                yield name, unescaped(line[9:-1])


def winnow(path, texts, profile):
    records = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    output = subprocess.run(
        [path, "--no-built-in", "--ignore", "evidence", "--paragraphs", "keep", "--format", "jsonl",
         "--normalize", profile], input=records.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line)["text"] for line in output.decode().split("\n") if line]


def data_juicer():
    """The mapper's own code, without the framework round it."""
    spec = importlib.util.find_spec("data_juicer")
    folder = pathlib.Path(spec.submodule_search_locations[0]) / "ops"
    package = types.ModuleType("dj")
    package.__path__ = [str(folder)]
    base = types.ModuleType("dj.base_op")

    class Mapper:
        text_key = "text"

        def __init__(self, *_, **__):
            pass

    class Registry:
        @staticmethod
        def register_module(_):
            return lambda kind: kind

    base.Mapper, base.OPERATORS = Mapper, Registry
    sys.modules.update({"dj": package, "dj.base_op": base})
    mappers = []
    for name in ("punctuation_normalization_mapper", "whitespace_normalization_mapper"):
        for folder_name, module in (("common", "special_characters"), ("mapper", name)):
            parent = types.ModuleType(f"dj.{folder_name}")
            parent.__path__ = [str(folder / folder_name)]
            sys.modules.setdefault(f"dj.{folder_name}", parent)
            full = f"dj.{folder_name}.{module}"
            if full in sys.modules:
                continue
            source = (folder / folder_name / f"{module}.py").read_text(encoding="utf-8")
            if module == "special_characters":
                # Its lists of emoji come from another package; spaces are all that is asked for.
                source = re.sub(r"^import emoji.*$|^EMOJI = .*$|^SPECIAL_CHARACTERS\.update.*$", "",
                                source, flags=re.M)
            created = types.ModuleType(full)
            created.__package__ = f"dj.{folder_name}"
            sys.modules[full] = created
            exec(compile(source, module, "exec"), created.__dict__)
        kind = "".join(part.title() for part in name.split("_"))
        mappers.append(getattr(sys.modules[f"dj.mapper.{name}"], kind)())

    def clean(text):
        samples = {"text": [text]}
        for mapper in mappers:
            samples = mapper.process_batched(samples)
        return samples["text"][0]

    return clean


def words(text):
    return re.findall(r"[^\W\d_]+|\d+", text)


def marks(text):
    """Punctuation with its kind made plain, so that curly and straight are one."""
    plain = {"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "’": "'", "‘": "'",
             "‚": "'", "‛": "'", "…": "...", "″": '"', "′": "'"}
    return "".join(plain.get(c, c) for c in text if unicodedata.category(c)[0] == "P")


def damage(before, wanted, after):
    """What a program did that no reader would want; `wanted` is the text repaired by winnow."""
    def fold(text):
        while html.unescape(text) != text:
            text = html.unescape(text)
        # Spelled apart from what stands before them; marks of direction part no words.
        text = re.sub("([¼½¾⅓⅔⅛⅜⅝⅞])", r" \1", text).replace("™", " TM ")
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
        return unicodedata.normalize("NFKC", text).replace("(TM)", " TM ")

    plain = lambda text: "".join(words(fold(text)))
    digits = lambda text: "".join(c for c in fold(text) if c.isdigit())
    found = []
    if digits(after) not in (digits(before), digits(wanted)):
        found.append("digits")
    if plain(after) not in (plain(before), plain(wanted)):
        found.append("case" if plain(after).lower() in (plain(before).lower(), plain(wanted).lower())
                     else "letters")
    elif words(fold(after)) not in (words(fold(before)), words(fold(wanted))):
        # A mark inside a word may go; a space may not.
        if sorted(words(fold(after))) != sorted(words(fold(wanted))):
            found.append("words")
    quote_and_stop = lambda text: [m for m in re.findall(r"[\"'.,]{2,}", marks(text))]
    if not found and quote_and_stop(after) != quote_and_stop(wanted) and sorted(
            marks(after)) == sorted(marks(wanted)) and marks(after) != marks(wanted):
        found.append("order")
    if re.search(r"[.,]", after) and re.search(r"\d[.,]\d", after) and not re.search(
            r"\d[.,]\d", wanted):
        found.append("number")
    if wanted.count("'") + wanted.count("’") and after.count('"') > wanted.count('"') + sum(
            wanted.count(c) for c in "“”„«»″′‵"):
        found.append("quotes")
    if "\u200d" in before and "\u200d" not in after or "\u200c" in before and "\u200c" not in after:
        found.append("joiners")
    if "\n\n" in wanted and "\n\n" not in after:
        found.append("paragraphs")
    if re.search(r"<\w", after) and not re.search(r"<\w", before):
        found.append("tag")
    if not after.strip() and wanted.strip():
        found = ["all lost"]
    return sorted(set(found))


def cell(text):
    return "`" + visible(text).replace("|", "¦").replace("`", "ˋ") + "`" if text else "(nothing)"


def typography(path):
    found = list(cases())
    texts = [text for _, text in found]
    columns = {f"winnow {profile}": winnow(path, texts, profile)
               for profile in ("repair", "standard", "ascii")}
    repaired = columns["winnow repair"]
    import ftfy
    from cleantext import clean
    from sacremoses import MosesPunctNormalizer
    moses = MosesPunctNormalizer(lang="en")
    juicer = data_juicer()
    columns["Moses"] = [moses.normalize(text) for text in texts]
    columns["ftfy"] = [ftfy.fix_text(text) for text in texts]
    columns["clean-text"] = [clean(text) for text in texts]
    columns["data-juicer"] = [juicer(text) for text in texts]
    totals = {name: 0 for name in columns}
    rows = []
    for index, (name, text) in enumerate(found):
        row = [name, cell(text)]
        for column, outputs in columns.items():
            hurt = damage(text, repaired[index], outputs[index])
            totals[column] += bool(hurt)
            same = outputs[index] == text
            row.append(("=" if same else cell(outputs[index]))
                       + (f" **{', '.join(hurt)}**" if hurt else ""))
        rows.append(row)
    head = ["case", "text"] + list(columns)
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    count = ["", f"damaged, of {len(rows)}"] + [f"**{totals[name]}**" for name in columns]
    lines.append("| " + " | ".join(count) + " |")
    return lines, totals, len(rows)


def sentence_cases():
    for line in (CASES / "sentences.txt").read_text(encoding="utf-8").split("\n"):
        line = line.removeprefix("~")
        if line and not line.startswith("#"):
            pieces = [unescaped(piece) for piece in line[3:].split("|")]
            yield line[:2], "".join(pieces), [re.sub(r"\s", "", piece) for piece in pieces]


def sentences(path):
    import pysbd
    from syntok import segmenter
    found = list(sentence_cases())
    languages = sorted({language for language, _, _ in found})
    right = {(language, name): 0 for language in languages for name in ("winnow", "pysbd", "syntok")}
    total = {language: sum(1 for case in found if case[0] == language) for language in languages}
    for language in languages:
        group = [case for case in found if case[0] == language]
        records = "".join(json.dumps({"text": text}) + "\n" for _, text, _ in group)
        output = subprocess.run(
            [path, "--no-built-in", "--ignore", "evidence", "--normalize", "none", "--paragraphs",
             "blank", "--format", "jsonl", "--emit", "json", "--sentences", "--language", language],
            input=records.encode(), stdout=subprocess.PIPE, check=True).stdout
        for (_, text, pieces), line in zip(group, output.decode().split("\n")):
            data = text.encode()
            made = [data[span["start"]:span["end"]].decode()
                    for span in json.loads(line)["sentences"]]
            right[language, "winnow"] += [re.sub(r"\s", "", piece) for piece in made] == pieces
        try:
            splitter = pysbd.Segmenter(language=language, clean=False)
        except ValueError:
            splitter = pysbd.Segmenter(language="en", clean=False)
        for _, text, pieces in group:
            made = [re.sub(r"\s", "", piece) for piece in splitter.segment(text)]
            right[language, "pysbd"] += [piece for piece in made if piece] == pieces
            made = ["".join(token.spacing + token.value for token in sentence)
                    for paragraph in segmenter.process(text) for sentence in paragraph]
            right[language, "syntok"] += [re.sub(r"\s", "", piece) for piece in made] == pieces
    lines = ["| language | cases | winnow | pysbd | syntok |", "|---|---|---|---|---|"]
    for language in languages:
        lines.append(f"| {language} | {total[language]} | " + " | ".join(
            str(right[language, name]) for name in ("winnow", "pysbd", "syntok")) + " |")
    sums = {name: sum(right[language, name] for language in languages)
            for name in ("winnow", "pysbd", "syntok")}
    lines.append(f"| all | {len(found)} | " + " | ".join(
        f"{value} ({100 * value / len(found):.1f} %)" for value in sums.values()) + " |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("winnow")
    parser.add_argument("--out", default=str(ROOT / "Docs/peers.md"))
    options = parser.parse_args()
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in (
        "sacremoses", "ftfy", "clean-text", "py-data-juicer", "pysbd", "syntok"))
    table, _, _ = typography(options.winnow)
    text = [
        "# Winnow beside other programs",
        "",
        f"Made by `Scripts/peers.py`; do not edit. {versions}, each as it is set up by default "
        "(Moses for English; data-juicer's punctuation and whitespace mappers).",
        "",
        "## Typography",
        "",
        "`=`: unchanged. **Bold**: damage that can be counted. *digits*, *letters*, *case*: they went, "
        "came or changed; *words*: joined or split; *number*: a space between digits became a point or "
        "comma; *order*: signs moved over each other; *quotes*: an apostrophe became a double quote; "
        "*joiners*: signs that hold a word or an emoji together went; *paragraphs*: their ends went; *tag*: text became markup. "
        "Repairs that Winnow makes, too, are no damage. ⏎ is a line end, ⇥ a tab, `<00A0>` a character "
        "that cannot be seen.",
        "",
        *table,
        "",
        "## Sentences",
        "",
        "Cases of `Tests/WinnowTests/Cases/sentences.txt` in which every boundary is right. The cases "
        "were written for Winnow, which knows them; 64 were written after its rules, and 61 of those "
        "were right at once. pysbd uses its rules for English where it has none for a language; syntok "
        "is made for English, German and Spanish.",
        "",
        *sentences(options.winnow),
        "",
    ]
    pathlib.Path(options.out).parent.mkdir(exist_ok=True)
    pathlib.Path(options.out).write_text("\n".join(text), encoding="utf-8")


if __name__ == "__main__":
    main()
