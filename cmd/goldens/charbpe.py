"""Ids as sentencepiece and Hugging Face's tokenizers give them, of small BPEs over characters.

    python charbpe.py DATA OUT [slice]

Writes pipeline/text/charbpe/testdata: NAME.model and NAME.json, made here of the sample of this repository, and lines.jsonl, lines with what each of them makes
of them. The real texts are compared by encode.py.
"""

import contextlib
import io
import json
import pathlib
import sys
import tempfile

import sentencepiece
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from tokens import ROOT, lines, sample
from unigram import RULES, SPACE

TESTDATA = ROOT / "pipeline/text/charbpe/testdata"


def spm(size=1500, **options):
    """A model of sentencepiece, of the lines of the sample."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line for text in sample() for line in text.split("\n") if line), model_writer=model, model_type="bpe",
        vocab_size=size, character_coverage=0.99, minloglevel=2, num_threads=1, hard_vocab_limit=False, **options)
    return model.getvalue()


def merges_of(processor):
    """The pairs that make a piece, as transformers makes them of a model: by the score of the piece, then as they come."""
    ids = {processor.id_to_piece(i): i for i in range(len(processor))}
    pairs = []
    for piece, i in ids.items():
        cuts = [(piece[:n], piece[n:]) for n in range(1, len(piece)) if piece[:n] in ids and piece[n:] in ids]
        pairs += [(-processor.get_score(i), ids[a], ids[b], (a, b)) for a, b in cuts]
    return ids, [pair for *_, pair in sorted(pairs)]


def tokenizer(processor, pre_tokenizer=None, normalizer=None, drop=(), **options):
    ids, merges = merges_of(processor)
    ids = {piece: i for piece, i in ids.items() if piece not in drop}
    merges = [(a, b) for a, b in merges if not {a, b, a + b} & set(drop)]
    t = Tokenizer(models.BPE(ids, merges, unk_token="<unk>", **options))
    if normalizer is not None:
        t.normalizer = normalizer
    if pre_tokenizer is not None:
        t.pre_tokenizer = pre_tokenizer
    t.add_special_tokens([AddedToken(s, normalized=False, special=True) for s in ("<s>", "</s>")])
    return t


def main(_data, _out, *_names):
    TESTDATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # the name is in the model
        pathlib.Path("rules.tsv").write_text(RULES)
        mapped = spm(normalization_rule_tsv="rules.tsv", user_defined_symbols=["荆楚", "<|end|>", "tea house"])
    llama = spm(normalization_rule_name="identity", byte_fallback=True, remove_extra_whitespaces=False, split_digits=True)
    spms = {
        "plain": mapped,
        "llama": llama,
        "suffix": spm(normalization_rule_name="identity", treat_whitespace_as_suffix=True),
        "words": spm(3000, normalization_rule_name="identity", split_by_whitespace=False, split_by_unicode_script=False, max_sentencepiece_length=24),
    }
    processors = {name: sentencepiece.SentencePieceProcessor(model_proto=model) for name, model in spms.items()}
    for name, model in spms.items():
        (TESTDATA / f"{name}.model").write_bytes(model)
    p = processors["llama"]
    small = {
        "llama": tokenizer(p, None, normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)]), fuse_unk=True, byte_fallback=True),
        "metaspace": tokenizer(processors["plain"], pre_tokenizers.Metaspace(prepend_scheme="first"), fuse_unk=True),
        "single": tokenizer(processors["plain"], pre_tokenizers.Metaspace(prepend_scheme="never"), drop=("the", "e", SPACE + "t"), ignore_merges=True),
    }
    for name, t in small.items():
        (TESTDATA / f"{name}.json").write_text(t.to_str(pretty=False) + "\n")
    with open(TESTDATA / "lines.jsonl", "w") as file:
        for line in lines() + ["荆楚 x荆楚", "the tea house", "tea housetea  house", "  a  b  ", "<0x41><unk><s>", "▁a▁▁b▁", "thethe the", "the", "\U0001f9ff\U0001f9ffa\U0001f9ff"]:
            ids = {name + ".json": t.encode(line, add_special_tokens=False).ids for name, t in small.items()}
            # sentencepiece takes a string for one that ends at its first zero byte.
            ids |= {name + ".model": p.encode(line) for name, p in processors.items() if "\0" not in line}
            file.write(json.dumps({"text": line, "ids": ids}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
