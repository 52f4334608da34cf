"""Makes the small models and the golden lines of package fasttext, by pip fasttext 0.9.3.

python3 goldens.py FOLDER          writes models/*.bin, *.ftz and lines.jsonl into the folder: what is committed
python3 goldens.py FOLDER MODEL TEXTS LINES
                                   asks MODEL for the first LINES lines of the JSON Lines file TEXTS (field text), and writes whole.jsonl
"""
import json
import os
import random
import sys

import fasttext
import fasttext_pybind
import numpy


def asked(model, text, k=1):
    """What the program prints for one line, before it rounds."""
    return [(label, f"{p:.9f}") for p, label in model.predict(text + "\n", k, 0.0, "strict")]


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


def small(folder):
    rng = random.Random(1)
    words = lexicon(rng, 300)
    os.makedirs(os.path.join(folder, "models"), exist_ok=True)
    train = os.path.join(folder, "train.txt")
    rows = []
    for name, (settings, quantize, labels) in MODELS.items():
        with open(train, "w", encoding="utf-8") as f:
            f.write("\n".join(corpus(rng, words, labels, 3000 if labels > 100 else 600)) + "\n")
        # The program learns the dictionary only: with one thread it leaves nine tenths of a matrix as the memory was, and with more
        # it makes another model each time. Numbers of any kind are as good here.
        m = fasttext.train_supervised(input=train, dim=7, epoch=0, thread=10, verbose=0, minCount=1, **settings)
        numbers = numpy.random.default_rng(len(rows))
        inputs, outputs = m.f.getInputMatrix(), m.f.getOutputMatrix()
        m.set_matrices(numbers.normal(0, 2, numpy.array(inputs).shape), numbers.normal(0, 2, numpy.array(outputs).shape))
        if quantize:
            m.quantize(input=train, thread=1, **quantize)
        path = os.path.join(folder, "models", name)
        m.save_model(path)
        m = fasttext_pybind.fasttext()
        m.loadModel(path)
        texts = ["", " ", "\t ", "</s>", "的一 </s> 是不", "__label__a0 是", "__label__nothing 是不", "\x00的\v一", "< >", "a" * 300, "的" * 100]
        for _ in range(11):
            texts.append(" ".join(rng.choice(words) for _ in range(rng.randint(1, 20))))
            texts.append("".join(rng.choice(rng.choice(LETTERS)) for _ in range(rng.randint(1, 40))))
            texts.append(" ".join(lexicon(rng, rng.randint(1, 8))))
        for text in texts:
            rows.append({"model": name, "text": text, "best": asked(m, text), "all": asked(m, text, -1)[:5]})
    os.remove(train)
    with open(os.path.join(folder, "lines.jsonl"), "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")


def whole(folder, path, texts, lines):
    m = fasttext_pybind.fasttext()
    m.loadModel(path)
    n = 0
    with open(os.path.join(folder, "whole.jsonl"), "w", encoding="utf-8") as out, open(texts, encoding="utf-8") as f:
        for document in f:
            for line in json.loads(document)["text"].split("\n"):
                if line.strip() and n < lines:
                    out.write(json.dumps({"text": line, "best": asked(m, line)}, ensure_ascii=False) + "\n")
                    n += 1


if len(sys.argv) == 2:
    small(sys.argv[1])
else:
    whole(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
