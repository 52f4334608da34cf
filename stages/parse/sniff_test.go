package parse

import (
	"strings"
	"testing"
	"unicode/utf16"
)

// utf16le is a text in UTF-16 with its mark.
func utf16le(text string) string {
	out := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// inManyForms calls visit with a text as files have it: line ends, a mark, an encoding, compression.
func inManyForms(t *testing.T, text string, visit func(form string, data []byte)) {
	t.Helper()
	visit("plain", []byte(text))
	visit("crlf", []byte(strings.ReplaceAll(text, "\n", "\r\n")))
	visit("blank lines in front", []byte("\n\n"+text))
	visit("with a mark", []byte(bom+text))
	visit("utf-16", []byte(utf16le(text)))
	visit("gzip", gzipped(t, text))
	visit("zstd", zstded(t, text))
}

// TestTextNames holds that an ending which says nothing does not hide what a file is.
func TestTextNames(t *testing.T) {
	object := `{"title":"书店","text":"城南的老书店昨天重新开门。"}` + "\n"
	for _, c := range []struct{ name, text, want string }{
		{"a line", object, JSONL},
		{"lines", strings.Repeat(object, 3), JSONL},
		{"many lines, a broken one", strings.Repeat(object, 30) + "{\"text\": \n" + strings.Repeat(object, 9), JSONL},
		{"an array", "[\n" + strings.TrimSuffix(strings.Repeat(object+",", 3), ",") + "]\n", JSON},
		{"an object", "{\n  \"text\": \"城南的老书店\"\n}\n", JSON},
		{"objects", strings.Repeat("{\n  \"text\": \"城南的老书店\"\n}\n", 3), JSON},
		{"a page", "<!DOCTYPE html>\n<html><head><title>t</title></head><body><p>城南的老书店</p></body></html>\n", HTML},
		{"an old page", "<HTML>\n<HEAD><TITLE>t</TITLE></HEAD><BODY>城南的老书店</BODY></HTML>\n", HTML},
		{"a page behind a comment", "<!-- saved from url -->\n<html lang=\"zh\">\n<body>城南的老书店\n", HTML},
		{"a piece of a page", "<p>第一段。</p>\n<p>第二段。</p>\n<H2>题</H2>\n第三段\n", HTML},
		{"a block", "<div class=\"x\">\n城南的老书店\n</div>\n", HTML},
		{"tags and words", "<p>和</p>是段落的标签。\n<div>是块的标签。\n", Text},
		{"an object and words", object + "这是一行 JSON 的例子，后面是正文。\n老书店重新开门了。\n", Text},
		{"an object over lines and words", "{\n  \"a\": 1\n}\n\n这是一个例子。\n", Text},
		{"an array and words", "[{\"a\": 1}]\n\n这是一个例子。\n", Text},
		{"a brace", "{这是括号}\n老书店重新开门了。\n", Text},
		{"braces of code", "{\n  int a = 1;\n}\n这是一段代码。\n", Text},
		{"a bracket", "[1] 王某：《书店史》，一九九八年。\n[2] 李某：《城南》。\n", Text},
		{"a tag and words", "<html> 是网页的第一个标签。\n", Text},
		{"another tag", "<p>是段落的标签。\n", Text},
		{"less", "< 是小于号。\n", Text},
		{"a doctype and words", "<!DOCTYPE html> 说的是网页的版本。\n", Text},
	} {
		inManyForms(t, c.text, func(form string, data []byte) {
			for _, name := range []string{"a.txt", "b.text", "c", "d.dat", "e.log", "f.out"} {
				if d := Detect(name, data, Default()); d.Format != c.want || d.Reject != "" {
					t.Errorf("%s, %s, %s: %s, %q, %s", c.name, form, name, d.Format, d.Reject, d.Why)
				}
			}
		})
		if d := Detect("a.md", []byte(c.text), Default()); d.Format != Text {
			t.Errorf("%s in Markdown: %s", c.name, d.Format)
		}
	}
}

// TestListsAreTexts holds that titles, lists, glosses and tables are no annotated corpora.
func TestListsAreTexts(t *testing.T) {
	lines := func(list string) string { return strings.Join(strings.Split(list, ", "), "\n") + "\n" }
	titles := lines("Plan B, Vitamin E, Hepatitis B, Appendix I, Schedule B, World War I")
	glosses := "苹果/apple 香蕉/banana 葡萄/grape 西瓜/melon 桃子/peach 李子/plum 樱桃/cherry 柠檬/lemon 橙子/orange 梨/pear 杏/apricot 枣/date\n" +
		"红/red 黄/yellow 蓝/blue 绿/green 黑/black 白/white 紫/purple 灰/grey 粉/pink 棕/brown 金/gold 银/silver\n" +
		"猫/cat 狗/dog 牛/cow 马/horse 羊/sheep 猪/pig 鸡/hen 鸭/duck 鹅/goose 鱼/fish 鸟/bird 虫/worm\n" +
		"春/spring 夏/summer 秋/autumn 冬/winter 日/sun 月/moon 星/star 云/cloud 雨/rain 雪/snow 风/wind 雷/thunder\n" +
		"手/hand 脚/foot 头/head 眼/eye 耳/ear 口/mouth 鼻/nose 牙/tooth 心/heart 背/back 腿/leg 脸/face\n"
	readings := strings.Repeat("书店/shudian 昨天/zuotian 重新/chongxin 开门/kaimen 读者/duzhe 城南/chengnan 来/lai 了/le 很/hen 多/duo 人/ren 他们/tamen\n", 8)
	table := "1\tapple\t3\tred\t4\t5\t6\t7\n2\tpear\t3\tgreen\t4\t5\t6\t8\n3\tplum\t2\tblue\t4\t5\t6\t9\n"
	for name, text := range map[string]string{
		"titles":           titles,
		"titles, often":    strings.Repeat(titles, 20),
		"titles, parted":   strings.Repeat(titles+"\n", 20),
		"titles of words":  lines("Plan B, Area B, Team B, Group B, Class B, Part B, Stage B"),
		"numerals":         lines("Henry I, Charles I, Richard I, James I, George I, Edward I"),
		"grades":           lines("Anna B, Boris E, Clara S, David B, Emil S, Franz B, Gerda M"),
		"letters":          lines("B, E, S, O, M, I, B, E"),
		"bombers":          lines("Boeing B-17, Boeing B-29, Martin B-26, Convair B-36, Northrop B-2, Rockwell B-1"),
		"roads":            lines("Interstate I-95, Interstate I-10, Interstate I-5, Interstate I-80, Interstate I-90"),
		"trains":           lines("Berlin S-Bahn, Wien U-Bahn, München S-Bahn, Hamburg U-Bahn, Köln S-Bahn, Nürnberg U-Bahn"),
		"titles in Han":    lines("方案 B, 维生素 E, 计划 B, 附录 I, 甲组 B, 乙组 E, 丙组 S"),
		"tabs":             lines("方案\tB, 维生素\tE, 计划\tB, 附录\tI, 甲组\tB, 乙组\tE"),
		"glosses":          glosses,
		"glosses, low":     strings.ReplaceAll(glosses, "/", "_"),
		"readings":         readings,
		"a table":          table,
		"a longer table":   strings.Repeat(table, 1) + "4\tfig\t2\tblue\t4\t5\t6\t9\n5\tnut\t2\tgrey\t4\t5\t6\t9\n",
		"a table of paths": strings.Repeat("文件/usr 目录/home 路径/var 系统/etc 用户/opt 程序/bin 设备/dev 配置/conf\n", 12),
	} {
		inManyForms(t, text, func(form string, data []byte) {
			for _, file := range []string{"a.txt", "b"} {
				if d := Detect(file, data, Default()); d.Format != Text || d.Reject != "" {
					t.Errorf("%s, %s: %s, %q, %s", name, form, d.Format, d.Reject, d.Why)
				}
			}
		})
	}
}

// TestAnnotatedTexts holds that corpora are known without a name.
func TestAnnotatedTexts(t *testing.T) {
	bmes := "城 B\n南 E\n的 S\n老 S\n书 B\n店 E\n\n昨 B\n天 E\n开 B\n门 E\n"
	bio := "EU B-ORG\nrejects O\nGerman B-MISC\ncall O\n. O\n\nPeter B-PER\nBlackburn I-PER\n"
	for name, c := range map[string]struct{ text, want string }{
		"words in four letters": {bmes, CoNLL},
		"with tabs":             {strings.ReplaceAll(bmes, " ", "\t"), CoNLL},
		"names":                 {bio, CoNLL},
		"four columns":          {"-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\nGerman JJ B-NP B-MISC\ncall NN I-NP O\n. . O O\n", CoNLL},
		"chunks":                {"He\tPRP\tB-NP\nreckons\tVBZ\tB-VP\nthe\tDT\tB-NP\naccount\tNN\tI-NP\nwill\tMD\tB-VP\n", CoNLL},
		"bare BIO of words":     {"the O\nold O\nheart B\nattack I\ncame O\n\nand O\nwent O\n. O\n", CoNLL},
		"Weibo":                 {"一0\tO\n个1\tO\n人0\tB-PER.NOM\n来0\tO\n了0\tO\n", CoNLL},
		"a treebank":            {"1\t书店\t_\tNOUN\tNN\t_\t2\tnsubj\t_\t_\n2\t开门\t_\tVERB\tVV\t_\t0\troot\t_\t_\n\n1\t好\t_\tADJ\tJJ\t_\t0\troot\t_\t_\n", CoNLL},
		"words with tags":       {strings.Repeat("城南/ns 的/u 老/a 书店/n 昨天/t 重新/d 开门/v ，/w 读者/n 很/d 多/m 。/w\n", 6), Segmented},
		"tags of a treebank":    {strings.Repeat("城南_NR 的_DEG 老_JJ 书店_NN 昨天_NT 重新_AD 开门_VV ，_PU 读者_NN 很_AD 多_VA 。_PU\n", 6), Segmented},
	} {
		inManyForms(t, c.text, func(form string, data []byte) {
			if d := Detect("a.txt", data, Default()); d.Format != c.want || d.Reject != "" {
				t.Errorf("%s, %s: %s, %q, %s", name, form, d.Format, d.Reject, d.Why)
			}
		})
	}
}
