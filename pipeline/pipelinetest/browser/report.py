"""The page of a report in a real browser: of the bundled sample and of a corpus whose texts, names and paths are HTML.

millrace makes the pages; headless Chromium opens their files without a network. Nothing may be fetched or run, every figure must be the one
that millrace report --json prints, no page may be wider than its window, axe-core must find nothing in light and dark, and a page can be
printed. They are opened at three widths.

    python report.py MILLRACE AXE [--shots FOLDER]
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile

from playwright.sync_api import sync_playwright

HOSTILE = ["<script>window.hacked=1</script>", "\"><img src=x onerror=alert(1)>", "</style><script>window.hacked=2</script>", "\u202egnp.exe", "<svg onload=alert(2)>"]
WIDTHS = (360, 800, 1600)
MOST = 2_000_000  # bytes of a page


def run(millrace, *args, cwd):
    done = subprocess.run([millrace, *args], cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"millrace {' '.join(args)}: {done.returncode}\n{done.stderr[-3000:]}"
    return done.stdout


def write_hostile(folder):
    """Documents and names of files and folders that are HTML. Some documents are there twice."""
    rng = random.Random(17)
    chars = [chr(c) for c in range(0x4E00, 0x9F00)]
    for i, bad in enumerate(HOSTILE):
        path = folder / "<b>news<img src=x onerror=alert(3)>" / f"{i}{bad.replace('/', '')}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            for k in range(40):
                text = bad if k % 10 == 0 else bad + "".join(rng.choices(chars, k=rng.randrange(5, 400)))
                f.write(json.dumps({"text": f"{text}\n{bad}"}, ensure_ascii=False) + "\n")


class Page:
    """A page that takes note of what must not be."""

    def __init__(self, chromium, file, scheme, width):
        self.context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 1000})
        self.context.set_offline(True)
        self.page, self.wrong, self.url = self.context.new_page(), [], file.as_uri()
        self.page.on("console", lambda m: self.wrong.append(f"console: {m.text}"))
        self.page.on("pageerror", lambda e: self.wrong.append(f"error: {e}"))
        self.page.on("dialog", self.dialog)
        self.page.on("request", self.request)
        self.page.goto(self.url)

    def dialog(self, dialog):
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def request(self, request):
        if request.url not in (self.url, "data:,"):
            self.wrong.append(f"request to {request.url}")

    def sound(self):
        assert not self.wrong, self.wrong
        assert self.page.evaluate("window.hacked") is None
        made = self.page.evaluate("""[...document.querySelectorAll('script, img, iframe, object, embed, form, input, base, [style], [onerror], [onload]')]
            .map(e => e.outerHTML)""")
        assert not made, made
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= room, f"the page is {wide} wide where there is room for {room}"
        for link in self.page.eval_on_selector_all("nav a", "list => list.map(a => a.getAttribute('href'))"):
            assert self.page.query_selector(f"section{link} > h2"), f"nothing is at {link}"

    def accessible(self, axe, what):
        self.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        told = [f"{v['id']}: {v['help']}: {n['html'][:300]} {n['failureSummary']}" for v in found for n in v["nodes"][:3]]
        assert not told, f"axe-core, {what}:\n" + "\n".join(told)


def numbers(report, path):
    """What stands at a path of a report: one number, or those of a part of a list, each by its own path."""
    found = [(report, "")]
    for part in path.split("."):
        onward = []
        for v, so in found:
            if isinstance(v, dict):
                onward.append((v[part], f"{so}.{part}"))
                continue
            first, _, last = (f"0-{len(v) - 1}" if part == "*" else part).partition("-")
            onward += [(v[i], f"{so}.{i}") for i in range(int(first), int(last or first) + 1)]
        found = onward
    return {so[1:]: v for v, so in found}


def check_figures(page, report):
    """Holds every number of the page to the report, as the head of package page says where they are from."""
    tables = page.evaluate("""() => {
        const of = e => ({...e.dataset, text: e.textContent});
        const inTable = [...document.querySelectorAll('table')].map(t => [...t.querySelectorAll('[data-value]')].map(of));
        return [...inTable, [...document.querySelectorAll('[data-value]')].filter(e => !e.closest('table')).map(of)];
    }""")
    checked = 0
    for table in tables:
        own = {f.get("figure") for f in table}
        for f in table:
            path = f.get("figure") or f.get("sum") or f.get("rest")
            if not path:
                continue
            want = sum(n for at, n in numbers(report, path).items() if "rest" not in f or at not in own)
            assert int(f["value"]) == want, f"{path} is {f['value']} in the page and {want} in the report"
            plain = f["text"].replace(",", "")
            assert not re.fullmatch(r"-?\d+", plain) or int(plain) == want, f"{path} is shown as {f['text']} and is {want}"
            checked += 1
    return checked


def check(chromium, file, report, axe, shots, least):
    """Opens a page in light and dark, at all widths."""
    size = file.stat().st_size
    assert size < MOST, f"{file.name} has {size} bytes"
    for scheme in ("light", "dark"):
        for width in WIDTHS:
            p = Page(chromium, file, scheme, width)
            p.sound()
            if shots:
                p.page.screenshot(path=f"{shots}/report-{file.stem}-{scheme}-{width}.png", full_page=True)
            if (scheme, width) == ("light", WIDTHS[0]):
                n = check_figures(p.page, report)
                assert n >= least, f"{file.name} shows {n} figures"
                pdf = p.page.pdf(format="A4")
                assert pdf.startswith(b"%PDF-") and len(pdf) > 10_000, len(pdf)
                if shots:
                    pathlib.Path(f"{shots}/report-{file.stem}.pdf").write_bytes(pdf)
                print(f"{file.name}: {size:,} bytes, {n:,} figures are those of the report")
            p.accessible(axe, f"{file.name}, {scheme}, {width} wide")
            assert not p.wrong, p.wrong
            p.context.close()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("millrace")
    p.add_argument("axe", type=pathlib.Path)
    p.add_argument("--chromium", default="/usr/bin/chromium")
    p.add_argument("--shots", help="where screenshots are put")
    args = p.parse_args()
    millrace, axe = os.path.abspath(args.millrace), args.axe.read_text()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-report-"))
    root = pathlib.Path(__file__).resolve().parents[3]
    try:
        run(millrace, "run", str(root / "testdata/sample"), "--out", "sample", cwd=folder)
        run(millrace, "signals", "sample", "--add=text,repetition,script", cwd=folder)
        write_hostile(folder / "in")
        run(millrace, "run", "in", "--out", "hostile", cwd=folder)
        with sync_playwright() as play:
            chromium = play.chromium.launch(executable_path=args.chromium, args=["--no-sandbox"])
            try:
                for name, more, least in (("sample", ["--preset", "zh"], 400), ("hostile", [], 100)):
                    report = json.loads(run(millrace, "report", name, *more, "--json", cwd=folder))
                    run(millrace, "report", name, *more, "--html", f"{name}.html", cwd=folder)
                    check(chromium, folder / f"{name}.html", report, axe, args.shots, least)
                text = (folder / "hostile.html").read_text()
                assert "&lt;script&gt;window.hacked=1" in text and "\u202e" not in text, "what is hostile is not shown as it is"
            finally:
                chromium.close()
    finally:
        shutil.rmtree(folder)
    print("the page of a report: all as it must be")


if __name__ == "__main__":
    main()
