"""Extract articles by another tool: of each NAME.html in a folder into NAME.txt in another, and the day it was published into NAME.day.

    tools.py TOOL IN OUT RUNS

prints the CPU seconds of extracting all pages once, the least of RUNS times. Reading, writing and importing are not among them.
Every import is inside its tool: each has an environment of its own.
"""

import os
import sys
import time


def trafilatura(favor_precision=False):
    from trafilatura import extract

    return lambda page: extract(page, include_comments=False, favor_precision=favor_precision)


def trafilatura_precision():
    return trafilatura(favor_precision=True)


def trafilatura_day():
    from trafilatura.metadata import extract_metadata

    return lambda page: extract_metadata(page).date


DAYS = {"trafilatura": trafilatura_day}  # of those that look for it


def resiliparse():
    from resiliparse.extract.html2text import extract_plain_text

    return lambda page: extract_plain_text(page, main_content=True)


BLOCKS = set("address article blockquote br dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section table td th tr ul".split())


def readability():
    from lxml.html import fromstring
    from readability import Document

    def text(element, out):
        if not isinstance(element.tag, str):  # a comment
            return
        block = element.tag in BLOCKS
        out.append("\n" if block else "")
        out.append(element.text or "")
        for child in element:
            text(child, out)
            out.append(child.tail or "")
        out.append("\n" if block else "")

    def run(page):
        out = []
        text(fromstring(Document(page).summary()), out)
        return "".join(out)

    return run


def main(tool, folder, to, runs):
    extract = globals()[tool]()
    pages = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as f:
            pages[name.removesuffix(".html")] = f.read()
    least, failed = float("inf"), {}
    for _ in range(int(runs)):
        texts = {}
        start = time.process_time()
        for name, page in pages.items():
            try:
                texts[name] = extract(page) or ""
            except Exception as e:  # a page that a tool cannot read is one without a text
                texts[name], failed[name] = "", repr(e)
        least = min(least, time.process_time() - start)
    for name, text in texts.items():
        with open(os.path.join(to, name + ".txt"), "w", encoding="utf-8", newline="", errors="replace") as f:
            f.write(text)
    if tool in DAYS:
        day_of = DAYS[tool]()
        for name, page in pages.items():
            with open(os.path.join(to, name + ".day"), "w", encoding="utf-8") as f:
                f.write(day_of(page) or "")
    for name, error in failed.items():
        print(f"{name}: {error}", file=sys.stderr)
    print(f"{least:.6f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
