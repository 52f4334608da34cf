"""Ids as Hugging Face's tokenizers and sentencepiece give them, of small tokenizers of the kinds Unigram, WordPiece and WordLevel.

    python unigram.py DATA OUT [slice]

Writes pipeline/text/unigram/testdata and pipeline/text/wordpiece/testdata: NAME.json and NAME.model, made here of the sample of this repository, and
lines.jsonl, lines with what each of them makes of them; own.json and own.model, which our trainer writes (go test ./pipeline/text/unigram -update), are read
here too. pipeline/text/tokenjson/testdata/classes.json: the characters of the classes that normalizers and pre-tokenizers know. And, unless
only the slice is wanted, OUT/unigram-train.txt and OUT/unigram-held.txt, lines of real text, OUT/unigram.json, what sentencepiece's trainer
makes of them, with OUT/unigram-NAME.json, OUT/unigram-NAME.model and OUT/unigram-NAME.jsonl, tokenizers with their ids of the held-out lines.
"""

import collections
import contextlib
import io
import json
import pathlib
import resource
import sys
import tempfile
import time

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from tokens import ROOT, lines, sample, texts

UNIGRAM = ROOT / "pipeline/text/unigram/testdata"
WORDPIECE = ROOT / "pipeline/text/wordpiece/testdata"
CLASSES = ROOT / "pipeline/text/tokenjson/testdata"
SIZES = [8000, 32000]
SPACE = "\u2581"

# What the small models of sentencepiece replace: sequences of characters, in hexadecimal, one of them of several.
RULES = "\n".join(["FF0C\t2C", "FF21\t41", "3000\t20", "A0\t20", "9\t20", "A\t20", "65 301\tE9", "2026\t2E 2E 2E", "200B\t", "FEFF\t"]) + "\n"


def spm(**options):
    """A model of sentencepiece, of the lines of the sample."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line for text in sample() for line in text.split("\n") if line), model_writer=model, model_type="unigram",
        vocab_size=1300, character_coverage=0.99, minloglevel=2, num_threads=1, hard_vocab_limit=False, **options)
    return model.getvalue()


def chars_map(model):
    """The compiled map of characters of a model: field 2 of field 3."""
    def fields(data):
        i = 0

        def number():
            nonlocal i
            value = shift = 0
            while True:
                byte = data[i]
                i += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    return value
        while i < len(data):
            key = number()
            if key & 7 == 2:
                size = number()
                yield key >> 3, data[i:i + size]
                i += size
            elif key & 7 == 5:
                i += 4
            else:
                number()
    return next(value for key, part in fields(model) if key == 3 for key, value in fields(part) if key == 2)


def unigram(pre_tokenizer, normalizer=None, byte_fallback=False):
    """Of sentencepiece's pieces: what the trainer of tokenizers makes is another model each time."""
    p = sentencepiece.SentencePieceProcessor(model_proto=spm(normalization_rule_name="identity"))
    vocab = [(p.id_to_piece(i), p.get_score(i)) for i in range(len(p))] + [(f"<0x{b:02X}>", 0.0) for b in range(256) if byte_fallback]
    t = Tokenizer(models.Unigram(vocab, 0, byte_fallback))
    if normalizer is not None:
        t.normalizer = normalizer
    t.pre_tokenizer = pre_tokenizer
    return t


def write_unigram():
    UNIGRAM.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # the name is in the model
        pathlib.Path("rules.tsv").write_text(RULES)
        mapped = spm(normalization_rule_tsv="rules.tsv", user_defined_symbols=["荆楚", "<|end|>", "tea house"])
    spms = {
        "spm": mapped,
        "spmbytes": spm(normalization_rule_name="identity", byte_fallback=True, add_dummy_prefix=False, remove_extra_whitespaces=False),
        "spmsuffix": spm(normalization_rule_name="identity", treat_whitespace_as_suffix=True),
    }
    small = {
        "always": unigram(pre_tokenizers.Metaspace()),
        "bytes": unigram(pre_tokenizers.Metaspace(prepend_scheme="never"), normalizers.NFKC(), byte_fallback=True),
        "first": unigram(
            pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first")]),
            normalizers.Sequence([normalizers.Precompiled(chars_map(mapped)), normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), SPACE)])),
        "whole": unigram(
            pre_tokenizers.Split(Regex(r"[\r\n]+"), "merged_with_previous"),
            normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE), normalizers.Lowercase()])),
    }
    small["first"].add_tokens([AddedToken("<mask>", lstrip=True, special=True, normalized=False), AddedToken("荆楚", single_word=True), AddedToken("Tea", rstrip=True)])
    small["always"].add_special_tokens(["<|end|>", "<|end|><|end|>"])
    small["whole"].add_tokens(["TEA"])
    for name, t in small.items():
        (UNIGRAM / f"{name}.json").write_text(t.to_str(pretty=False) + "\n")
    own = {}
    if (UNIGRAM / "own.json").exists():
        own["own"] = Tokenizer.from_file(str(UNIGRAM / "own.json"))
        spms["ownspm"] = (UNIGRAM / "own.model").read_bytes()
    processors = {name: sentencepiece.SentencePieceProcessor(model_proto=model) for name, model in spms.items()}
    for name, model in spms.items():
        if name != "ownspm":
            (UNIGRAM / f"{name}.model").write_bytes(model)
    with open(UNIGRAM / "lines.jsonl", "w") as file:
        for line in lines() + ["a <mask> b\u3000<mask>", "荆楚 x荆楚", "Tea  x", "the tea house", "  a  b  ", "<0x41><unk><s>", "▁a▁▁b▁"]:
            ids = {name: t.encode(line, add_special_tokens=False).ids for name, t in (small | own).items()}
            # sentencepiece takes a string for one that ends at its first zero byte.
            ids |= {name: p.encode(line) for name, p in processors.items() if "\0" not in line}
            file.write(json.dumps({"text": line, "ids": ids}, ensure_ascii=False) + "\n")


def write_wordpiece():
    WORDPIECE.mkdir(parents=True, exist_ok=True)

    def bert(**options):
        """Of the characters and of the beginnings and ends of words of every other text: the trainer of tokenizers makes another model each time."""
        t = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=12))
        t.normalizer = normalizers.BertNormalizer(**options)
        t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        parts = collections.Counter()
        for text in list(sample())[::2]:
            for word, _ in t.pre_tokenizer.pre_tokenize_str(t.normalizer.normalize_str(text)):
                parts.update({word[:n] for n in range(1, 6)} | {"##" + word[i:i + n] for i in range(1, len(word)) for n in range(1, 4)})
        tokens = ["[UNK]", "[CLS]", "[SEP]", "[MASK]"] + sorted(parts, key=lambda part: (-parts[part], part))[:1200]
        t.model = models.WordPiece({token: i for i, token in enumerate(tokens)}, unk_token="[UNK]", max_input_chars_per_word=12)
        t.add_special_tokens(tokens[:4])
        return t

    def level(pre_tokenizer, normalizer=None):
        t = Tokenizer(models.WordLevel(unk_token="[UNK]"))
        if normalizer is not None:
            t.normalizer = normalizer
        t.pre_tokenizer = pre_tokenizer
        t.train_from_iterator(list(sample())[::2], trainers.WordLevelTrainer(vocab_size=500, special_tokens=["[UNK]", "<|end|>"], show_progress=False))
        return t

    small = {
        "bert": bert(),
        "cased": bert(lowercase=False, handle_chinese_chars=False),
        "accents": bert(lowercase=True, strip_accents=False, clean_text=False),
        "chars": level(pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")),
        "words": level(pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=False)]), normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()])),
        "punctuation": level(pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.CharDelimiterSplit("e"), pre_tokenizers.Split("t", "merged_with_next")])),
    }
    for name, t in small.items():
        (WORDPIECE / f"{name}.json").write_text(t.to_str(pretty=False) + "\n")
    with open(WORDPIECE / "lines.jsonl", "w") as file:
        for line in lines() + ["antidisestablishmentarianism", "İstanbul ÀÉ", "[MASK] a[CLS]b", "t tt atta e"]:
            file.write(json.dumps({"text": line, "ids": {name: t.encode(line, add_special_tokens=False).ids for name, t in small.items()}}, ensure_ascii=False) + "\n")


def write_classes():
    """Ranges of characters, first and last, that are in each class, of those that Go's Unicode, version 15, knows as well."""
    def pieces(p):
        return lambda c: len(p.pre_tokenize_str("a" + c + "b"))

    def normal(n):
        return lambda c: n.normalize_str("a" + c + "b")
    clean = normal(normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=False))
    strip = normal(normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False))
    chinese = normal(normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=True, strip_accents=False, lowercase=False))
    accents = normal(normalizers.StripAccents())
    words, punctuation = pieces(pre_tokenizers.Whitespace()), pieces(pre_tokenizers.BertPreTokenizer())
    space, digit = pieces(pre_tokenizers.WhitespaceSplit()), pieces(pre_tokenizers.Digits(individual_digits=True))
    classes = {
        "control": lambda c: clean(c) == "ab",
        "nonspacing": lambda c: strip(c) == "ab",
        "mark": lambda c: accents(c) == "ab",
        "ideograph": lambda c: len(chinese(c)) == 5,
        "punctuation": lambda c: punctuation(c) == 3,
        "space": lambda c: space(c) == 2,
        "word": lambda c: words(c) == 1,
        "number": lambda c: digit(c) == 3,
    }
    ranges = {name: [] for name in classes}
    for code in [*range(0xD800), *range(0xE000, 0x110000)]:
        for name, has in classes.items():
            if has(chr(code)):
                if ranges[name] and ranges[name][-1][1] == code - 1:
                    ranges[name][-1][1] = code
                else:
                    ranges[name].append([code, code])
    CLASSES.mkdir(parents=True, exist_ok=True)
    (CLASSES / "classes.json").write_text("{\n" + ",\n".join(f'"{name}": {json.dumps(list_, separators=(",", ":"))}' for name, list_ in ranges.items()) + "\n}\n")


def write_large(data, out):
    """20 MB of real text, a tenth of its lines held out."""
    train, held = out / "unigram-train.txt", out / "unigram-held.txt"
    n = 0
    with open(train, "w") as a, open(held, "w") as b:
        for name in ["tvnews", "laws"]:
            size = 0
            for text in texts(data, [name]):
                for line in filter(None, text.replace("\r", "\n").split("\n")):
                    (b if n % 10 == 9 else a).write(line + "\n")
                    n, size = n + 1, size + len(line.encode()) + 1
                if size > 11_000_000:
                    break
    report = {}
    for size in SIZES:
        start, before = time.time(), resource.getrusage(resource.RUSAGE_SELF)
        sentencepiece.SentencePieceTrainer.train(
            input=str(train), model_prefix=str(out / f"unigram-{size}"), model_type="unigram", vocab_size=size, normalization_rule_name="identity",
            add_dummy_prefix=False, remove_extra_whitespaces=False, max_sentence_length=10_000_000, byte_fallback=True, num_threads=2, minloglevel=2)
        p = sentencepiece.SentencePieceProcessor(model_file=str(out / f"unigram-{size}.model"))
        used = resource.getrusage(resource.RUSAGE_SELF)
        report[size] = {
            "seconds": time.time() - start, "cpu_seconds": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, "megabytes": used.ru_maxrss / 1024,
            "tokens": 0, "bytes": 0}
        with open(out / f"unigram-{size}.jsonl", "w") as file:
            for line in held.read_text().split("\n"):
                ids = p.encode(line)
                report[size]["tokens"] += len(ids)
                report[size]["bytes"] += len(line.encode())
                file.write(json.dumps(ids) + "\n")
    (out / "unigram.json").write_text(json.dumps(report) + "\n")
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.train_from_iterator(held.read_text().split("\n"), trainers.UnigramTrainer(vocab_size=8000, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False))
    t.save(str(out / "unigram-large.json"))
    with open(out / "unigram-large.jsonl", "w") as file:
        for line in held.read_text().split("\n"):
            file.write(json.dumps(t.encode(line, add_special_tokens=False).ids) + "\n")


def main(data, out, *names):
    write_unigram()
    write_wordpiece()
    write_classes()
    if names != ("slice",):
        write_large(pathlib.Path(data), pathlib.Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
