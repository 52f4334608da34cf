"""Words as jieba cuts them, with its HMM and without.

    python words.py DATA OUT

Writes pipeline/text/jieba/testdata/words.jsonl: texts with the lengths of their words in code points; and OUT/words-NAME.tsv: for every text of
DATA/NAME.jsonl the first 16 hex digits of the SHA-256 of its words, each followed by a zero byte, with the HMM and without.
"""

import hashlib
import io
import json
import multiprocessing
import pathlib
import random
import sys

import jieba

SETS = ["laws", "tvnews", "fudan"]
SLICE = pathlib.Path(__file__).parents[2] / "pipeline/text/jieba/testdata/words.jsonl"
USER = pathlib.Path(__file__).parents[2] / "pipeline/text/jieba/testdata/user.txt"

ODD = [
    "",
    "我来到北京清华大学",
    "他来到了网易杭研大厦",
    "小明硕士毕业于中国科学院计算所，后在日本京都大学深造",
    "乒乓球拍卖完了。南京市长江大桥。研究生命起源。",
    "AT&T公司和C++语言、c#、B超、T恤、K歌、卡拉OK、3D打印",
    "iPhone15Pro发布于2023年9月12日，售价7999.00元，涨幅3.14%，版本v1.2.3-rc.1",
    "第1234567890123456789012345678901234567890条",
    "ａｂｃ１２３，全角ＡＢＣ；ｶﾀｶﾅ",
    "東京都はひらがなとカタカナを使う。々〆〇ヶ",
    "한국어와 中文 mixed with English words",
    "繁體中文的斷詞結果與簡體不同：臺灣大學資訊工程學系",
    "子曰：「學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？」",
    "臣亮言：先帝創業未半而中道崩殂，今天下三分，益州疲弊",
    "😀表情👨‍👩‍👧‍👦符号🇨🇳结束",
    "𠮷野家的𠀀字，㐀㐁，豈更車",
    "龥龦鿕鿖鿿䶿一丁",
    "第一行\r\n第二行\n第三行\r第四行\r\r\n\n",
    "全角　空格\u00a0不换行\u2003空格\u200b零宽\ufeff标记\u0085下一行\u001c分隔\u2028行",
    "\t\v\f 开头空白 结尾空白 ",
    "a.b.c 1.2.3 1.2a 100% 5.% .5% -5 +86-10-12345678 #标签# user_name@example.com",
    "%%% --- ... +++ ### &&& ___ ._%-",
    "中.文%和-英_文+混#排&句",
    "的的的的的的的的的的",
    "哈哈哈哈哈哈哈哈哈哈哈哈",
    "一二三四五六七八九十百千万亿",
    "二○○八年八月八日 二〇二四年",
    "王小波、李银河与欧阳锋去了乌鲁木齐和呼和浩特",
    "穆罕默德·阿里·克莱姗姗来迟",
    "γ射线和α粒子，μ子，Ω",
    "龘靐齉齾爩鱻麤龗灪吁",
    "\ue000私用\uf8ff区\ufffd替换",
    "e\u0301 组合符 ñ é ü",
    "\x00空\x01字\x7f符",
    "x" * 300,
    "中" * 300,
    "https://www.example.com/path?query=1&b=2#frag 点击链接",
    "中华人民共和国全国人民代表大会常务委员会关于修改《中华人民共和国个人所得税法》的决定",
]


def cut(text):
    return list(jieba.cut(text)), list(jieba.cut(text, HMM=False))


def lengths(words):
    return " ".join(str(len(w)) for w in words)


def entry(text, **more):
    hmm, plain = cut(text)
    return json.dumps({"text": text, "hmm": lengths(hmm), "plain": lengths(plain), **more}, ensure_ascii=False) + "\n"


def made_up(rng, words, count):
    """Texts of words and pieces of words of the dictionary, rare characters and signs, in an order that nobody writes."""
    signs = list("，。、；：？！“”《》（）·—… \n") + ["\r\n", "　", "a", "Zz", "9", "3.5%", "-", "_", "😀", "か", "が", "é"]
    for _ in range(count):
        parts = []
        for _ in range(rng.randint(1, 30)):
            kind = rng.random()
            word = rng.choice(words)
            if kind < 0.45:
                parts.append(word)
            elif kind < 0.65:
                parts.append(word[: rng.randint(1, len(word))])
            elif kind < 0.8:
                parts.append(word[rng.randrange(len(word)) :])
            elif kind < 0.92:
                parts.append(chr(rng.randint(0x4E00, 0x9FFF)))
            else:
                parts.append(rng.choice(signs))
        yield "".join(parts)


def write_slice(data):
    rng = random.Random(14)
    words = sorted(w for w, freq in jieba.dt.FREQ.items() if freq)
    laws = [json.loads(line)["text"] for line in open(data / "laws.jsonl", encoding="utf-8")]
    texts = ODD + list(made_up(rng, words, 200))
    for text in rng.sample(laws, 80):
        start = rng.randrange(max(1, len(text) - 150))
        texts.append(text[start : start + 150])
    with open(SLICE, "w", encoding="utf-8", newline="") as out:
        out.writelines(map(entry, texts))
        # What follows is cut with the words of a user.
        jieba.load_userdict(io.BytesIO(USER.read_bytes()))
        asked = [line.split(" ")[0] for line in USER.read_text(encoding="utf-8").lstrip("\ufeff").splitlines() if line.strip()]
        for text in ODD[1:5] + ["，".join(asked), "".join(asked)] + ["在" + word + "中的" + word + "了" for word in asked]:
            out.write(entry(text, user=True))


def digests(line):
    return "\t".join(hashlib.sha256("".join(w + "\0" for w in words).encode()).hexdigest()[:16] for words in cut(json.loads(line)["text"])) + "\n"


def main():
    data, out = map(pathlib.Path, sys.argv[1:3])
    jieba.setLogLevel("ERROR")
    jieba.dt.tmp_dir = str(out)  # no cache of another version
    jieba.initialize()
    with multiprocessing.Pool() as pool:
        for name in SETS:
            with open(data / f"{name}.jsonl", encoding="utf-8") as lines, open(out / f"words-{name}.tsv.tmp", "w", encoding="utf-8") as table:
                table.writelines(pool.imap(digests, lines, chunksize=16))
            (out / f"words-{name}.tsv.tmp").rename(out / f"words-{name}.tsv")
    write_slice(data)


if __name__ == "__main__":
    main()
