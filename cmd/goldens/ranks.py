"""Ids as tiktoken gives them, by small files of ranks with the patterns of well-known models.

    python ranks.py DATA OUT [slice]

Writes pipeline/text/bpe/testdata: small.tiktoken, the ranks of a byte-level BPE trained here on the sample of this repository, and ranks.jsonl, lines with what
tiktoken makes of them by each pattern, special tokens being tokens ("all") and text ("ordinary"). The real texts are compared by encode.py.
"""

import base64
import json
import sys

import tiktoken
from tiktoken_ext import openai_public
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from tokens import GPT4O, LLAMA3, QWEN2, TESTDATA, byte_level, lines, sample, split

# The patterns that tiktoken itself has are taken from where it has them, without the ranks, which are not in the package.
def public(name):
    load, openai_public.load_tiktoken_bpe = openai_public.load_tiktoken_bpe, lambda *_, **__: {}
    try:
        return getattr(openai_public, name)()["pat_str"]
    finally:
        openai_public.load_tiktoken_bpe = load


PATTERNS = {"gpt2": public("r50k_base"), "cl100k_base": public("cl100k_base"), "gpt4o": public("o200k_base"), "llama3": LLAMA3, "qwen2": QWEN2}
SPECIAL = ["<|end|>", "<|end|><|end|>", "荆楚"]

# What the characters of a tokenizer.json over bytes stand for.
LETTERS = {chr(b): b for b in [*range(33, 127), *range(161, 173), *range(174, 256)]}
LETTERS |= {chr(256 + i): b for i, b in enumerate(b for b in range(256) if b not in LETTERS.values())}


def ranks():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.Sequence([split(GPT4O), byte_level()])
    t.decoder = decoders.ByteLevel()
    t.train_from_iterator(sample(), trainers.BpeTrainer(vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    vocab = t.get_vocab()
    tokens = [bytes(LETTERS[c] for c in word) for word in sorted(vocab, key=vocab.get)]
    # White space of all kinds, so that it shows how patterns cut it; and tokens whose parts come later, or that no parts are merged into.
    tokens += [token for token in (b"  ", b"\n ", b" \n", b"\n\n", b" \n ", b"\n  ", b"\r\n", b"qx", b"qxy", b"xy", b"zqj", b"jqqz") if token not in tokens]
    return {token: i for i, token in enumerate(tokens)}


def encodings(of):
    special = {token: len(of) + 10 + i for i, token in enumerate(SPECIAL)}
    return {name: tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=of, special_tokens=special) for name, pattern in PATTERNS.items()}


def main(_data, _out, *_names):
    of = ranks()
    (TESTDATA / "small.tiktoken").write_bytes(b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in of.items()))
    with open(TESTDATA / "ranks.jsonl", "w") as file:
        for line in lines() + ["zqj jqqz qxy aqxyz", "a\n  ", " \n\n \t", "\u3000\n\u00a0", "x \n <|end|> \n "]:
            row = {"text": line, "all": {}, "ordinary": {}}
            for name, encoding in encodings(of).items():
                # Of special tokens that begin at one place tiktoken takes one or the other.
                if "<|end|><|end|>" not in line and any(token in line for token in SPECIAL):
                    row["all"][name] = encoding.encode(line, allowed_special="all")
                row["ordinary"][name] = encoding.encode_ordinary(line)
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
