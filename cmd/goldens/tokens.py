"""Ids as Hugging Face's tokenizers gives them, of small byte-level BPEs with the pre-tokenizers of well-known models.

    python tokens.py DATA OUT [slice]

Writes pipeline/text/bpe/testdata: NAME.json, tokenizers trained here on the sample of this repository, and lines.jsonl, lines with what each of them makes of
them, and what Ultra-FineWeb's classifier would see of them, cut by the one with the pre-tokenizer of DeepSeek. And, unless only the
slice is wanted, OUT/tokens.json, a larger one of the real text, and OUT/tokens-NAME.jsonl: the ids of all of DATA/NAME.jsonl by it.
"""

import json
import pathlib
import random
import re
import sys
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

ROOT = pathlib.Path(__file__).parents[2]
TESTDATA = ROOT / "pipeline/text/bpe/testdata"
SETS = ["laws", "tvnews", "fudan"]

GPT4O = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
DEEPSEEK3 = "|".join([
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+""", r"[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+", r" ?[\p{P}\p{S}]+[\r\n]*", r"\s*[\r\n]+",
    r"\s+(?!\S)", r"\s+",
])


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def byte_level(**options):
    return pre_tokenizers.ByteLevel(**{"add_prefix_space": False, "use_regex": False} | options)


SMALL = {
    "gpt2": (None, byte_level(add_prefix_space=True, use_regex=True)),
    "llama3": (None, pre_tokenizers.Sequence([split(LLAMA3), byte_level()])),
    "qwen2": (normalizers.NFC(), pre_tokenizers.Sequence([split(QWEN2), byte_level()])),
    "gpt4o": (None, pre_tokenizers.Sequence([split(GPT4O), byte_level()])),
    "deepseek2": (normalizers.Sequence([]), pre_tokenizers.Sequence([
        split(r"[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"), split("[一-龥ࠀ-一가-퟿]+"), pre_tokenizers.Digits(True), byte_level(),
    ])),
    "deepseek3": (normalizers.Sequence([]), pre_tokenizers.Sequence([
        split(r"\p{N}{1,3}"), split("[一-龥぀-ゟ゠-ヿ]+"), split(DEEPSEEK3), byte_level(),
    ])),
}


def texts(data, names, most=None):
    for name in names:
        with open(data / f"{name}.jsonl") as file:
            for i, line in enumerate(file):
                if i == most:
                    break
                yield json.loads(line)["text"]


def sample():
    for path in sorted(ROOT.glob("testdata/sample/*/*.txt")):
        yield path.read_text()


def train(name, size, corpus):
    normalizer, pre_tokenizer = SMALL[name]
    t = Tokenizer(models.BPE(ignore_merges=name == "llama3"))
    if normalizer is not None:
        t.normalizer = normalizer
    t.pre_tokenizer = pre_tokenizer
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=["<|end|>"], show_progress=False)
    t.train_from_iterator(corpus, trainer)
    t.add_tokens(["荆楚", AddedToken("<|end|><|end|>", normalized=False)])
    return t


def write(t, name, path):
    """gpt2 as older releases wrote it: each pair of merges one string."""
    text = t.to_str(pretty=False)
    if name == "gpt2":
        parts = json.loads(text)
        parts["model"]["merges"] = [" ".join(pair) for pair in parts["model"]["merges"]]
        text = json.dumps(parts, ensure_ascii=False)
    path.write_text(text + "\n")


ALPHABET = list("aAbzZ019  \t\n\r.,;:'\"-_/\\()[]{}<>|!?@#$%^&*~`+=éßſKÅİσςΣ中文荆楚，。！？《》…ー가あア漢ㄅ١२Ⅷ½²\u00a0\u3000\u2028\u0085\u200b\ufeff\u0301\u093f\U0001f600\U00020000") + [
    "'s", "'LL", "'ſ", "<|end|>", "\r\n", "  ", "\n\n\n\n", "don't", "荆楚大地", "2026年", "Ⅷ世", "e\u0301", "\u1e9e"]


def lines():
    rng = random.Random(1)
    list_ = ["", " ", "\n", "a", "<BOS>  荆  楚  大  地 <EOS>"]
    for text in sample():
        for _ in range(5):
            start = rng.randrange(max(len(text), 1))
            list_.append(text[start:start + 60])
    list_ += ["".join(rng.choices(ALPHABET, k=rng.randint(1, 25))) for _ in range(150)]
    return [line for line in list_ if line.isprintable() or line.encode("utf-8", "ignore").decode() == line]


def ultra_fineweb(t, text):
    """What the classifier of Ultra-FineWeb sees of a text, as its authors describe it."""
    text = re.sub("\n{3,}", "\n\n", text).lower()
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
    text = " ".join(t.decode([id_], skip_special_tokens=False) for id_ in t.encode(text, add_special_tokens=False).ids)
    for mark, name in ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"):
        text = text.replace(mark, name)
    return re.sub(" +", " ", text).strip()


def write_slice():
    TESTDATA.mkdir(parents=True, exist_ok=True)
    small = {}
    for name in SMALL:
        small[name] = train(name, 700, sample())
        write(small[name], name, TESTDATA / f"{name}.json")
    with open(TESTDATA / "lines.jsonl", "w") as file:
        for line in lines():
            row = {"text": line, "ids": {name: t.encode(line, add_special_tokens=False).ids for name, t in small.items()}}
            row["ultra_fineweb"] = ultra_fineweb(small["deepseek2"], line)
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main(data, out, *names):
    write_slice()
    if names == ("slice",):
        return
    data, out = pathlib.Path(data), pathlib.Path(out)
    large = train("deepseek3", 30_000, texts(data, SETS, 400))
    write(large, "deepseek3", out / "tokens.json")
    for name in SETS:
        with open(out / f"tokens-{name}.jsonl", "w") as file:
            for text in texts(data, [name]):
                file.write(json.dumps({"ids": large.encode(text, add_special_tokens=False).ids}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
