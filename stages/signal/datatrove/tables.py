"""Writes classes.tsv and english.tsv: what spaCy's English tokenizer and datatrove's filters know of characters and words.

    python tables.py        # with datatrove 0.10.0 and spacy 3.8 installed, in Python 3.11 (Unicode 14)

The classes are asked of the compiled patterns and of Python itself, one code point at a time, so nothing is read from their source.
"""

import pathlib
import re
import unicodedata

import spacy
from datatrove.utils.text import PUNCTUATION_SET, TERMINAL_PUNCTUATION
from spacy.lang import char_classes
from spacy.pipeline.sentencizer import Sentencizer
from spacy.tokenizer import Tokenizer

HERE = pathlib.Path(__file__).parent
tokenizer = spacy.blank("en").tokenizer
NONE = "\x01"  # in no class of the tokenizer


def one(match):
    return match is not None and match.end() - match.start() == 1


def member(chars):
    return re.compile(f"[{chars}]").match


alpha, lower, upper = member(char_classes.ALPHA), member(char_classes.ALPHA_LOWER), member(char_classes.ALPHA_UPPER)
quote = member(char_classes.CONCAT_QUOTES)
digit, word = re.compile(r"\d").match, re.compile(r"\w").match

# In the order of the bits in classes.go.
CLASSES = [
    str.isspace,
    str.isalpha,
    lambda c: unicodedata.category(c).startswith("P"),
    digit,
    word,
    lambda c: c in PUNCTUATION_SET,
    lambda c: c in TERMINAL_PUNCTUATION,
    lambda c: c in Sentencizer.default_punct_chars,
    alpha,
    lower,
    upper,
    quote,
    lambda c: one(tokenizer.prefix_search(c + "0")),
    lambda c: one(tokenizer.suffix_search(NONE + c)),
    lambda c: any(m.start() == 1 for m in tokenizer.infix_finditer(NONE + c + NONE)),
    lambda c: one(tokenizer.suffix_search(c + ".")),
]


def write_classes():
    runs = []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            bits = 0
        else:
            c = chr(code)
            bits = sum(1 << i for i, has in enumerate(CLASSES) if has(c))
        if runs and runs[-1][2] == bits:
            runs[-1][1] = code
        else:
            runs.append([code, code, bits])
    with open(HERE / "classes.tsv", "w", newline="\n") as out:
        for first, last, bits in runs:
            if bits:
                out.write(f"{first:x}\t{last - first:x}\t{bits:x}\n")


def units():
    """What is cut off behind a digit."""
    found = set()
    for piece in char_classes.LIST_UNITS + char_classes.LIST_CURRENCY:
        piece = piece.replace("\\", "")
        match = tokenizer.suffix_search("0" + piece)
        assert match and match.group() == piece, piece
        found.add(piece)
    return sorted(found)


def write_english():
    bare = Tokenizer(
        tokenizer.vocab,
        prefix_search=tokenizer.prefix_search,
        suffix_search=tokenizer.suffix_search,
        infix_finditer=tokenizer.infix_finditer,
        url_match=tokenizer.url_match,
    )
    with open(HERE / "english.tsv", "w", newline="\n") as out:
        for unit in units():
            out.write(f"unit\t{unit}\n")
        for rule in sorted(tokenizer.rules):
            if rule.isspace():  # they give the token that there would be without them
                continue
            words = [part[spacy.symbols.ORTH] for part in tokenizer.rules[rule]]
            assert "".join(words) == rule and not any(c.isspace() for c in rule)
            # Where the affixes can break the word, its pieces are put together again behind all else.
            pieces = []
            if tokenizer.find_prefix(rule) or tokenizer.find_infix(rule) or tokenizer.find_suffix(rule):
                pieces = [token.text for token in bare(rule)]
                assert "".join(pieces) == rule
            out.write("\t".join(["rule", " ".join(words), " ".join(pieces)]).rstrip("\t") + "\n")


write_classes()
write_english()
