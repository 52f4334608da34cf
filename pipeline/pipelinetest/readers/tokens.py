"""The readers of trainers open token files, and find every token and border of documents; the writers of some, given the same tokens, write the same bytes.

    python tokens.py FOLDER

FOLDER is what TestTokenFiles of cmd/millrace wrote. Torch is that of Debian, 1.13 for processors only: a fraction of the size of that of PyPI. What the readers need
of newer ones is stood in for here: int64 as an index for datatrove's positions, a name for the type uint16, and the size of a type for litData, whose blocks are taken from
its buffers by NumPy.
"""

import csv
import gzip
import json
import logging
import os
import pathlib
import sys
import tempfile

os.environ["TQDM_DISABLE"] = "1"  # before Torch is imported

import numpy  # noqa: E402
import torch  # noqa: E402

torch.uint16 = getattr(torch, "uint16", torch.int16)  # before litData is imported

logging.disable(logging.WARNING)

import datatrove  # noqa: E402
import litdata  # noqa: E402
import megatron.core  # noqa: E402
import streaming  # noqa: E402
import tokenizers  # noqa: E402
import webdataset  # noqa: E402
from datatrove.io import get_datafolder  # noqa: E402
from datatrove.pipeline.tokens.megatron_tokenizer import MegatronTokenizedFile  # noqa: E402
from datatrove.pipeline.tokens.tokenizer import TokenizedFile  # noqa: E402
from datatrove.tools.check_dataset import check_dataset  # noqa: E402
from datatrove.utils.dataset import DatatroveFolderDataset  # noqa: E402
from litdata.streaming.writer import BinaryWriter  # noqa: E402
from megatron.core.datasets.indexed_dataset import IndexedDataset  # noqa: E402



class TokensLoader(litdata.TokensLoader):
    """litData's, which asks a type of Torch for its size. Its name is compared with that in the index."""

    def setup(self, *args, **kwargs):
        super().setup(*args, **kwargs)
        self._dtype = {torch.uint16: numpy.dtype(numpy.uint16), torch.int32: numpy.dtype(numpy.int32)}[self._dtype]
        self._serializer_name = "no_header_numpy"


class Case:
    """A release, and what is true of it."""

    def __init__(self, folder):
        truth = json.loads((folder / "truth.json").read_text())
        self.folder, self.spec, self.formats = folder, truth["Spec"], truth["Formats"]
        self.shards = [shard or [] for shard in truth["Shards"]]
        self.narrow = self.spec["Vocabulary"] <= 1 << 16
        self.width = 2 if self.narrow else 4
        self.length = self.spec["Length"]

    def shard(self, n):
        return f"train-{n:05d}-of-{len(self.shards):05d}"

    def sequences(self):
        return [q for shard in self.shards for q in shard]

    def stream(self, n):
        return [i for q in self.shards[n] for i in q["Tokens"]]

    def documents(self, n):
        """Start, end and id of each document of a shard."""
        before, list = 0, []
        for q in self.shards[n]:
            text = len(q["Tokens"]) - q["Padded"]
            ends = q["Starts"][1:] + [text]
            list += [(before + s, before + e, i) for s, e, i in zip(q["Starts"], ends, q["IDs"])]
            before += len(q["Tokens"])
        return list

    def ends(self, n):
        """Where documents and padding end."""
        before, list = 0, []
        for q in self.shards[n]:
            list += [before + s for s in q["Starts"][1:]] + [before + len(q["Tokens"]) - q["Padded"]]
            before += len(q["Tokens"])
            list.append(before)
        return sorted(set(list) - {0})


def same(got, want, what):
    if list(got) != list(want):
        raise AssertionError(what)


def of_megatron(case, folder):
    for n, shard in enumerate(case.shards):
        name = f"{folder}/{case.shard(n)}"
        data = IndexedDataset(name, multimodal=False)
        same([len(data)], [len(shard)], "number of sequences")
        same(data.document_indices, range(len(shard) + 1), "documents")
        same([data[0].dtype], [numpy.uint16 if case.narrow else numpy.int32], "type")
        for i, q in enumerate(shard):
            same(data[i], q["Tokens"], f"sequence {i}")
        with tempfile.TemporaryDirectory() as other:
            w = MegatronTokenizedFile(other, "x", token_size=case.width)
            for q in shard:
                w.write(q["Tokens"])
            w.close()
            for ending in [".bin", ".idx"]:
                same([open(name + ending, "rb").read()], [open(f"{other}/x{ending}", "rb").read()], f"datatrove's bytes of {ending}")


def of_datatrove(case, folder):
    for n, shard in enumerate(case.shards):
        with tempfile.TemporaryDirectory() as other:
            w = TokenizedFile(other, "x.ds", tokenizer_name_or_path="cafe", save_final_metadata=True, token_size=case.width)
            stream, ends = case.stream(n), case.ends(n)
            for start, end in zip([0] + ends, ends):
                w.write(stream[start:end], None)
            w.close()
            for ending in [".ds", ".ds.index", ".ds.metadata"]:
                same([open(f"{folder}/{case.shard(n)}{ending}", "rb").read()], [open(f"{other}/x{ending}", "rb").read()], f"datatrove's bytes of {ending}")
    torch.int = torch.int64
    for length in [case.length or 64, 7]:
        data = DatatroveFolderDataset(str(folder), seq_len=length - 1, token_size=case.width, return_positions=True)
        item = 0
        for n in range(len(case.shards)):
            stream, starts = case.stream(n), [0] + case.ends(n)
            of = numpy.zeros(len(stream), int)  # where the document of each token begins
            for start, end in zip(starts, starts[1:]):
                of[start:end] = start
            for at in range(0, len(stream) // length * length, length):
                got = data[item]
                same(got["input_ids"].tolist(), stream[at:at + length], f"context {item}")
                want = [at + k - max(of[at + k], at) for k in range(length)]
                same(got["positions"].tolist(), want, f"positions {item}")
                item += 1
        same([len(data)], [item], "number of contexts")
    torch.int = torch.int32
    if case.narrow and not case.length:  # which is what check_dataset knows
        with tempfile.TemporaryDirectory() as other:
            tokenizers.Tokenizer(tokenizers.models.WordLevel({"<|endoftext|>": case.spec["EOS"], "?": 1}, "?")).save(f"{other}/tokenizer.json")
            check_dataset(get_datafolder(str(folder)), f"{other}/tokenizer.json", "<|endoftext|>")


def of_npy(case, folder):
    for n in range(len(case.shards)):
        data = numpy.memmap(folder / f"{case.shard(n)}.npy", dtype=numpy.uint16 if case.narrow else numpy.uint32, mode="r")
        same(data, case.stream(n), "tokens")
        with gzip.open(folder / f"{case.shard(n)}.csv.gz", "rt", newline="") as f:
            got = list(csv.reader(f))
        same(got, [[str(s), str(e), id, "", str(i)] for i, (s, e, id) in enumerate(case.documents(n))], "metadata")


def bounds(q):
    return q["Starts"] + [len(q["Tokens"]) - q["Padded"]]


def of_mds(case, folder):
    data = streaming.StreamingDataset(local=str(folder.parent), split="train", shuffle=False, batch_size=1, validate_hash="sha256")
    same([len(data)], [len(case.sequences())], "number of samples")
    type = numpy.uint16 if case.narrow else numpy.uint32
    for i, q in enumerate(case.sequences()):
        got = data[i]
        same([got["tokens"].dtype], [type], "type")
        same(got["tokens"], q["Tokens"], f"sample {i}")
        same(got["cu_seqlens"], bounds(q), f"documents of sample {i}")
        same(got["ids"].split(), q["IDs"], f"ids of sample {i}")
    index = json.loads((folder / "index.json").read_text())
    columns = {"tokens": f"ndarray:{numpy.dtype(type)}" + (f":{case.length}" if case.length else ""), "cu_seqlens": "ndarray:int32", "ids": "str"}
    for n, shard in enumerate(case.shards):
        with tempfile.TemporaryDirectory() as other:
            with streaming.MDSWriter(out=f"{other}/x", columns=columns, hashes=["sha256"]) as w:
                for q in shard:
                    w.write({"tokens": numpy.array(q["Tokens"], type), "cu_seqlens": numpy.array(bounds(q), numpy.int32), "ids": " ".join(q["IDs"])})
            same([(folder / f"{case.shard(n)}.00000.mds").read_bytes()], [pathlib.Path(f"{other}/x/shard.00000.mds").read_bytes()], "MDSWriter's bytes")
            want = json.loads(pathlib.Path(f"{other}/x/index.json").read_text())["shards"][0]
            want["raw_data"]["basename"] = f"{case.shard(n)}.00000.mds"
            same([index["shards"][n]], [want], "MDSWriter's index")


def of_litdata(case, folder):
    for length in [case.length or 64, 7]:
        data = litdata.StreamingDataset(str(folder), item_loader=TokensLoader(block_size=length), shuffle=False)
        want = []
        for n in range(len(case.shards)):
            stream = case.stream(n)
            want += [stream[at:at + length] for at in range(0, len(stream) // length * length, length)]
        same([len(data)], [len(want)], "number of blocks")
        for i, block in enumerate(want):
            got = data[i]
            same([got.dtype], [numpy.uint16 if case.narrow else numpy.int32], "type")
            same(got, block, f"block {i}")
    if not case.narrow:  # Debian's torch cannot make tensors of uint16
        for n, shard in enumerate(case.shards):
            with tempfile.TemporaryDirectory() as other:
                w = BinaryWriter(other, chunk_bytes=1 << 26, item_loader=litdata.TokensLoader())
                for i, q in enumerate(shard):
                    w[i] = torch.tensor(q["Tokens"], dtype=torch.int32)
                w.done()
                w.merge()
                same([(folder / f"{case.shard(n)}.00000.bin").read_bytes()], [pathlib.Path(f"{other}/chunk-0-0.bin").read_bytes()], "BinaryWriter's bytes")
                want = json.loads(pathlib.Path(f"{other}/index.json").read_text())
                got = json.loads((folder / "index.json").read_text())
                same([got["chunks"][n] | {"filename": "chunk-0-0.bin"}], want["chunks"], "BinaryWriter's index")
                same([got["config"]], [{k: want["config"][k] for k in got["config"]}], "BinaryWriter's config")


def of_webdataset(case, folder):
    manifest = [json.loads(line) for line in open(folder / "manifest.jsonl")]
    tars = [f"{folder}/{line['shard']}.tar" for line in manifest]
    data = list(webdataset.WebDataset(tars, shardshuffle=False).decode())
    same([s["json.gz"] for s in data], [q["Tokens"] for q in case.sequences()], "contexts")
    same([len({s["__key__"] for s in data}), sum(line["num_sequences"] for line in manifest)], [len(data)] * 2, "number of contexts")
    for line, tar in zip(manifest, tars):
        same([len(list(webdataset.WebDataset(tar, shardshuffle=False)))], [line["num_sequences"]], f"contexts of {tar}")


READERS = {f.__name__.removeprefix("of_"): f for f in [of_megatron, of_datatrove, of_npy, of_mds, of_litdata, of_webdataset]}


def main():
    problems, cases, read = [], 0, set()
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        case = Case(folder)
        cases += 1
        for format in case.formats:
            read.add(format)
            try:
                READERS[format](case, folder / format / "train")
            except Exception as error:  # the next format may be right
                problems.append(f"{folder.name}/{format}: {error!r:.500}")
    if missing := READERS.keys() - read:
        problems.append(f"no files of {missing}")
    print(f"token files of {cases} releases in {len(READERS)} formats: numpy {numpy.__version__}, torch {torch.__version__}, datatrove, litdata {litdata.__version__},"
          f" megatron-core {megatron.core.__version__}, streaming {streaming.__version__}, webdataset {webdataset.__version__}")
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
