"""What datatrove's filters say of texts, and why.

    python verdicts.py DATA OUT [NAME ...]
    python verdicts.py DATA OUT speed

Writes OUT/verdicts-NAME.tsv: for every text of DATA/NAME.jsonl a line with the reason of each preset, nothing where it keeps the text, ! where it
fails; and OUT/pages.jsonl, English pages that are made of the documentation of the packages that are installed here, with verdicts-pages.tsv.
Without a NAME also stages/signal/datatrove/testdata/verdicts.jsonl: texts with reasons and figures.
"""

import ast
import importlib.metadata  # datatrove forgets to
import io
import json
import multiprocessing
import pathlib
import re
import sys
import time

import verdict_cases
from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4ParagraphFilter,
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.filters import gopher_quality_filter, gopher_repetition_filter
from datatrove.utils import text as dt
from datatrove.utils.word_tokenizers import load_word_tokenizer

ROOT = pathlib.Path(__file__).parents[2]
SLICE = ROOT / "stages/signal/datatrove/testdata/verdicts.jsonl"
SETS = ["tvnews", "laws", "fudan"]

# configs/cmn_Hani.yml of FineWeb-2, and what its pipeline sets for all languages.
HANI = "cmn_Hani"
HANI_STOP_WORDS = "的 年 在 月 是 和 日 了 於 · 為 有 被 人 中 为 他 與 後 也 而 由".split()
PRESETS = {
    "gopher": [GopherRepetitionFilter(), GopherQualityFilter()],
    "c4": [C4QualityFilter()],
    "c4-paragraphs": [C4ParagraphFilter()],
    "fineweb": [FineWebQualityFilter()],
    "fineweb2-cmn_Hani": [
        GopherRepetitionFilter(
            language=HANI,
            dup_para_frac=0,
            dup_line_char_frac=0,
            dup_para_char_frac=0,
            dup_line_frac=0.287,
            top_n_grams=[(2, 0.256), (3, 0.201), (4, 0.171)],
            dup_n_grams=[(5, 0.198), (6, 0.182), (7, 0.167), (8, 0.154), (9, 0.14), (10, 0.127)],
        ),
        FineWebQualityFilter(
            language=HANI, short_line_thr=999, char_duplicates_ratio=0.1, line_punct_thr=0.106, new_line_ratio=0.178
        ),
        GopherQualityFilter(
            language=HANI,
            max_avg_word_length=5,
            min_avg_word_length=1,
            stop_words=HANI_STOP_WORDS,
            max_non_alpha_words_ratio=0.735,
            min_stop_words=2,
        ),
    ],
}
# From its second use in a process on, the tokenizer fails over this word.
load_word_tokenizer("eng_Latn").word_tokenize("IS_ALPHA")


def reasons(text):
    """The reason of each preset."""
    out = []
    for filters in PRESETS.values():
        reason = ""
        try:
            for one in filters:
                result = one.filter(Document(text=text, id=""))
                if result is not True:
                    reason = result[1]
                    break
        except ZeroDivisionError:
            reason = "!"
        out.append(reason)
    return out


def pages():
    """Pages of what packages say of themselves: files of text, and the docstrings of modules."""
    folder = pathlib.Path(importlib.metadata.distribution("datatrove").locate_file(""))
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".md", ".rst", ".txt") or path.name in ("METADATA", "LICENSE"):
            yield path.read_text(errors="replace")
        elif path.suffix == ".py":
            try:
                tree = ast.parse(path.read_text(errors="replace"))
            except (SyntaxError, ValueError):
                continue
            parts = []
            for node in ast.walk(tree):
                if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                    if doc := ast.get_docstring(node):
                        parts.append(doc)
            if sum(map(len, parts)) >= 200:
                yield "\n\n".join(parts)


def write_verdicts(name, texts, out):
    part = out / f"verdicts-{name}.part"
    with multiprocessing.Pool() as pool, open(part, "w", newline="\n") as file:
        for line in pool.imap(reasons, texts, chunksize=4):
            file.write("\t".join(line) + "\n")
            file.flush()
    part.rename(out / f"verdicts-{name}.tsv")


def lines(path):
    with io.open(path, encoding="utf-8", newline="\n") as file:
        for line in file:
            yield json.loads(line)["text"]


def share(part, whole):
    """Millionths, rounded so that a multiple of ten is that exactly."""
    n, rest = divmod(part * 10**6, whole) if whole else (0, 0)
    return n + (rest > 0 and n % 10 == 0)


def figures(text, language):
    """What the filters compare with bounds, counted by their own functions, in the order of the columns."""
    tools = gopher_repetition_filter
    words, chars = dt.split_into_words(text, language), len(text)
    out = []
    for parts in (re.split(r"\n{2,}", text.strip()), re.split("\n+", text)):
        count, length = tools.find_duplicates(parts)
        out += [share(count, len(parts)), share(length, chars)]
    for n in (2, 3, 4):
        grams = tools.get_n_grams(words, n)
        out.append(share(tools.find_top_duplicate(grams), chars) if grams else 0)
    out += [share(tools.find_all_duplicate(words, n), chars) for n in range(5, 11)]
    content = [w for w in words if not set(w) <= dt.PUNCTUATION_SET]
    lines = text.splitlines()
    out += [
        len(words),
        len(content),
        share(sum(map(len, content)), len(content)),
        share(text.count("#"), len(words)),
        share(text.count("...") + text.count("…"), len(words)),
        share(sum(line.lstrip().startswith(("•", "-")) for line in lines), len(lines)),
        share(sum(line.rstrip().endswith(("...", "…")) for line in lines), len(lines)),
        share(sum(any(c.isalpha() for c in w) for w in words), len(words)),
        len(set(words) & set(HANI_STOP_WORDS if language == HANI else gopher_quality_filter.STOP_WORDS)),
    ]
    filled = [line for line in text.split("\n") if line.strip()]
    out += [
        len(filled),
        share(sum(line.endswith(tuple(dt.TERMINAL_PUNCTUATION)) for line in filled), len(filled)),
        share(sum(len(line) <= 30 for line in filled), len(filled)),
        share(tools.find_duplicates(filled)[1], len(text.replace("\n", ""))),
        share(text.count("\n"), len(words)),
    ]
    c4 = C4QualityFilter(language=language, min_num_sentences=0)
    document = Document(text=text, id="")
    result = c4.filter(document)
    reason = "" if result is True else result[1]
    out += [int(reason == "lorem_ipsum"), int(reason == "curly_bracket")]
    if result is True:
        kept = [line for line in document.text.split("\n") if document.text]
        out += [len(kept), sum(len(dt.split_into_sentences(line, language)) for line in kept)]
    else:
        out += [None, None]  # it has not counted to the end
    lengths = sorted((len(line) for line in text.split("\n")), reverse=True)
    return out + [lengths[2] if len(lengths) > 2 else 0]


def write_slice():
    texts = list(verdict_cases.texts())
    with open(SLICE, "w", encoding="utf-8", newline="\n") as out:
        for text in texts:
            entry = {"text": text, "reasons": reasons(text)}
            entry["figures"] = {language: figures(text, language) for language in ("eng_Latn", HANI)}
            out.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")


def speed(data, out):
    """Megabytes in a second of a core, of the texts that BenchmarkMeasure takes, if nothing is asked twice."""
    for path, names in ((data / "laws.jsonl", ["fineweb2-cmn_Hani"]), (out / "pages.jsonl", ["gopher", "c4", "fineweb"])):
        texts, size = [], 0
        for text in lines(path):
            texts.append(text)
            size += len(text.encode())
            if size >= 4 << 20:
                break
        for i, text in enumerate(["。"] + texts):  # the first is for what is loaded once
            if i == 1:
                start = time.process_time()
            for name in names:
                for one in PRESETS[name]:
                    if one.filter(Document(text=text, id="")) is not True:
                        break
        print(f"{path.stem}, {' and '.join(names)}: {size / 1e6 / (time.process_time() - start):.3f} MB/cpu-s")


def write_pages(out):
    """The pages in English, from the documentation of packages."""
    with open(out / "pages.jsonl", "w", newline="\n") as file:
        for page in pages():
            if len(page) <= 200_000 and "\x00" not in page:
                file.write(json.dumps({"text": page}) + "\n")


def main(data, out, *names):
    data, out = pathlib.Path(data), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    if names == ("speed",):
        if not (out / "pages.jsonl").exists():
            write_pages(out)
        speed(data, out)
        return
    if not names or "pages" in names:
        write_pages(out)
        write_verdicts("pages", lines(out / "pages.jsonl"), out)
    for name in SETS:
        if not names or name in names:
            write_verdicts(name, lines(data / f"{name}.jsonl"), out)
    if not names or "slice" in names:
        write_slice()


if __name__ == "__main__":
    main(*sys.argv[1:])
