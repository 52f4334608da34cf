"""What the programs that made a corpus said of it, and what another reader of Parquet finds in it, as one file.

    told.py CORPUS >CORPUS.json

Run once, behind make.sh and in its folder, with pyarrow 26. Nothing here asks millrace for more than the output that make.sh kept.
"""

import glob
import hashlib
import json
import sys

import pyarrow.parquet as parquet

corpus = sys.argv[1]


def told(version, what):
    with open(f"told/{corpus}.{version}.{what}.json", encoding="utf-8") as f:
        return json.load(f)


def rows(pattern):
    """The rows of tables of one name, with the version whose folder they are in."""
    for name in sorted(glob.glob(f"{corpus}/{pattern}")):
        version = int(name[len(corpus) + 1 :].split("/")[1][:6])
        for row in parquet.read_table(name).to_pylist():
            yield version, row


def lines(values):
    return "[\n    " + ",\n    ".join(json.dumps(v, ensure_ascii=False) for v in values) + "\n  ]"


versions, before = [], set()
for version in range(1, 1 + len(glob.glob(f"{corpus}/manifests/*.json"))):
    now = {f["path"] for f in told(version, "files")["files"]}
    log = told(version, "log")["versions"]
    said = told(version, "said")
    entry = {"version": version, "live": [v["version"] for v in log if v["live"]]}
    entry |= {"documents": log[-1]["documents"], "digest": log[-1]["digest"]}
    entry |= {"files": said["files"]} if isinstance(said.get("files"), dict) else {}
    versions.append(entry | {"adds": sorted(now - before), "removes": sorted(before - now)})
    before = now

kept, moved = {}, {}
for version, row in rows("data/*/*.parquet"):
    said = {"version": row["version"], "id": row["id"], "path": row["path"], "offset": row["offset"], "chars": row["chars"]}
    said |= {"metadata": row["metadata"], "sha256": hashlib.sha256(row["text"].encode()).hexdigest()}
    (kept if row["version"] == version else moved)[row["id"], row["version"]] = said
assert all(kept[key] == said for key, said in moved.items()), "a compaction holds other documents"

parts = {
    "versions": versions,
    "kept": kept.values(),
    "duplicates": [
        {"version": v, "id": r["id"], "path": r["path"], "offset": r["offset"], "kind": r["kind"], "winner": r["winner_id"]}
        for v, r in rows("ledger/*/duplicates.parquet")
    ],
    "rejects": [
        {"version": v} | {k: r[k] for k in ("id", "path", "offset", "scope", "verdict", "reason")} for v, r in rows("ledger/*/rejects.parquet")
    ],
}
print("{\n  " + ",\n  ".join(f'"{name}": {lines(values)}' for name, values in parts.items()) + "\n}")
