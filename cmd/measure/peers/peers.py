"""One job of another tool: read JSONL, take duplicates out, write what is kept, and list the ids of that.

    peers.py TOOL SCRATCH FILE...

writes SCRATCH/kept, one id a line, and prints the CPU seconds of the tool's own work where the script has to do a part of the
job for it (shingles, reading). Every import is inside its tool: each has an environment of its own.
"""

import json
import os
import shutil
import sys
import time

THRESHOLD = 0.75  # what millrace takes two documents for near duplicates from, by default
PERMUTATIONS = 256
BANDS, ROWS = 32, 8
WIDTH = 5  # characters of a shingle


def records(files):
    for name in files:
        with open(name, encoding="utf-8") as f:
            for line in f:
                yield json.loads(line)


def keep(scratch, ids):
    with open(os.path.join(scratch, "kept"), "w", encoding="utf-8") as f:
        f.writelines(i + "\n" for i in ids)


def own(seconds):
    print(f"own {seconds:.3f}")


# Exact duplicates, by engines that read JSONL and write Parquet themselves.


def polars(scratch, files):
    import polars as pl

    out = os.path.join(scratch, "out.parquet")
    df = pl.concat([pl.scan_ndjson(f) for f in files]).unique("text", keep="first", maintain_order=True).collect()
    df.write_parquet(out)  # zstd
    keep(scratch, df["id"])


def duckdb(scratch, files):
    import duckdb as db

    out = os.path.join(scratch, "out.parquet")
    con = db.connect()
    con.execute(
        f"""COPY (SELECT first(id) AS id, text FROM read_json({files!r}, format='newline_delimited',
        columns={{id: 'VARCHAR', text: 'VARCHAR'}}) GROUP BY text)
        TO '{out}' (FORMAT parquet, COMPRESSION zstd)"""
    )
    keep(scratch, [i for (i,) in con.execute(f"SELECT id FROM '{out}'").fetchall()])


def dolma(scratch, files):
    import gzip
    import subprocess

    docs = os.path.join(scratch, "documents")
    os.mkdir(docs)
    for i, name in enumerate(files):  # dolma reads compressed files alone
        with open(name, "rb") as f, gzip.open(os.path.join(docs, f"{i}.json.gz"), "wb", compresslevel=1) as g:
            while block := f.read(1 << 20):
                g.write(block)
    dolma_cli = os.path.join(os.path.dirname(sys.executable), "dolma")
    start = os.times()
    subprocess.run(
        [dolma_cli, "dedupe", "--documents", docs + "/*", "--dedupe.name", "dup", "--dedupe.documents.key", "$.text",
         "--dedupe.documents.attribute_name", "dup", "--bloom_filter.file", os.path.join(scratch, "bloom"),
         "--bloom_filter.estimated_doc_count", "1000000", "--bloom_filter.desired_false_positive_rate", "0.0001",
         "--no-bloom_filter.read_only", "--processes", "1"],
        check=True, stdout=subprocess.DEVNULL,
    )
    end = os.times()
    own(end.children_user + end.children_system - start.children_user - start.children_system)
    kept = []
    attributes = os.path.join(scratch, "attributes", "dup")
    for name in sorted(os.listdir(attributes)):
        with gzip.open(os.path.join(attributes, name), "rt", encoding="utf-8") as f:
            kept += [r["id"] for r in map(json.loads, f) if not r["attributes"].get("dup")]
    keep(scratch, kept)


# Near duplicates, by libraries that want sets of hashes: letters and digits, lower case, five characters a shingle.


def folded(text):
    return "".join(c for c in text.lower() if c.isalnum())


def shingles(text):
    import numpy as np

    points = np.frombuffer(folded(text).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    n = len(points) - WIDTH + 1
    if n < 1:
        return np.array([hash(text) & 0xFFFFFFFF], dtype=np.uint64)
    h = np.zeros(n, dtype=np.uint64)
    for i in range(WIDTH):
        h = h * np.uint64(0x9E3779B97F4A7C15) + points[i : i + n]
    h ^= h >> np.uint64(29)
    return np.unique(h * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(32))


def hashed(files):
    ids, sets = [], []
    for r in records(files):
        ids.append(r["id"])
        sets.append(shingles(r["text"]))
    return ids, sets


def flat(sets):
    """The sets as one array, and where each begins."""
    import numpy as np

    return np.concatenate(sets), np.concatenate(([0], np.cumsum([len(s) for s in sets]))).astype(np.uint64)


def keep_first(ids, flags, candidates):
    """Ids of what resembles none that is kept before it. The library flags every member of a group; candidates tells them."""
    kept, out = set(), []
    for n, i in enumerate(ids):
        if not flags[n] or not any(c in kept for c in candidates(n)):
            kept.add(n)
            out.append(i)
    return out


def fastsketch(scratch, files):
    import FastSketchLSH as fs

    ids, sets = hashed(files)
    start = time.process_time()
    matrix = fs.FastSimilaritySketch(PERMUTATIONS, 42).batch_csr(*flat(sets), prehashed=True, num_threads=1)
    lsh = fs.LSH(PERMUTATIONS, BANDS)
    flags = lsh.insert_and_query_duplicates(matrix)
    kept = keep_first(
        ids, flags, lambda n: (c for c in lsh.query(matrix[n]) if c < n and (matrix[c] == matrix[n]).mean() >= THRESHOLD)
    )
    own(time.process_time() - start)
    keep(scratch, kept)


def rensa(scratch, files):
    import numpy as np
    import rensa as rs

    ids, sets = hashed(files)
    start = time.process_time()
    matrix = rs.RMinHash.digest_matrix_from_flat_token_hashes(*flat(sets), PERMUTATIONS, 42)
    lsh = rs.RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    flags = lsh.insert_matrix_and_query_duplicate_flags(matrix)
    rows = np.array(matrix.to_rows(), dtype=np.uint32)
    bands = {}
    for n in np.flatnonzero(flags):
        for key in bands_of(rows[n]):
            bands.setdefault(key, []).append(n)
    alike = lambda n: {c for key in bands_of(rows[n]) for c in bands[key] if c < n and (rows[c] == rows[n]).mean() >= THRESHOLD}
    kept = keep_first(ids, flags, alike)
    own(time.process_time() - start)
    keep(scratch, kept)


def bands_of(row):
    return [(b, row[b * ROWS : (b + 1) * ROWS].tobytes()) for b in range(BANDS)]


def datasketch(scratch, files):
    import datasketch as ds

    ids, sets = hashed(files)
    start = time.process_time()
    found = ds.MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, params=(BANDS, ROWS))
    kept, signatures = [], {}
    for i, s in zip(ids, sets):
        m = ds.MinHash(num_perm=PERMUTATIONS, hashfunc=int)
        m.update_batch(s.tolist())
        if not any(m.jaccard(signatures[k]) >= THRESHOLD for k in found.query(m)):
            found.insert(i, m)
            signatures[i] = m
            kept.append(i)
    own(time.process_time() - start)
    keep(scratch, kept)


def gaoya(scratch, files):
    from gaoya.minhash import MinHashStringIndex

    rows = [(r["id"], folded(r["text"])) for r in records(files)]
    start = time.process_time()
    index = MinHashStringIndex(hash_size=32, jaccard_threshold=THRESHOLD, num_bands=BANDS, band_size=ROWS,
                               analyzer="char", ngram_range=(WIDTH, WIDTH))
    kept = []
    for n, (i, text) in enumerate(rows):
        if not index.query(text):
            index.insert_document(n, text)
            kept.append(i)
    own(time.process_time() - start)
    keep(scratch, kept)


def daft(scratch, files):
    import daft as df
    from daft import col, functions as f

    spaced = f.regexp_replace(f.regexp_replace(f.lower(col("text")), r"[^\p{L}\p{N}]", ""), "(.)", "$1 ")
    table = df.read_json(files).with_column("n", f.monotonically_increasing_id())
    rows = table.select("n", "id", f.minhash(spaced, num_hashes=PERMUTATIONS, ngram_size=WIDTH).alias("m")).collect().to_arrow()
    import numpy as np

    matrix = np.stack(rows["m"].to_numpy(zero_copy_only=False))
    bands = [df.from_pydict({"n": rows["n"], "band": [f"{b}:" + r.tobytes().hex() for r in matrix[:, b * ROWS : (b + 1) * ROWS]]})
             for b in range(BANDS)]
    lost = set()
    for b in bands:
        first = b.groupby("band").agg(col("n").min().alias("first"))
        lost.update(b.join(first, on="band").where(col("n") > col("first")).to_pydict()["n"])
    kept = table.where(~col("n").is_in(sorted(lost)))
    kept.write_parquet(os.path.join(scratch, "out"), compression="zstd")
    keep(scratch, [i for n, i in zip(rows["n"].to_pylist(), rows["id"].to_pylist()) if n not in lost])


# Whole jobs of other tools, as their documents say, but for Chinese: characters are their words.


class Characters:
    """Splits a text into its letters and digits."""

    def split(self, text):
        return [c for c in text if c.isalnum()]

    word_tokenize = split


def together(scratch, files):
    """One file of all: what some of these tools want."""
    name = os.path.join(scratch, "in.jsonl")
    with open(name, "wb") as w:
        for f in files:
            with open(f, "rb") as r:
                shutil.copyfileobj(r, w, 1 << 20)
    return name


def textdedup(scratch, files):
    from datasets import load_from_disk
    from text_dedup import minhash

    minhash.NON_ALPHA = Characters()
    out = os.path.join(scratch, "out")
    whole = together(scratch, files)
    minhash.main(
        ["--path", "json", "--data_files", whole, "--split", "train", "--cache_dir", os.path.join(scratch, "cache"), "--output", out,
         "--column", "text", "--ngram", str(WIDTH), "--min_length", "0", "--threshold", str(THRESHOLD),
         "--num_perm", str(PERMUTATIONS), "--num_proc", "1", "--hash_func", "xxh3", "--hash_bits", "32"],
        standalone_mode=False,
    )
    keep(scratch, load_from_disk(out)["id"])


def datatrove(scratch, files, words=None):
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter, ParquetWriter
    from datatrove.utils.typeshelper import Languages

    at = lambda name: os.path.join(scratch, name)
    os.mkdir(at("in"))
    for i, f in enumerate(files):
        os.symlink(f, at(f"in/{i}.jsonl"))
    reader = JsonlReader(at("in"))
    config = MinhashConfig()  # 14 bands of 8, 5 words a shingle
    signature = MinhashDedupSignature(at("signatures"), config, language=words or Languages.english)
    if not words:
        signature.__dict__["word_tokenizer"] = Characters()
    steps = [
        [reader, signature],
        [MinhashDedupBuckets(at("signatures"), at("buckets"), config=config)],
        [MinhashDedupCluster(at("buckets"), at("removed"), config=config)],
        [reader, MinhashDedupFilter(at("removed")), ParquetWriter(at("out"), compression="zstd")],
    ]
    for n, s in enumerate(steps):
        tasks = config.num_buckets if n == 1 else 1
        LocalPipelineExecutor(s, tasks=tasks, workers=1, logging_dir=at(f"log{n}")).run()
    import pyarrow.parquet as pq

    kept = []
    for name in sorted(os.listdir(at("out"))):
        kept += pq.read_table(os.path.join(at("out"), name), columns=["id"])["id"].to_pylist()
    keep(scratch, kept)


def datatrove_words(scratch, files):
    from datatrove.utils.typeshelper import Languages

    datatrove(scratch, files, Languages.mandarin_chinese)


def datajuicer(scratch, files):
    import subprocess

    whole = together(scratch, files)
    out, config = os.path.join(scratch, "out.jsonl"), os.path.join(scratch, "config.yaml")
    with open(config, "w", encoding="utf-8") as c:
        json.dump(
            {"project_name": "peer", "dataset_path": whole, "export_path": out, "np": 1, "use_cache": False, "open_tracer": False,
             "ds_cache_dir": os.path.join(scratch, "cache"),
             "process": [{"document_minhash_deduplicator": {
                 "tokenization": "character", "window_size": WIDTH, "lowercase": True, "ignore_pattern": r"[\W_]+",
                 "num_permutations": PERMUTATIONS, "jaccard_threshold": THRESHOLD}}]},
            c,
        )
    process = os.path.join(os.path.dirname(sys.executable), "dj-process")
    subprocess.run([process, "--config", config], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    keep(scratch, [r["id"] for r in records([out])])


if __name__ == "__main__":
    tool, scratch, *files = sys.argv[1:]
    globals()[tool](scratch, files)
