package parse

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// switched are encodings that a file changes from or to, with sentences of a language that is written in it. %s is a number.
var switched = []struct {
	name      string
	of        encoding.Encoding
	sentences []string
}{
	{"gbk", simplifiedchinese.GBK, []string{
		"昨天下午，第%s号渡船在东岸停了两个小时，等雾散去。", "图书馆的老馆长说，第%s本书借出去以后再也没有回来。",
		"今年的苹果比去年便宜，每箱%s元，果农们并不高兴。", "会议决定把旧厂房改成%s间教室，秋天以前完工。", "他在信里写道：“我们在车站等了你%s天。”",
	}},
	{"big5", traditionalchinese.Big5, []string{
		"昨天下午，第%s號渡船在東岸停了兩個小時，等霧散去。", "圖書館的老館長說，第%s本書借出去以後再也沒有回來。",
		"今年的蘋果比去年便宜，每箱%s元，果農們並不高興。", "會議決定把舊廠房改成%s間教室，秋天以前完工。", "他在信裡寫道：「我們在車站等了你%s天，許多人都成功離開了。」",
	}},
	{"windows-1252", charmap.Windows1252, []string{
		"Le café de la gare a rouvert hier après %s années, et les élèves y sont déjà allés.", "Où est passé le maître de l'orchestre numéro %s ? Personne ne l'a revu à Genève.",
		"Die Bücherei öffnet nächste Woche wieder; über %s Leser haben sich gewünscht, dass sie größer wird.", "El año pasado %s niños aprendieron a nadar en la piscina del pueblo, según la señora García.",
		"A padaria da esquina vende %s pães por manhã, e não há ninguém que não goste de lá.",
	}},
	{"shift_jis", japanese.ShiftJIS, []string{
		"昨日の午後、%s番の渡し船は霧が晴れるまで東の岸で二時間待っていた。", "図書館の館長によると、貸し出した本のうち%s冊がまだ戻っていないそうです。",
		"今年のりんごは去年より安く、一箱%s円ですが、農家の人たちは喜んでいません。", "古い工場は%s室の教室になり、秋までに完成する予定です。", "駅で%s日間あなたを待っていました、と彼は手紙に書いた。",
	}},
}

// switchText makes numbered lines of a language until they are at least so many bytes.
func switchText(sentences []string, first, size int) (lines []string) {
	for n := 0; n < size; {
		i := first + len(lines)
		line := fmt.Sprintf(sentences[i%len(sentences)], strconv.Itoa(i))
		lines = append(lines, line)
		n += len(line)
	}
	return lines
}

// switchFormats write lines in a format; whole says that they are one document.
var switchFormats = []struct {
	name, file, document string
	whole                bool
	begin                string
	write                func(line string) string
}{
	{name: "jsonl", file: "a.jsonl", document: Auto, write: func(line string) string {
		out, _ := json.Marshal(line)
		return `{"id": 1, "text": ` + string(out) + "}\n"
	}},
	{name: "lines", file: "a.txt", document: RuleLine, write: func(line string) string { return line + "\n" }},
	{name: "file", file: "a.txt", document: RuleFile, whole: true, write: func(line string) string { return line + "\n" }},
	{name: "csv", file: "a.csv", document: Auto, begin: "id,text\n", write: func(line string) string {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		_ = w.Write([]string{"1", line}) // to memory
		w.Flush()
		return out.String()
	}},
}

// switchStorings are how such a file is stored.
var switchStorings = []struct {
	name string
	of   func(t testing.TB, name, data string) *input
}{
	{"plain", func(t testing.TB, name, data string) *input { return found(t, name, []byte(data), 0) }},
	{"gzip", func(t testing.TB, name, data string) *input { return found(t, name+".gz", gzipped(t, data), 0) }},
	{"zip", func(t testing.TB, name, data string) *input {
		return found(t, "a.zip", zipped(t, entry{name: name, data: data}), 0)
	}},
	{"split", func(t testing.TB, name, data string) *input { return found(t, name, []byte(data), 64<<10) }},
}

// found is a file as a plan would have it, cut where it can be.
func found(t testing.TB, name string, data []byte, split int64) *input {
	t.Helper()
	d := Detect(name, data[:min(len(data), HeadBytes)], Default())
	if d.More {
		d = Detect(name, data[:min(len(data), MaxHeadBytes)], Default())
	}
	if d.Reject != "" {
		t.Fatalf("%s: %s", name, d.Reject)
	}
	in := newInput()
	in.add(ingest.File{Path: name, Format: d.Format, Document: d.Document, Compression: d.Compression, Encoding: d.Encoding}, newObject(data))
	if split > 0 && d.Cut {
		var at []int64
		for o := split; o < int64(len(data)); o += split {
			at = append(at, o)
		}
		in.cut(at...)
	}
	return in
}

// checkSwitches reads files that change their encoding at about so many bytes, in every format and storing: every document is
// what was written, or a reject, and the same in every storing.
func checkSwitches(t *testing.T, at int, storings []string) {
	files, kept, rejected := 0, 0, 0
	for i, e := range switched {
		for _, back := range []bool{false, true} {
			// Beside its own language, in UTF-8, stands another one.
			for _, other := range []int{i, (i + 1) % len(switched), (i + 2) % len(switched)} {
				if other != i && at > 1<<20 {
					continue
				}
				for _, f := range switchFormats {
					foreign := func(text string) string { return inEncoding(t, e.of, text) }
					same := func(text string) string { return text }
					first, second := switchText(e.sentences, 0, at), switchText(switched[other].sentences, 1000, max(at/4, 4<<10))
					encodeFirst, encodeSecond := foreign, same
					if back {
						first, second = switchText(switched[other].sentences, 0, at), switchText(e.sentences, 1000, max(at/4, 4<<10))
						encodeFirst, encodeSecond = same, foreign
					}
					written := func(lines []string) string {
						var out strings.Builder
						for _, line := range lines {
							out.WriteString(f.write(line))
						}
						return out.String()
					}
					data := f.begin + encodeFirst(written(first)) + encodeSecond(written(second))
					want := append(slices.Clone(first), second...)
					if f.whole {
						want = []string{strings.Join(want, "\n") + "\n"}
					}
					var plain []string
					for _, w := range switchStorings {
						if !slices.Contains(storings, w.name) {
							continue
						}
						in := w.of(t, f.file, data)
						in.cfg.Document = f.document
						for i := range in.from.Plan.Files {
							if f.document != Auto {
								in.from.Plan.Files[i].Document = f.document
							}
						}
						documents, _, rejects, _ := in.documents(t)
						got := texts(documents)
						about := fmt.Sprintf("%s, back %v, beside %s, %s, %s", e.name, back, switched[other].name, f.name, w.name)
						if len(got)+len(rejects) != len(want) {
							t.Errorf("%s: %d documents and %d rejects of %d", about, len(got), len(rejects), len(want))
						}
						checkSubsequence(t, about, got, want)
						if files++; plain == nil {
							plain = got
						} else if !slices.Equal(plain, got) {
							t.Errorf("%s: other texts than plain", about)
						}
						kept += len(got)
						if rejected += len(rejects); len(rejects) > 0 {
							t.Logf("%s: %d rejects, the first %+v", about, len(rejects), rejects[0])
						}
					}
				}
			}
		}
	}
	t.Logf("%d files, %d documents right, %d rejected", files, kept, rejected)
	if rejected*100 > kept {
		t.Errorf("%d documents of %d are rejected", rejected, kept+rejected)
	}
}

// checkSubsequence says which texts are none of those that are wanted, in order.
func checkSubsequence(t *testing.T, about string, got, want []string) {
	t.Helper()
	i := 0
	for _, text := range got {
		at := slices.Index(want[i:], text)
		if at < 0 {
			t.Errorf("%s: wrong: %.80q", about, text)
			return
		}
		i += at + 1
	}
}

var allStorings = []string{"plain", "gzip", "zip", "split"}

func TestSwitch(t *testing.T) {
	pipelinetest.Long(t)
	for _, at := range []int{1 << 10, 63 << 10, 64 << 10, 65 << 10} {
		t.Run(strconv.Itoa(at), func(t *testing.T) {
			storings := allStorings
			if pipelinetest.Race && at > 1<<10 {
				storings = storings[3:]
			}
			checkSwitches(t, at, storings)
		})
	}
}

// TestWholeSwitch is TestSwitch of large files.
func TestWholeSwitch(t *testing.T) {
	if testing.Short() || pipelinetest.Race {
		t.Skip("large files")
	}
	checkSwitches(t, 1<<20, allStorings)
	checkSwitches(t, 20<<20, []string{"split", "gzip"})
}
