"""Merges and ids that Hugging Face's trainers make of the same texts, of byte-level BPE and of WordPiece.

    python train.py DATA OUT [slice]
    python train.py DATA OUT speed

Writes into pipeline/text/bpe/train/testdata what comes out for the sample of this repository, as digests, with what is first and last: trained.json and
wordpiece.json; and for words made here: words.json. And, unless only the slice is wanted, OUT/trained.json, the same for 20 MB of real text with 32 000 tokens. With speed it only measures the time for
64 000 tokens from the texts of SETS, or of those that the variable TRAIN_SETS names, on two cores.
"""

import collections
import hashlib
import json
import os
import pathlib
import random
import resource
import sys
import time

os.environ.setdefault("RAYON_NUM_THREADS", "2")

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers  # after the variable, which is read once

from tokens import GPT4O, LLAMA3, QWEN2, ROOT, SETS, byte_level, sample, split, texts

TESTDATA = ROOT / "pipeline/text/bpe/train/testdata"
PATTERNS = {"gpt4o": GPT4O, "llama3": LLAMA3, "qwen2": QWEN2}

# What pipeline/text/bpe/train/golden_test.go asks for in the same words.
CASES = [
    {"pattern": "gpt2", "size": 700},
    {"pattern": "gpt2", "size": 5000, "special": ["<|end|>", "<|pad|>", "a", "the", "ing"], "digits": 1},
    {"pattern": "gpt4o", "size": 3000, "special": ["<|end|>"], "least": 3},
    {"pattern": "gpt4o", "size": 20000, "special": ["<|end|>"], "digits": 3},
    {"pattern": "llama3", "size": 20000, "length": 9},
    {"pattern": "qwen2", "size": 2000, "special": ["<|end|>"], "nfc": True},
]
# And wordpiece_test.go.
WORD_PIECES = [
    {"size": 1500, "special": ["[UNK]"]},
    {"size": 3000, "special": ["[PAD]", "[UNK]", "a", "##b"], "lowercase": True, "least": 2},
    {"size": 900, "special": ["[UNK]"], "alphabet": 300},
]
REAL = {"pattern": "gpt4o", "size": 32000, "special": ["<|end|>"]}


def train(case, corpus):
    t = Tokenizer(models.BPE())
    if case.get("nfc"):
        t.normalizer = normalizers.NFC()
    cuts = {1: [pre_tokenizers.Digits(True)], 3: [split(r"\p{N}{1,3}")]}.get(case.get("digits"), [])
    if case["pattern"] == "gpt2":
        cuts.append(byte_level(use_regex=True))
    else:
        cuts += [split(PATTERNS[case["pattern"]]), byte_level()]
    t.pre_tokenizer = pre_tokenizers.Sequence(cuts)
    trainer = trainers.BpeTrainer(
        vocab_size=case["size"], min_frequency=case.get("least", 0), special_tokens=case.get("special", []), max_token_length=case.get("length"),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
    )
    t.train_from_iterator(corpus, trainer)
    return t


def outcome(t):
    """What is compared: merges as ids, the vocabulary in the order of ids."""
    model = json.loads(t.to_str())["model"]
    vocab = model["vocab"]
    merges = [[vocab[a], vocab[b], vocab[a + b]] for a, b in model["merges"]]
    digest = hashlib.sha256("".join(f"{a} {b} {c}\n" for a, b, c in merges).encode()).hexdigest()
    words = hashlib.sha256("".join(f"{word}\n" for word in sorted(vocab, key=vocab.get)).encode()).hexdigest()
    return {"tokens": len(vocab), "merges": len(merges), "first": merges[:5], "last": merges[-5:], "merges_sha256": digest, "vocab_sha256": words}


def train_words(case, corpus):
    """WordPiece. Which ids characters have that follow others is left to chance by the trainer, and which of equally frequent ones are kept: the
    first is part of what comes out, the second is avoided."""
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer(lowercase=case.get("lowercase", False))
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if "alphabet" in case:
        letters = collections.Counter()
        for text in corpus:
            for word, _ in t.pre_tokenizer.pre_tokenize_str(t.normalizer.normalize_str(text)):
                letters.update(word)
        counts = [count for _, count in letters.most_common()]
        while counts[case["alphabet"] - 1] == counts[case["alphabet"]]:
            case["alphabet"] += 1
    limit = {"limit_alphabet": case["alphabet"]} if "alphabet" in case else {}
    trainer = trainers.WordPieceTrainer(
        vocab_size=case["size"], min_frequency=case.get("least", 0), special_tokens=case["special"], show_progress=False, **limit,
    )
    t.train_from_iterator(corpus, trainer)
    vocab = t.get_vocab()
    order = sorted(vocab, key=vocab.get)
    follow = [word[2] for word in order if word.startswith("##") and len(word) == 3 and word not in case["special"]]
    words = hashlib.sha256("".join(f"{word}\n" for word in order).encode()).hexdigest()
    return t, {"tokens": len(order), "follow": "".join(follow), "first": order[:5], "last": order[-5:], "vocab_sha256": words}


def small_words():
    """Words of few letters, which overlap themselves and whose tokens come about in several ways."""
    rng = random.Random(1)
    for _ in range(120):
        parts = rng.choice([["a", "b", "c", "ab", "bc", "abc"], ["a", "aa", "aaa", "b"], ["a", "b"], ["ab", "ba", "aab"]])
        words = {"".join(rng.choices(parts, k=rng.randint(1, 8))): rng.randint(1, 9) for _ in range(rng.randint(1, 20))}
        case = {"words": words, "size": 257 + rng.randint(1, 60), "least": rng.choice([0, 0, 2, 5]), "length": rng.choice([0, 0, 0, 3, 5])}
        t = Tokenizer(models.BPE())
        t.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        trainer = trainers.BpeTrainer(
            vocab_size=case["size"], min_frequency=case["least"], special_tokens=["<|end|>"], max_token_length=case["length"] or None,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
        )
        t.train_from_iterator([" ".join(word for word, n in words.items() for _ in range(n))], trainer)
        model = json.loads(t.to_str())["model"]
        yield case | {"merges": [[model["vocab"][a], model["vocab"][b], model["vocab"][a + b]] for a, b in model["merges"]]}


def first_bytes(corpus, most):
    """The first texts that have so many bytes together."""
    for text in corpus:
        most -= len(text.encode())
        if most < 0:
            return
        yield text


def main(data, out, *names):
    data, out = pathlib.Path(data), pathlib.Path(out)
    if names == ("speed",):
        corpus = list(texts(data, os.environ.get("TRAIN_SETS", ",".join(SETS)).split(",")))
        start, cpu = time.perf_counter(), time.process_time()
        t = train(REAL | {"size": 64_000}, corpus)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"tokenizers: {t.get_vocab_size()} tokens in {time.perf_counter() - start:.1f} s, {time.process_time() - cpu:.1f} s of cores, {peak} MB")
        return
    TESTDATA.mkdir(parents=True, exist_ok=True)
    rows = [case | outcome(train(case, list(sample()))) for case in CASES]
    (TESTDATA / "trained.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if not (TESTDATA / "wordpiece.json").exists():  # which is another one each time
        words = [case | train_words(case, list(sample()))[1] for case in WORD_PIECES]
        (TESTDATA / "wordpiece.json").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in words))
    (TESTDATA / "words.json").write_text("".join(json.dumps(row) + "\n" for row in small_words()))
    if names != ("slice",):
        t = train(REAL, list(first_bytes(texts(data, ["laws", "tvnews", "fudan"], 250), 20_000_000)))
        (out / "trained.json").write_text(json.dumps(REAL | outcome(t)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
