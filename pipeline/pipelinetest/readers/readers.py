"""Readers of other tools open a corpus while millrace works in it.

Each read that succeeds must be exactly one version, at every moment: the ids of its documents, each once, are those that the manifests say
of that version. Between two commands the plain globs must be the newest version. A read that fails because a file was retired under it must
succeed when it is tried again; how often that happens is printed.

    python readers.py MILLRACE [--seconds N]
"""

import argparse
import ast
import glob
import importlib.metadata
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import datasets
import deltalake
import duckdb
import mlcroissant
import pandas
import polars
import pyarrow.dataset
import pyarrow.parquet
import tokenizers
import transformers

datasets.disable_progress_bars()
ROOT = pathlib.Path(__file__).parents[3]
TRIES = 3  # of a read; what moves under a reader moves once a command


def shards(corpus, version):
    """The Parquet files of a version: the rule of docs/formats/corpus.md."""
    manifests = {}
    for path in glob.glob(f"{corpus}/manifests/*.json"):
        m = json.load(open(path))
        manifests[m["version"]] = m
    live = [manifests[v] for v in manifests[version]["live"]]
    removed = {path for m in live for path in m.get("removes", [])}
    paths = [f["path"] for m in live for f in m["files"] if f["path"].startswith("data/") and f["path"] not in removed]
    return [next(p for p in [f"{corpus}/{path}", f"{corpus}/retired/{path}"] if os.path.exists(p)) for path in paths]


def keys(ids, versions):
    """The documents of a read, in an order that all readers share: one that is there twice is there twice."""
    return tuple(sorted(zip(ids, versions)))


def of_arrow(table):
    return keys(table["id"].to_pylist(), table["version"].to_pylist())


COLUMNS = ["id", "version"]


def by_deltalake(corpus, version=None):
    table = deltalake.DeltaTable(corpus, version=version)
    return table.version(), of_arrow(table.to_pyarrow_table(columns=COLUMNS))


def by_pandas(corpus, version=None):
    table = deltalake.DeltaTable(corpus, version=version)
    frame = table.to_pandas(columns=COLUMNS)
    return table.version(), keys(frame["id"].tolist(), frame["version"].tolist())


def by_polars(corpus, version=None):
    table = deltalake.DeltaTable(corpus, version=version)
    frame = polars.scan_delta(table).select(COLUMNS).collect()
    return table.version(), keys(frame["id"].to_list(), frame["version"].to_list())


def by_duckdb(corpus, version=None):
    """Its extension reads the log where it can be had; else deltalake does, and DuckDB the files."""
    table = deltalake.DeltaTable(corpus, version=version)
    with duckdb.connect() as c:
        if HAS_EXTENSION:
            c.load_extension("delta")
            rows = c.execute(f"SELECT id, version FROM delta_scan('{corpus}', version => {table.version()})").fetchall()
        elif table.file_uris():
            rows = c.execute("SELECT id, version FROM read_parquet(?, union_by_name => true)", [table.file_uris()]).fetchall()
        else:
            rows = []
    return table.version(), tuple(sorted(rows))


READERS = {"deltalake": by_deltalake, "pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}


def has_extension():
    try:
        with duckdb.connect() as c:
            c.install_extension("delta")
            c.load_extension("delta")
        return True
    except duckdb.Error:
        return False


HAS_EXTENSION = has_extension()


def glob_duckdb(corpus):
    with duckdb.connect() as c:
        return tuple(sorted(c.execute(f"SELECT id, version FROM '{corpus}/data/*/*.parquet'").fetchall()))


def glob_pyarrow(corpus):
    return of_arrow(pyarrow.dataset.dataset(f"{corpus}/data").to_table(columns=COLUMNS))


def glob_polars(corpus):
    frame = polars.scan_parquet(f"{corpus}/data/*/*.parquet").select(COLUMNS).collect()
    return keys(frame["id"].to_list(), frame["version"].to_list())


def glob_datasets(corpus):
    d = datasets.load_dataset("parquet", data_files=f"{corpus}/data/*/*.parquet", split="train", streaming=True)
    return tuple(sorted((row["id"], row["version"]) for row in d))


def card_datasets(corpus):
    d = datasets.load_dataset(corpus, split="train", streaming=True)
    return tuple(sorted((row["id"], row["version"]) for row in d))


GLOBS = {
    "duckdb": glob_duckdb,
    "pyarrow": glob_pyarrow,
    "polars": glob_polars,
    "load_dataset": glob_datasets,
    "load_dataset(card)": card_datasets,
}


def of_code(text, word, place, corpus):
    """Runs the code of a page in which a word stands as it is, and gives what each expression of it reads."""
    code = next(block for block in re.findall("```python\n(.*?)```", text, re.DOTALL) if word in block)
    names = {}
    for statement in ast.parse(re.sub(place, corpus, code)).body:
        line = ast.unparse(statement)
        if not isinstance(statement, ast.Expr):
            exec(line, names)
        elif "delta_scan" not in line or HAS_EXTENSION:
            yield line, eval(line, names)


def of_card(corpus):
    for line, read in of_code(pathlib.Path(corpus, "README.md").read_text(), "deltalake", "path/of/this/folder", corpus):
        yield line, of_any(read)


def of_mixed(millrace, folder):
    """Reads a corpus of shards of two formats by the code of docs/formats/corpus.md, and gives the lines that are wrong."""
    corpus, documents = f"{folder}/corpus", []
    shutil.copytree(ROOT / "testdata/corpora/format-3", corpus)
    subprocess.run([millrace, "remove", corpus, "--where", "version == 1 and offset < 300", "--reason", "x"], check=True, capture_output=True)
    tables = [pyarrow.parquet.read_table(p, partitioning=None) for p in glob.glob(f"{corpus}/data/*/*.parquet")]
    for table in tables:
        documents.extend(of_arrow(table))
    if len({str(table.schema) for table in tables}) < 2:
        yield "its shards are of one format"
    for line, read in of_code((ROOT / "docs/formats/corpus.md").read_text(), "union_by_name", "(?<=[\"'])corpus(?=[\"'/])", corpus):
        if of_any(read) != tuple(sorted(documents)):
            yield f"{line} gives {len(of_any(read))} of {len(documents)} documents"
    for line, read in of_card(corpus):
        if read != tuple(sorted(documents)):
            yield f"{line} of the card gives {len(read)} of {len(documents)} documents"


def of_codecs(millrace, folder):
    """Has every reader open a corpus of each codec, and gives what is wrong."""
    source = pathlib.Path(folder, "codecs")
    source.mkdir()
    rows = ({"text": f"{n}: " + "".join(chr(0x4E00 + n * 37 + i * i % 900) for i in range(90 + n))} for n in range(300))
    (source / "a.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n")
    for codec in ["zstd", "lz4_raw", "snappy", "none"]:
        corpus = f"{folder}/corpus-{codec}"
        subprocess.run([millrace, "run", str(source), "--out", corpus, "--set", f"sinks.parquet.codec={codec}"], check=True, capture_output=True)
        (path,) = shards(corpus, 1)
        name = pyarrow.parquet.ParquetFile(path).metadata.row_group(0).column(0).compression
        if name.lower() != {"lz4_raw": "lz4", "none": "uncompressed"}.get(codec, codec):
            yield f"{codec}: pyarrow calls it {name}"
        texts = {
            "pyarrow": pyarrow.parquet.read_table(path, partitioning=None)["text"].to_pylist(),
            "polars": polars.read_parquet(path)["text"].to_list(),
            "duckdb": [row[0] for row in duckdb.sql(f"SELECT text FROM '{path}'").fetchall()],
        }
        want = [json.loads(line)["text"] for line in (source / "a.jsonl").read_text().splitlines()]
        for reader, got in texts.items():
            if got != want:
                yield f"{codec}: {reader} reads {len(got)} of {len(want)} texts"


def of_removed(millrace, folder):
    """Has DuckDB count what filters dropped and was kept for reading beside the ledger, by reason, and gives what is wrong."""
    source, corpus = pathlib.Path(folder, "dropped"), f"{folder}/corpus-dropped"
    source.mkdir()
    rows = ({"text": "".join(chr(0x4E00 + n * 37 + i * i % 900) for i in range(20 + n))} for n in range(300))
    (source / "a.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n")
    rules = ["--set", "filter=[min_chars: 90, {odd: chars % 3 > 0}]", "--set", "removed=all"]
    subprocess.run([millrace, "run", str(source), "--out", corpus, *rules], check=True, capture_output=True)
    with duckdb.connect() as c:
        ledger = c.execute(f"SELECT reason, count(*) FROM '{corpus}/ledger/*/rejects.parquet' WHERE verdict = 'filtered' GROUP BY ALL ORDER BY ALL").fetchall()
        kept = c.execute(f"SELECT reason, count(*) FROM '{corpus}/removed/*/*.parquet' WHERE length(text) = chars GROUP BY ALL ORDER BY ALL").fetchall()
    if kept != ledger or len(kept) != 2:
        yield f"removed/ has {kept}, the ledger {ledger}"
    documents = card_datasets(corpus)
    if len(documents) != 300 - sum(n for _, n in kept):
        yield f"load_dataset reads {len(documents)} documents beside {kept} that were dropped"


def of_vocabulary(millrace, folder):
    """Has tokenizers and transformers load the vocabularies of a corpus, by the code of docs/formats/vocabulary.md, and gives what is wrong."""
    corpus = f"{folder}/corpus-vocabulary"
    subprocess.run([millrace, "run", str(ROOT / "testdata/sample"), "--out", corpus], check=False, capture_output=True)
    subprocess.run([millrace, "remove", corpus, "--where", "offset % 3 == 1", "--reason", "x"], check=True, capture_output=True)
    page = (ROOT / "docs/formats/vocabulary.md").read_text()
    read = {1: "the run", 2: "the removal"}
    for version, name in read.items():
        at = f"{corpus}/vocab/{version:06}"
        names = {}
        for code in re.findall("```python\n(.*?)```", page, re.DOTALL):
            exec(code.replace("corpus/vocab/000001", at), names)
        chars = names["chars"]
        want = dict(zip(chars["token"], chars["id"]))
        if names["tokenizer"].get_vocab() != want:
            yield f"{name}: transformers reads another vocabulary than chars.parquet"
        for line, id in want.items():
            if len(names["lines"]) != len(want) or (names["lines"][id] != line) != line.isspace():
                yield f"{name}: vocab.txt has {names['lines'][id]!r} for {line!r}"
        texts = [t for path in shards(corpus, version) for t in pyarrow.parquet.read_table(path, partitioning=None)["text"].to_pylist()]
        texts += ["", " \n\n\t\u3000 \n", *(c for c in want if len(c) == 1)]
        if "\n" not in want or len(texts) < 500:
            yield f"{name}: {len(texts)} texts are too few to mean anything"
        library = tokenizers.Tokenizer.from_file(f"{at}/tokenizer.json")
        for text in texts:
            if not set(text) <= want.keys():
                continue  # of the white space above
            ids = [want[c] for c in text]
            for by, got in [("tokenizers", library.encode(text).ids), ("transformers", names["tokenizer"](text).input_ids)]:
                if got != ids:
                    yield f"{name}: {by} has other ids for {text[:40]!r}"
            if library.decode(ids) != text or names["tokenizer"].decode(ids) != text:
                yield f"{name}: {text[:40]!r} does not come back"
        if library.encode("\U000E0100").ids != [want["<UNK>"]]:
            yield f"{name}: an unknown character is {library.encode(chr(0xE0100)).ids}"


def of_tokenizers(millrace, folder):
    """Trains tokenizers, has tokenizers and transformers load them, and gives what is wrong: the ids of all texts are as often as vocab.tsv says."""
    corpus = f"{folder}/corpus-tokenizers"
    subprocess.run([millrace, "run", str(ROOT / "testdata/sample"), "--out", corpus], check=False, capture_output=True)
    texts = [t for path in shards(corpus, 1) for t in pyarrow.parquet.read_table(path, partitioning=None)["text"].to_pylist()]
    if len(texts) < 30:
        yield f"{len(texts)} texts are too few to mean anything"
    for kind, *settings in TRAINED:
        at = f"{folder}/tokenizer-{kind}"
        done = subprocess.run([millrace, "tokenizer", "train", "--from", corpus, "--kind", kind, "--out", at, *settings], capture_output=True, text=True)
        if done.returncode:
            yield f"{kind}: exit {done.returncode}: {done.stderr}"
            continue
        library = tokenizers.Tokenizer.from_file(f"{at}/tokenizer.json")
        fast = transformers.PreTrainedTokenizerFast(tokenizer_file=f"{at}/tokenizer.json")
        counts = [0] * library.get_vocab_size()
        for text in texts:
            ids = library.encode(text, add_special_tokens=False).ids
            for id in ids:
                counts[id] += 1
            if fast(text, add_special_tokens=False).input_ids != ids:
                yield f"{kind}: transformers has other ids for {text[:40]!r}"
            if kind != "wordpiece" and library.decode(ids) != text:
                yield f"{kind}: {text[:40]!r} does not come back"
        with open(f"{at}/vocab.tsv") as file:
            told = [int(line.rsplit("\t", 1)[1]) for line in file]
        if told != counts or sum(counts) < 3000:
            differ = [(library.id_to_token(i), told[i], n) for i, n in enumerate(counts) if told[i] != n]
            yield f"{kind}: vocab.tsv counts {len(differ)} ids otherwise: {differ[:5]}"
        for id, token in enumerate(["<|first|>", "<|second|>"]):
            if kind == "bpe" and library.encode(f"{token}a").ids[0] != id:
                yield f"{kind}: {token} is not {id}"


# Kinds of tokenizers, and the flags they are trained by: nothing is cut that a tokenizer would not cut.
TRAINED = [
    ("bpe", "--size", "900", "--cut", "none", "--special", "<|first|>", "--special", "<|second|>", "--reserved", "3"),
    ("unigram", "--size", "3000", "--cut", "none", "--byte-fallback", "--special", "<s>"),
    ("wordpiece", "--size", "2500", "--alphabet", "600", "--special", "[UNK]", "--special", "[CLS]"),
]


RECIPE = """
select: ["chars >= 120", {not_third: "chars % 3 != 1"}]
split: {validation: 0.4}
mix: {by: metadata.none, tokens: 6000, repeat_at_most: 9, by_copies: [[1, 1], [more, 2]]}
encode: {tokenizer: chars, bos: <BOS>, eos: <EOS>}
write: [{format: parquet, columns: [id, text, repeat, token_count]}, {format: npy}]
shards: {number: 3}
"""


def of_releases(millrace, folder):
    """What a release says of itself is counted again by DuckDB, over its files and the corpus's, and datasets loads it by its card."""
    out, at = f"{folder}/released-corpus", f"{folder}/release"
    pathlib.Path(f"{folder}/release.yaml").write_text(RECIPE)
    for args in [["run", "--out", out, f"{ROOT}/testdata/sample"], ["release", "--recipe", f"{folder}/release.yaml", "--corpus", out, "--out", at]]:
        done = subprocess.run([millrace, *args], capture_output=True, text=True)
        if done.returncode:
            return [f"millrace {' '.join(args)}: {done.stderr}"]
    totals = json.load(open(f"{at}/manifest.json"))["totals"]
    one = lambda query: duckdb.sql(query.format(at=at, out=out)).fetchall()[0]
    problems = []

    def same(what, got, want):
        if got != want:
            problems.append(f"release: {what}: {got}, the manifest says {want}")

    released, left = "read_parquet('{at}/released/*.parquet')", "read_parquet('{at}/left_out/*.parquet')"
    ids = f"(select id from {released} union all select id from {left})"
    same("documents", one(f"select count(*), count(distinct id) from {ids}"), (totals["documents"],) * 2)
    same("documents that the corpus has not, or that are missing", one(f"select count(*) from {ids} r full join read_parquet('{{out}}/data/*/*.parquet') d "
         "on r.id = d.id where r.id is null or d.id is null"), (0,))
    same("released, with copies", one(f"select count(*), sum(copies) from {released}"), (totals["released"], totals["copies"]))
    same("left out", dict(duckdb.sql(f"select reason, count(*) from {left} group by reason".format(at=at)).fetchall()), totals["left_out"])
    for s in totals["splits"]:
        rows = one(f"select count(*), sum(token_count) from read_parquet('{{at}}/parquet/{s['name']}-*.parquet')")
        same(f"rows and tokens of {s['name']}", rows, (s["documents"], s["tokens"]))
        same(f"copies of {s['name']}", one(f"select sum(copies), sum(copies * tokens) from {released} where split = '{s['name']}'"), (s["documents"], s["tokens"]))
        same(f"tokens of {s['name']} by the side file", one(f"select sum(\"end\" - start) from read_parquet('{{at}}/ids/{s['name']}-*.parquet')"), (s["tokens"],))
    same("texts that are not those of the corpus", one("select count(*) from read_parquet('{at}/parquet/*.parquet') r join read_parquet('{out}/data/*/*.parquet') d "
         "on r.id = d.id where r.text != d.text"), (0,))
    same("copies of a document", one(f"select count(*) from (select id, count(*) n from read_parquet('{{at}}/parquet/*.parquet') group by id) r join {released} d "
         "on r.id = d.id where r.n != d.copies"), (0,))
    report = json.loads(subprocess.run([millrace, "report", at, "--json"], capture_output=True, text=True, check=True).stdout)
    parts = duckdb.sql(f"select split, stratum, count(*), sum(copies), sum(copies * tokens) from {released} group by all".format(at=at)).fetchall()
    same("parts of its report", sorted((p["split"], p["name"], p["documents"], p["copies"], p["tokens"]) for p in report["parts"]), sorted(parts))
    same("what its report says is left out", {r["name"]: r["documents"] for r in report["funnel"][1]["reasons"]}, totals["left_out"])
    for h in report["histograms"]:
        for b in h["buckets"]:
            same(f"documents of {b['from']} to {b['to']} {h['name']}", (b["documents"],), one(f"select count(*) from {released} where {h['name']} >= {b['from']} and {h['name']} < {b['to']}"))
        same(f"documents by {h['name']}", sum(b["documents"] for b in h["buckets"]), totals["released"])
    described = mlcroissant.Dataset(jsonld=f"{at}/croissant.json")
    for issue in described.metadata.ctx.issues.errors:
        problems.append(f"release: croissant: {issue}")
    records = {r.uuid: sum(1 for _ in described.records(r.uuid)) for r in described.metadata.record_sets}
    same("records by its description", records, {
        **{f"parquet-{s['name']}": s["documents"] for s in totals["splits"]}, "released": totals["released"], "left-out": sum(totals["left_out"].values()),
        "ids": one("select count(*) from read_parquet('{at}/ids/*.parquet')")[0]})
    loaded = datasets.load_dataset(at)
    same("splits by its card", {name: len(rows) for name, rows in loaded.items()}, {s["name"]: s["documents"] for s in totals["splits"]})
    if not (totals["left_out"] and totals["copies"] > totals["released"] and len(totals["splits"]) == 2):
        problems.append(f"release: the recipe has nothing to count: {totals}")
    return problems


def of_croissant(millrace, folder):
    """Has mlcroissant validate the description of a corpus with hostile names, and read each of its tables; pyarrow counts their rows."""
    corpus, source = f"{folder}/corpus-croissant", pathlib.Path(folder, "a|b\"c'd <b>`$(x)")
    settings = {
        "card": {"name": "q\" '| <b>\n[x](y)", "description": "</script>\n\n# |\u202e", "license": "CC-BY-4.0", "tags": ['"', "a|b"], "citation": "`{}`", "publisher": "<p>"},
        "sources": [{"name": source.name, "license": "CC0-1.0", "homepage": "https://example.org/a?b=c"}],
        "signals": ["text", "script"], "vocab": {"count": ["chars", "words", "ngrams"]}, "removed": "all", "filter": [{"min_chars": 200}],
    }
    pathlib.Path(f"{folder}/card.yaml").write_text(json.dumps(settings))
    for args in [["run", "--out", corpus, str(source)]] * 2 + [["remove", corpus, "--where", "chars % 3 == 1", "--reason", "x"]]:
        shutil.copytree(ROOT / "testdata/sample" / ("" if source.exists() else "web"), source / ("" if source.exists() else "web"), dirs_exist_ok=True)
        done = subprocess.run([millrace, *args, "--config", f"{folder}/card.yaml"], capture_output=True, text=True)
        if done.returncode not in (0, 4):
            yield f"croissant: millrace {args}: {done.stderr}"
            return
    description = json.load(open(f"{corpus}/croissant.json"))
    if description["name"] != settings["card"]["name"] or description["license"] != "https://spdx.org/licenses/CC-BY-4.0.html":
        yield f"croissant: it says {description['name']!r}, {description['license']}"
    dataset = mlcroissant.Dataset(jsonld=f"{corpus}/croissant.json")
    for issue in [*dataset.metadata.ctx.issues.errors, *dataset.metadata.ctx.issues.warnings]:
        yield f"croissant: {issue}"
    files = {f["@id"]: f.get("includes") or [f["contentUrl"]] for f in description["distribution"]}
    seen = set()
    for table in description["recordSet"]:
        name, fields = table["@id"], table["field"]
        of = fields[0]["source"].get("fileSet", fields[0]["source"].get("fileObject"))["@id"]
        paths = sorted({p for pattern in files[of] for p in glob.glob(f"{corpus}/{pattern}")})
        tables = [pyarrow.parquet.read_table(p, partitioning=None) for p in paths]
        rows, read = sum(len(t) for t in tables), list(dataset.records(name))
        columns = {c for t in tables for c in t.column_names}
        if len(read) != rows or not rows:
            yield f"croissant: {name} has {rows} rows, mlcroissant reads {len(read)}"
        if {f["source"]["extract"]["column"] for f in fields} != columns:
            yield f"croissant: {name} says other columns than {sorted(columns)}"
        if name == "documents" and {r["documents/id"].decode() for r in read} != {id for id, _ in card_datasets(corpus)}:
            yield "croissant: its documents are others than those of the card"
        seen.add(name)
    missing = {"documents", "signals", "removed", "characters", "words", "ngrams-2", "files", "times", "rejects", "duplicates", "withdrawn"} - seen
    if missing:
        yield f"croissant: {sorted(missing)} are not described"
    names = {f["source"]["extract"]["column"] for t in description["recordSet"] for f in t["field"]}
    page = pathlib.Path(corpus, "README.md").read_text().split("\n---\n", 1)[1]
    yield from (f"croissant: the card has no column {name}" for name in sorted(names) if f"| `{name}` |" not in page)
    if "<b>" in page or "</script>" in page or "\u202e" in page:
        yield "croissant: the card has markup that somebody else wrote"
    counted = duckdb.sql(f"SELECT source, count(*), sum(chars) FROM '{corpus}/data/*/*.parquet' GROUP BY 1").fetchall()
    rows = [[cell.strip().replace(",", "") for cell in line.split("|")[-6:-1]] for line in page.split("## Sources")[1].split("## ")[0].splitlines() if "example.org" in line]
    if [(int(row[1]), int(row[2])) for row in rows] != [(n, chars) for _, n, chars in counted] or len(counted) != 1:
        yield f"croissant: the card says {rows} of its sources, DuckDB counts {counted}"
    for line, read in of_code(page, "mlcroissant", "path/of/this/folder", corpus):
        if not len(list(read) if isinstance(read, mlcroissant.Records) else read):
            yield f"croissant: {line} of the card reads nothing"
def of_reports(millrace, folder):
    """Every figure of a report is counted again by DuckDB, over the tables of the corpus."""
    out, second = f"{folder}/reported", f"{folder}/copied"
    shutil.copytree(f"{ROOT}/testdata/sample", second)
    pathlib.Path(f"{second}/more.jsonl").write_text("".join(json.dumps({"text": f"第{n}条　" + "各级人民政府应当加强对安全工作的领导。" * (n % 90 + 1) + f"《规定》{n * n}号"}) + "\n" for n in range(300)))
    for wants, args in [
        (0, ["run", f"{ROOT}/testdata/sample", "--out", out]),
        (0, ["signals", out, "--add=text,script,repetition"]),
        (0, ["run", second, "--source", f"copied={second}", "--out", out]),
        (4, ["run", f"{ROOT}/testdata/damaged", "--out", out]),
        (0, ["signals", out, "--add=text,script,repetition"]),
        (0, ["remove", out, "--where", "chars > 500 && chars < 700", "--reason", "test"]),
        (0, ["compact", out]),
    ]:
        done = subprocess.run([millrace, *args], capture_output=True, text=True)
        if done.returncode != wants:
            return [f"report: millrace {' '.join(args)}: {done.returncode} {done.stderr}"]
    done = subprocess.run([millrace, "report", out, "--preset", "zh", "--json"], capture_output=True, text=True)
    if done.returncode:
        return [f"millrace report: {done.stderr}"]
    return Recount(out, json.loads(done.stdout)).all()


class Recount:
    """Counts the figures of a report again."""

    def __init__(self, out, report):
        self.out, self.report, self.problems, self.figures = out, report, [], 0
        manifests = [json.load(open(path)) for path in sorted(glob.glob(f"{out}/manifests/*.json"))]
        self.newest, self.manifests = manifests[-1], {m["version"]: m for m in manifests}
        self.live = [self.manifests[v] for v in self.newest["live"]]
        self.db = duckdb.connect()
        for name, pattern in {
            "documents": "data/*/*", "files": "ledger/*/files", "duplicates": "ledger/*/duplicates", "rejects": "ledger/*/rejects",
            "withdrawn": "ledger/*/withdrawn", "signals": "signals/*/*",
        }.items():
            self.db.execute(f"create view {name} as select * from read_parquet('{out}/{pattern}.parquet', union_by_name = true)")
        chars = sorted(glob.glob(f"{out}/vocab/*/chars.parquet"))[-1]
        self.db.execute(f"create view chars as select * from '{chars}' where type != 'special'")

    def rows(self, query):
        return self.db.sql(query).fetchall()

    def one(self, query):
        return self.rows(query)[0][0] or 0

    def same(self, what, got, want):
        self.figures += 1
        if got != want:
            self.problems.append(f"report: {what}: it says {got}, counted again {want}")

    def all(self):
        for part in (self.facts, self.funnel, self.sources, self.nights, self.histograms, self.duplicates, self.vocabulary, self.shares, self.samples, self.cost):
            part()
        if self.figures < 500 or not self.report["duplicates"]["unknown"] or len(self.report["sources"]) != 3:
            self.problems.append(f"report: there is too little to count again: {self.figures} figures")
        print(f"report: {self.figures} figures are those of DuckDB")
        return self.problems

    def facts(self):
        documents, chars, size = self.rows("select count(*), sum(chars), sum(bytes) from documents")[0]
        texts = self.rows("select sum(length(text)), sum(strlen(text)) from documents")[0]
        self.same("texts are as long as their columns say", (chars, size), texts)
        facts = {f["label"]: f["value"] for f in self.report["facts"]}
        self.same("facts", facts, {
            "documents": documents, "characters": chars, "text": size, "different characters": self.one("select count(*) from chars"),
            "sources": self.one("select count(distinct source) from files"), "versions": len(self.live), "newest version": self.newest["version"],
            "on the disk": sum(self.files().values()),
        })

    def files(self):
        """The files that make up the corpus, and how large they are on the disk."""
        removed = {path for m in self.live for path in m.get("removes", [])}
        return {f["path"]: os.path.getsize(f"{self.out}/{f['path']}") for m in self.live for f in m["files"] if f["path"] not in removed}

    def funnel(self):
        why = lambda verdict: dict(self.rows(f"select reason, count(*) from rejects where scope = 'document' and verdict = '{verdict}' group by all"))
        steps = {
            "not rejected": why("rejected"), "not filtered": why("filtered"), "kept": dict(self.rows("select kind, count(*) from duplicates group by all")),
            "in the corpus": dict(self.rows("select reason, count(*) from withdrawn group by all")),
        }
        left = self.one("select sum(documents + filtered + rejected) from files")
        self.same("documents that were read", self.report["funnel"][0]["documents"], left)
        for step in self.report["funnel"][1:]:
            want = steps[step["name"]]
            left -= sum(want.values())
            self.same(f"funnel, {step['name']}", ({r["name"]: r["documents"] for r in step["reasons"]}, step["out"], step["documents"]), (want, sum(want.values()), left))
        self.same("documents at the end of the funnel", left, self.one("select count(*) from documents"))

    def sources(self):
        for s in self.report["sources"]:
            name = s["name"]
            of = lambda what, table, where="true": self.one(f"select {what} from {table} where source = '{name}' and {where}")
            want = {
                "name": name, "files": of("count(*)", "files", "status != 'rejected'"), "files_rejected": of("count(*)", "files", "status = 'rejected'"),
                "read": of("sum(documents + filtered + rejected)", "files"), "live": of("count(*)", "documents"), "exact_duplicates": of("count(*)", "duplicates", "kind = 'exact'"),
                "same_key_duplicates": of("count(*)", "duplicates", "kind = 'same_key'"), "near_duplicates": of("count(*)", "duplicates", "kind = 'near'"),
                "filtered": of("sum(filtered)", "files"), "rejected": of("sum(rejected)", "files"), "withdrawn": of("count(*)", "withdrawn"),
                "chars": of("sum(chars)", "documents"), "bytes": of("sum(bytes)", "documents"), "lengths": s["lengths"],
            }
            self.same(f"source {name}", s, want)
            h = next(h for h in self.report["histograms"] if h["name"] == "length")
            self.spread(f"lengths of {name}", s["lengths"], h, f"select chars from documents where source = '{name}'")

    def spread(self, what, spread, h, query):
        """The least and the greatest are exact, the others the first of the bucket that the value is in."""
        values = sorted(v for v, in self.rows(query) if v >= 0)
        if not values:
            return
        self.same(f"{what}, ends", (spread["least"], spread["most"]), (values[0], values[-1]))
        for percent in (10, 50, 90, 99):
            value = values[(len(values) - 1) * percent // 100]
            bucket = next(b["from"] for b in h["buckets"] if b["from"] <= value < b["to"])
            self.same(f"{what}, {percent} %", spread[f"p{percent}"], bucket)

    def nights(self):
        for n in self.report["nights"]:
            m = self.manifests[n["version"]]
            d = m["totals"]["documents"]
            self.same(f"night {n['version']}", (n["read"], n["kept"], n["duplicates"], n["filtered"], n["rejected"]), (
                d["read"], d["kept"], d["exact_duplicates"] + d["same_key_duplicates"] + d["near_duplicates"], d["filtered"], d["rejected"]))
            table = f"{self.out}/ledger/{n['version']:06d}/files.parquet"
            if os.path.exists(table):
                self.same(f"night {n['version']} by its ledger", (n["read"],), self.rows(f"select coalesce(sum(documents + filtered + rejected), 0) from '{table}'")[0])
        self.same("nights", [n["version"] for n in self.report["nights"]], sorted(self.manifests))

    def histograms(self):
        columns = {"length": ("chars", "documents"), "size": ("bytes", "documents"), "copies": ("copies", "documents")}
        for h in self.report["histograms"]:
            column, table = columns.get(h["name"], (h["name"], "signals"))
            query = f"select coalesce({column}, -1) from {table}"
            values = [v for v, in self.rows(query) if v >= 0]
            self.same(f"{h['name']}, values", (h["values"], h["missing"]), (len(values), self.one("select count(*) from documents") - len(values)))
            for b in h["buckets"]:
                self.same(f"{h['name']} from {b['from']} to {b['to']}", b["documents"], self.one(
                    f"select count(*) from {table} where {column} >= {b['from']} and {column} < {b['to']}"))
            self.same(f"{h['name']}, in all buckets", sum(b["documents"] for b in h["buckets"]), len(values))
            self.spread(h["name"], h["spread"], h, query)

    def duplicates(self):
        r = self.report["duplicates"]
        self.same("kinds of duplicate", {k["name"]: k["documents"] for k in r["kinds"]}, dict(self.rows("select kind, count(*) from duplicates group by all")))
        joined = "duplicates d left join documents w on w.id = d.winner_id and w.version = d.winner_version"
        between = {(a, b): n for a, b, n in self.rows(f"select d.source, w.source, count(*) from {joined} where w.id is not null group by all")}
        told = {(a, b): n for a, row in zip(r["sources"], r["between"]) for b, n in zip(r["sources"], row) if n}
        self.same("duplicates between sources", told, between)
        self.same("duplicates of documents that are gone", r["unknown"], self.one(f"select count(*) from {joined} where w.id is null"))
        groups = "(select winner_id, winner_version, count(*) n from duplicates group by all)"
        for b in r["sizes"]:
            self.same(f"groups from {b['from']} to {b['to']}", b["documents"], self.one(f"select count(*) from {groups} where n + 1 >= {b['from']} and n + 1 < {b['to']}"))
        self.same("groups", sum(b["documents"] for b in r["sizes"]), self.one(f"select count(*) from {groups}"))
        self.same("the largest groups", [g["lost"] for g in r["groups"]], [n for n, in self.rows(f"select n from {groups} order by n desc limit 20")])
        for g in r["groups"]:
            self.same(f"group of {g['id']}", g["lost"], self.one(f"select max(n) from {groups} where winner_id = '{g['id']}'"))

    def vocabulary(self):
        v = self.report["vocabulary"]
        self.same("characters", (v["chars"], v["total"]), self.rows("select count(*), sum(count) from chars")[0])
        for p in v["coverage"]:
            self.same(f"coverage of {p['at']}", p["value"], self.one(f"select sum(count) from (select count from chars order by count desc limit {p['at']})"))
        self.same("growth", [(p["at"], p["value"]) for p in v["growth"]], [
            (m["version"], m["totals"]["vocabulary_chars"]) for m in self.live if any(f["path"].startswith("vocab/") for f in m["files"])])
        self.same("new characters", [c["count"] for c in v["new"]], [n for n, in self.rows("select count from chars where count = new_count and count > 0 order by id limit 200")])
        self.same("top characters", [(c["count"], c["documents"]) for c in v["top"]], self.rows("select count, documents from chars order by id limit 100"))

    def shares(self):
        import regex

        for s in self.report["shares"]:
            parts = {p["name"]: p["value"] for p in s["parts"]}
            self.same(f"{s['name']}, together", s["total"], sum(parts.values()))
            if s["name"] == "scripts":
                counts = self.rows("select token, count from chars")
                for script in ("Han", "Latin"):
                    self.same(f"code points that are {script}", parts.get(script, 0), sum(n for c, n in counts if regex.fullmatch(rf"\p{{Script={script}}}", c)))
            elif s["name"] == "formats":
                self.same("formats", parts, {f: n for f, n in self.rows("select format, sum(documents) from files group by all") if n})
            elif s["name"] == "encodings":
                self.same("encodings", parts, {e or "UTF-8": n for e, n in self.rows("select encoding, sum(documents) from files group by all") if n})
            else:  # a signal that is a word
                described = self.rows(f"select value from parquet_kv_metadata('{self.out}/signals/*/*.parquet') where key = 'millrace.signals'")[0][0]
                labels = next(c["labels"] for c in json.loads(described) if c["name"] == s["name"])
                self.same(s["name"], parts, {labels[v]: n for v, n in self.rows(f"select {s['name']}, count(*) from signals where {s['name']} >= 0 group by all")})

    def samples(self):
        for s in self.report["samples"]:
            for d in s["list"]:
                text, chars = self.rows(f"select text, chars from documents where id = '{d['id']}' and version = {d['version']}")[0]
                begin = d["text"].rstrip("…").rstrip()
                self.same(f"sample {s['name']} {d['id']}", (text[: len(begin)], chars), (begin, d["chars"]))
            lengths = [d["chars"] for d in s["list"]]
            if s["name"] in ("longest", "shortest"):
                order = "desc" if s["name"] == "longest" else "asc"
                self.same(s["name"], lengths, [n for n, in self.rows(f"select chars from documents order by chars {order} limit 5")])
        names = [s["name"] for s in self.report["samples"]]
        if "zh:short" not in names or "at random" not in names:
            self.problems.append(f"report: samples are {names}")

    def cost(self):
        sizes = {}
        for path, size in self.files().items():
            folder = path.split("/")[0] + "/"
            sizes[folder] = sizes.get(folder, 0) + size
        self.same("sizes on the disk", {f["label"]: f["value"] for f in self.report["cost"] if f["label"].endswith("/")}, sizes)
        self.same("input", self.report["cost"][0]["value"], sum(m["totals"]["input_bytes"] for m in self.live))


def of_any(read):
    if isinstance(read, pyarrow.dataset.Dataset):
        read = read.to_table().to_pandas()
    elif isinstance(read, polars.LazyFrame):
        read = read.collect().to_pandas()
    elif isinstance(read, duckdb.DuckDBPyRelation):
        read = read.df()
    return keys(list(read["id"]), list(read["version"]))


class Failure(Exception):
    pass


def gone(error):
    """Whether a read failed for a file that is not there any more."""
    text = str(error).lower()
    return any(word in text for word in ("not found", "no such file", "no files found", "does not exist", "was-freed-by-gc"))


class Test:
    def __init__(self, millrace, folder):
        self.millrace = millrace
        self.corpus = f"{folder}/corpus"
        self.input = pathlib.Path(folder) / "news"
        self.input.mkdir()
        self.nights = 0
        self.random = random.Random(11)
        self.held = {0: ()}  # the documents of each version
        self.freed = 0  # versions below may be gone
        self.seen = []  # what readers saw: name, version, documents
        self.tries = {name: [0, 0] for name in READERS}  # reads, and tries that met a file that was gone
        self.problems = []
        self.stop = threading.Event()

    # Commands. A new kind that changes a corpus is one more of these, and a row of PLAN.

    def do(self, *args):
        done = subprocess.run([self.millrace, *args], capture_output=True, text=True)
        if done.returncode not in (0, 4):  # a line that was removed is rejected when it is read again: 4
            raise Failure(f"millrace {' '.join(args)}: exit {done.returncode}\n{done.stderr}")

    def lines(self, n):
        texts = ("".join(chr(self.random.randrange(0x4E00, 0x9000)) for _ in range(120)) for _ in range(n))
        return [json.dumps({"text": text}, ensure_ascii=False) for text in texts]

    def run(self):
        self.nights += 1
        for n in range(3):
            (self.input / f"{self.nights:03}-{n}.jsonl").write_text("\n".join(self.lines(40)) + "\n")
        self.do("run", str(self.input), "--out", self.corpus)

    def change(self):
        """Files of several nights lose half of their lines, and get others."""
        for file in self.random.sample(sorted(self.input.iterdir()), 3):
            lines = file.read_text().splitlines()
            file.write_text("\n".join(lines[: len(lines) // 2] + self.lines(15)) + "\n")
        self.do("run", str(self.input), "--out", self.corpus)

    def remove(self):
        self.do("remove", self.corpus, "--where", f"offset % 5 == {self.random.randrange(5)}", "--reason", "a letter")

    def compact(self):
        self.do("compact", self.corpus)

    def drop(self):
        self.do("drop", self.corpus, str(self.live()[-1]))

    def gc(self):
        self.do("gc", self.corpus, "--keep", "2")
        self.freed = self.newest() - 1

    def purge(self):
        self.do("purge", self.corpus)
        self.freed = self.newest()

    # What there is.

    def newest(self):
        return max(int(pathlib.Path(p).stem) for p in glob.glob(f"{self.corpus}/manifests/*.json"))

    def live(self):
        return json.load(open(f"{self.corpus}/manifests/{self.newest():06}.json"))["live"]

    def note(self):
        """Notes the documents of the newest version as its manifest says them."""
        version = self.newest()
        if version not in self.held:
            tables = [pyarrow.parquet.read_table(p, columns=COLUMNS, partitioning=None) for p in shards(self.corpus, version)]
            self.held[version] = tuple(sorted(key for t in tables for key in of_arrow(t)))
        return version

    # Readers.

    def read(self, name):
        """Reads until the test ends, and keeps what it saw."""
        while not self.stop.is_set():
            for left in reversed(range(TRIES)):
                try:
                    version, documents = READERS[name](self.corpus)
                except Exception as error:
                    if not gone(error) or not left:
                        self.problems.append(f"{name}: {type(error).__name__}: {error}")
                        return
                    self.tries[name][1] += 1
                    continue
                self.tries[name][0] += 1
                self.seen.append((name, version, documents))
                break

    def between(self, version):
        """Checks what holds while nothing is at work: globs, and every version that is still there."""
        for name, read in GLOBS.items():
            if read(self.corpus) != self.held[version]:
                self.problems.append(f"version {version}: the glob of {name} gives other documents")
        for line, documents in of_card(self.corpus):
            if documents != self.held[version]:
                self.problems.append(f"version {version}: {line} of the card gives other documents")
        past = self.random.sample(range(1, version + 1), min(version, 3))
        for name, v in zip(READERS, past):
            try:
                at, documents = READERS[name](self.corpus, v)
            except Exception as error:
                if v >= self.freed or not gone(error):
                    self.problems.append(f"{name} at version {v} of {version}: {type(error).__name__}: {error}")
                continue
            if at != v or documents != self.held[v]:
                self.problems.append(f"{name} at version {v} of {version}: {len(documents)} documents, {len(self.held[v])} expected")

    def check(self):
        for name, version, documents in self.seen:
            if documents != self.held.get(version):
                self.problems.append(f"{name}: {len(documents)} documents of version {version}, which has {len(self.held.get(version, ()))}")
        for name in READERS:
            if len({version for n, version, _ in self.seen if n == name}) < 3:
                self.problems.append(f"{name}: it saw less than three versions")


PLAN = ["run", "compact", "remove", "run", "drop", "change", "remove", "run", "drop", "compact", "change", "drop", "remove", "compact", "gc", "change", "purge"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("millrace")
    parser.add_argument("--seconds", type=float, default=30, help="how long commands go on")
    options = parser.parse_args()
    print(f"deltalake {deltalake.__version__}, polars {polars.__version__}, duckdb {duckdb.__version__}"
          f" ({'its delta extension' if HAS_EXTENSION else 'files by deltalake: its delta extension cannot be had here'}),"
          f" pandas {pandas.__version__}, pyarrow {pyarrow.__version__}, datasets {datasets.__version__},"
          f" tokenizers {tokenizers.__version__}, transformers {transformers.__version__}, mlcroissant {importlib.metadata.version('mlcroissant')}")
    with tempfile.TemporaryDirectory() as folder:
        datasets.config.HF_DATASETS_CACHE = f"{folder}/cache"
        test = Test(options.millrace, folder)
        for _ in range(2):  # there is something to read, and to compact
            test.run()
            test.between(test.note())
        threads = [threading.Thread(target=test.read, args=(name,)) for name in READERS]
        for t in threads:
            t.start()
        commands, end = 0, time.monotonic() + options.seconds
        try:
            while commands < len(PLAN) or time.monotonic() < end:
                if test.problems:
                    break
                getattr(test, PLAN[commands % len(PLAN)])()
                commands += 1
                test.between(test.note())
        finally:
            test.stop.set()
            for t in threads:
                t.join()
        test.check()
        os.mkdir(f"{folder}/mixed")
        test.problems.extend(of_mixed(options.millrace, f"{folder}/mixed"))
        test.problems.extend(of_codecs(options.millrace, folder))
        test.problems.extend(of_removed(options.millrace, folder))
        test.problems.extend(of_vocabulary(options.millrace, folder))
        test.problems.extend(of_tokenizers(options.millrace, folder))
        test.problems.extend(of_releases(options.millrace, folder))
        test.problems.extend(of_croissant(options.millrace, folder))
        test.problems.extend(of_reports(options.millrace, folder))
    print(f"{commands} commands, {max(test.held)} versions")
    for name, (reads, again) in test.tries.items():
        print(f"{name}: {reads} reads, each of one version; {again} tries met a file that had just been retired")
    for problem in test.problems[:20]:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if test.problems else 0


sys.exit(main())
