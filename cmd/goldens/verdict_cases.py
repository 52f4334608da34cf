"""Texts of our own for verdicts.py: one for every reason of every preset, texts at the bounds, and what reads differently than it looks."""

import random

ENGLISH = """
The harbour office opens at seven and the first ferry leaves before eight, with room for forty cars and as many bicycles as people care to bring.
Nobody books ahead in the winter. In the summer you should, and you will be told so by everyone who has stood in the rain for two boats in a row!
Have you ever seen the lighthouse from the north side? It leans a little, and that is why the keepers painted the stripes at an angle.
"We did not notice for years," said one of them, "and then the tourists began to tilt their cameras."
A path of about three miles goes round the island; it is steep to the west and muddy to the east, so most walkers turn back at the chapel.
The bakery sells out of bread by ten o'clock. The grocer keeps a list for those who ask, but he can't be talked into keeping cake.
There are two hotels and a camp site, of which the latter has the better view and the worse kitchen.
If the wind is above force seven the boat doesn't sail, and the school, whose teachers live on the mainland, stays closed as well.
Letters arrive on Mondays, Wednesdays and Fridays; parcels whenever Mr. Dunne has finished with his cows.
Last year a whale came into the bay. It stayed for a week, ate nothing that anyone could see, and left on a Sunday to general regret.
""".strip().split("\n")

CHINESE = """
海岛上只有一条公路，从码头一直通到北边的灯塔，沿途经过三个村子和一所小学。
夏天来的游客很多，旅馆常常住满，有人就在沙滩上搭起帐篷过夜。
渔民们天不亮就出海，中午回来的时候，码头上已经站满了等着买鱼的人。
灯塔的看守人姓林，他在这里工作了三十年，每天晚上都要爬一百二十级台阶。
“刚来的时候觉得很寂寞，”他说，“后来就习惯了，现在反而不愿意回城里去。”
学校里一共有四十七个学生，六位老师，其中两位是去年刚从师范学院毕业的。
冬天风大，渡船经常停航，岛上的人就靠秋天储存的粮食和干菜过日子。
二〇一九年，村里通了光纤，年轻人开始在网上卖海产品，收入比打鱼还要高。
每年农历三月二十三日是妈祖的生日，全岛的人都会到庙里去烧香，晚上还有戏看。
如果你打算去，最好先打电话问一问船期，因为时刻表和实际情况往往不一样。
""".strip().split("\n")

# As published: laws are nobody's property.
LAW = """
第一条　为了保护民事主体的合法权益，调整民事关系，维护社会和经济秩序，适应中国特色社会主义发展要求，弘扬社会主义核心价值观，根据宪法，制定本法。
第二条　民法调整平等主体的自然人、法人和非法人组织之间的人身关系和财产关系。
第三条　民事主体的人身权利、财产权利以及其他合法权益受法律保护，任何组织或者个人不得侵犯。
第四条　民事主体在民事活动中的法律地位一律平等。
第五条　民事主体从事民事活动，应当遵循自愿原则，按照自己的意思设立、变更、终止民事法律关系。
第六条　民事主体从事民事活动，应当遵循公平原则，合理确定各方的权利和义务。
第七条　民事主体从事民事活动，应当遵循诚信原则，秉持诚实，恪守承诺。
第八条　民事主体从事民事活动，不得违反法律，不得违背公序良俗。
第九条　民事主体从事民事活动，应当有利于节约资源、保护生态环境。
第十条　处理民事纠纷，应当依照法律；法律没有规定的，可以适用习惯，但是不得违背公序良俗。
""".strip().split("\n")

ODD_ENGLISH = [
    "I can't, won't and shan't; you're, he'd've, she'll've -- they'ren't y'all's o'clock 'twas 'bout ’cause ‘em rock'n'roll",
    "Mr. Smith's dog (named \"Rex\") weighs 5kg, costs US$20.50 and runs 30km/h at 25°C. or 77°F. in the U.S.A. Ph.D. e.g. i.e. vs. etc.",
    "http://example.com/a,b?c=d#e www.example.org user@example.com mailto:user@example.com, 192.168.1.1 8.8.8.8:80/x 256.1.1.1 ftp://u:p@h.example:21/",
    ":) :-( ;) : ) xD <3 >:( ^_^ (╯°□°）╯︵┻━┻ ¯\\(ツ)/¯ :-))) ಠ_ಠ o.O (-: :'( =/ :] :[",
    "well-known state-of-the-art a--b c---d e–f g—h i——j k~l 1-2 3–4 x-1 2-y 10a.m. 5pm 1+1=2 2*3 4^5 a=b a/b c<d e>f key:value",
    "end...start wait..... what…… so… “quotes” ‘single’ «guillemets» 「corner」 《title》 【bracket】 (((nested))) [[link]] {{brace}} <tag>",
    "co.uk lower.Upper lower.lower UPPER.lower a.b.c ab.Cd \"x\".\"Y\" 3.14 .5 5. v1.2.3 A.B. AB. Ab. aB. 中. 文.中 one,two 1,000 a,1",
    "5' 6\" 10% 100$ €5 5€ £3.50 $5 -5 +5 5+ +x C++ C# F# #tag @name & § 10° 5m² 7 % 8GB 9тб 3тбكم",
    "ДОМ. дом. слово,слово Ёлка-ёлка ελληνικά.Α हिन्दी। বাংলা، עברית؟ العربية؛ ไทย 한국어,한국 日本語。カナ・かな",
    "a\u00a0b\u2003c\u3000d\u200be\ufefff\u0085g\u2028h\u2029i\x0bj\x0ck\x1cl\x1dm\x1en\x1fo\rp\r\nq\tr",
    "the IS_ALPHA flag of spaCy",
    "IS_ALPHA",
    "NOUN IS_ASCII ORTH xIS_ALPHA",
    "¼ ½ ² ³ ⅷ ª º ١٢٣ १२३ １２３ ²³ 8.٨.8.8 1٣.1.1.1 http://ひ.み.com 例子.中国 例子.测试/路径",
    "😀 emoji👍🏽 family👨‍👩‍👧 flag🇨🇳 e\u0301 combining n\u0303o",
    "-_- __init__ snake_case CamelCase _under_ *star* **bold** `code` ``x`` ~~strike~~ \\\\back\\t \\n \\\")",
    "''''' \"\"\"\"\" ,,,,, ;;;;; ..... ????? !!!!! ----- _____ ***** ##### $$$$$ %%%%% &&&&& +++++ =====",
    "He said: \"Go.\" She went. 'Why?' \"Because!\" No... Yes? ! ? (Really.) [1] End.",
    "w/o and/or c/o 24/7 9/11 n/a AT&T R&D Q&A rock&roll it's its' James' 90's '90s 1990s'",
]

ODD_CHINESE = [
    "他说：“好。”她问：“为什么？！”没有人回答……",
    "2023年12月31日，GDP增长5.2%，AT&T和C++，iPhone15Pro售价7999.00元。",
    "第一行\u2028第二行\u0085第三行\x0b第四行\x0c第五行\r\n第六行\r第七行",
    "　　全角空格开头。 中间 有 空格，也有　全角空格。\u00a0\u00a0不换行空格。",
    "・项目一\n• 项目二\n- 项目三\n— 项目四\n·项目五",
    "繁體中文：臺灣大學資訊工程學系與電機系，為了學生的未來。",
    "𠮷野家。㐀㐁。々〆〇。カタカナ。ひらがな。한국어。",
    "，。、；：？！（）《》【】「」『』……——～·",
    "网址 https://www.example.com/路径?问=答，邮箱zhang@example.com，电话+86-10-12345678。",
    "#话题# @某人 转发微博 [微笑] 展开全文",
]


def swollen(lines, times):
    """Lines again with other numbers, so that they are neither equal nor few."""
    return [f"{line} {7 * i + 3}{line[-1]}" for i in range(times) for line in lines]


def at_bounds():
    words = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo sierra tango".split()
    # 49, 50 and 51 words; stop words none, one, two.
    for n in (49, 50, 51):
        for stop in ([], ["the"], ["the", "of"], ["The", "Of"], ["the", "the"]):
            yield " ".join((stop + [w + str(i) for i in range(9) for w in words])[:n])
    # Dots of all lines, short lines, line ends by words: just inside and outside.
    for short in (1, 2, 3):
        yield "\n".join(["tiny " + "abc"[i] + "." for i in range(short)] + [ENGLISH[0]] * 0 + [ENGLISH[i] for i in range(1, 2)])
    for n in (29, 30, 31):
        yield "\n".join("x" * (n - 2) + str(i) + "." for i in range(6))
    for marked in range(6):
        yield "\n".join((line.rstrip(".!?\"") + "." if i < marked else line.rstrip(".!?\"")) for i, line in enumerate(swollen(ENGLISH, 2)[:17]))
    # n-grams: a phrase k times among other words.
    for k in (1, 2, 3, 4, 6, 9):
        for phrase in ("new york", "in new york", "once upon a time", "one two three four five", "a b c d e f g", "nine eight seven six five four three two one zero"):
            filler = [w + str(i) for i in range(2) for w in words]
            for i in range(k):
                filler.insert(3 * i, phrase)
            yield " ".join(filler)
    for k in (1, 2, 3, 5):
        yield "\n".join((CHINESE[:3] * k + CHINESE[3:])[: 9 + 2 * k])
        yield "".join(CHINESE[:2] * k + CHINESE[2:6])
        yield "\n\n".join(ENGLISH[:1] * k + ENGLISH[1:])
        yield "\n".join(ENGLISH[:1] * k + ENGLISH[1:])
        yield "\n\n".join(["Once more."] * k + ENGLISH[:5])
        yield "\n".join(["Once more."] * k + ENGLISH[:5])
    # A row of so many words is there twice among so many, of so many letters.
    for row, among, width in [(5, 40, 6), (6, 36, 6), (7, 43, 6), (8, 52, 6), (9, 63, 6), (10, 78, 6), (8, 47, 16), (9, 55, 16), (10, 66, 16), (7, 41, 16), (6, 36, 16)]:
        many = [f"w{i:0{width - 1}d}" for i in range(among - row)]
        yield " ".join(many[:20] + many[:row] + many[20:])
    # Two such rows.
    for row, among in [(6, 50), (7, 64)]:
        many = [f"w{i:05d}" for i in range(among - 2 * row)]
        yield " ".join(many[:row] + many[: 2 * row] + many[row:])
    # The words of a row differ, but not what they are together.
    yield "ab c d e f g abc d e f g a bcd e f g " + " ".join(words)


def reasons():
    long = swollen(ENGLISH, 1)
    body = "\n".join(ENGLISH)
    yield body
    yield "\n\n".join(ENGLISH)
    yield "\n".join(CHINESE)
    yield "\n".join(LAW)
    yield "\n".join(long)
    yield "\n".join(ENGLISH + ENGLISH)  # lines, paragraphs
    yield "\n\n".join(ENGLISH + ENGLISH[:5])
    yield "\n".join(CHINESE + CHINESE)
    yield body[:200]  # short
    yield " ".join("i a o u y e".split() * 12)  # words too short
    yield " ".join(w + "zationalistically" for w in body.split()[:80])  # and too long
    yield "\n".join(line.replace("the", "#").replace(" and", " # and") for line in ENGLISH)
    yield "\n".join(line.replace(" ", "... ", 4) for line in ENGLISH)
    yield "\n".join(line.replace(" ", "… ", 3) for line in ENGLISH)
    yield "\n".join("- " + line for line in ENGLISH)
    yield "\n".join("  • " + line for line in ENGLISH)
    yield "\n".join(("- " if i else "") + line for i, line in enumerate(ENGLISH))
    yield "\n".join(line.rstrip(".!?") + "..." for line in ENGLISH)
    yield "\n".join(line.rstrip(".!?") + ("…" if i < 3 else "...  " if i < 4 else ".") for i, line in enumerate(ENGLISH))
    yield " ".join(str(i * 7919) + " of" for i in range(40)) + " the " + ENGLISH[0]  # letters too few
    yield " ".join(w for w in body.split() if w.lower() not in ("the", "be", "to", "of", "and", "that", "have", "with"))
    yield body.replace("whale", "lorem ipsum") + "\n{ }."
    yield body.replace("whale", "Lorem Ipsum")
    yield body.replace("whale", "{") + "\nSomething with lorem ipsum."
    yield body.replace("whale", "{ lorem ipsum }")
    yield body.replace("whale", "JavaScript")
    yield body.replace("whale", "Cookie Policy and terms of use")
    yield body.replace("whale", "coo\u212Aie policy")
    yield body.replace("whale", "whale[12]").replace("winter.", "winter.[3]").replace("summer", "[citation needed]summer[edit]")
    yield "Short.[edit][1]\nIt is so. [2]\n[3] Is it so? It is.[]\nThree words are[١٢]\nNot a [note] here.[4\nOne two three[ 5 ]."
    yield "\n".join(" ".join(line.split()[:4]) + "." for line in ENGLISH)  # short lines
    yield "\n".join(" ".join(line.split()[:2]) + "." for line in ENGLISH)  # fewer than three words
    yield "\n".join(ENGLISH[:4])
    yield ENGLISH[0] + " " + "x" * 1001 + ".\n" + "\n".join(ENGLISH[1:]) + "\nAnd one of " + "y" * 1000 + "."
    yield "\n".join(line.rstrip(".!?\"") for line in ENGLISH)
    yield "\n".join(w for line in ENGLISH for w in line.split())  # a list
    yield "\n".join(["A line that is here twice for the sake of the filter."] * 2 + ENGLISH)
    yield "\n".join(line * 3 for line in ENGLISH)
    yield "\n".join(line * 3 for line in ENGLISH[:2])
    yield "\n".join(line * 9 for line in CHINESE)
    yield "".join(CHINESE) + "".join(LAW)
    yield "\n".join(" ".join(line) for line in CHINESE)  # words too short
    yield "\n".join(w for line in CHINESE for w in line[:9])  # a list
    yield "\n".join(line[-5:].strip("。”，") + "。" for line in CHINESE + LAW)
    yield "\n".join(line.rstrip("。”") for line in CHINESE + LAW)
    yield "\n".join(line.rstrip("。”") + "……" for line in CHINESE + LAW)
    yield "\n".join("• " + line for line in CHINESE + LAW)
    yield "\n".join(line.replace("，", "###") for line in CHINESE)
    yield "，".join(str(i * 7919) + "的人" for i in range(60)) + "。"
    yield "。".join(line.replace("的", "之").replace("年", "载").replace("是", "系").replace("在", "于") for line in LAW)


def oddities():
    yield from ["", "\n", "\n\n\n", " \n \n", "\u3000", "x", "x\n", "\nx", "\n\nx\n\n\ny\n\n\n", "。", "...", "....", "a....b...... …", "###", "-", "\x00a\x01 b\x7f"]
    yield from ODD_ENGLISH + ODD_CHINESE
    yield "\n".join(ODD_ENGLISH)
    yield "\n".join(ODD_CHINESE)
    for odd in ODD_ENGLISH + ODD_CHINESE:
        yield odd + "\n" + "\n".join(ENGLISH[:4])
    for odd in ODD_CHINESE:
        yield "\n".join(LAW[:3]) + "\n" + odd
    rng = random.Random(14)
    pieces = [w for line in ENGLISH + CHINESE + LAW + ODD_ENGLISH + ODD_CHINESE for w in line.split()] + ["\n", "\n", "\n\n", " ", "  "]
    for _ in range(40):
        yield rng.choice(["", " "]).join(rng.choice(pieces) for _ in range(rng.randint(5, 80)))


def texts():
    yield from reasons()
    yield from at_bounds()
    yield from oddities()
