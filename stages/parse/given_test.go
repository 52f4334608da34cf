package parse

import (
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
	textwords "github.com/millrace/millrace/pipeline/text/words"
)

// givenWords reads a file with and without its words, insists that nothing else is other, and returns those of each document: nil where they
// are lost.
func givenWords(t *testing.T, in *input) (list [][]string) {
	t.Helper()
	plain, without, rejects, counters := in.documents(t)
	in.cfg.KeepWords = true
	documents, meta, again, with := in.documents(t)
	lost := with[ingest.CounterLostWords]
	delete(with, ingest.CounterLostWords)
	if !slices.Equal(documents, plain) || len(again) != len(rejects) || len(with) != len(counters) {
		t.Fatalf("%d documents, %v, %v; without words %d, %v, %v", len(documents), again, with, len(plain), rejects, counters)
	}
	for i, d := range documents {
		all, ok := textwords.Given([]byte(meta[i]), []byte(d.Text))
		if !ok {
			if lost--; meta[i] != without[i] {
				t.Errorf("metadata is %s, without words %s", meta[i], without[i])
			}
			list = append(list, nil)
			continue
		}
		var words []string
		for w := range all {
			words = append(words, string(w))
		}
		list = append(list, words)
	}
	if lost != 0 {
		t.Errorf("%d documents have lost their words, and have them", lost)
	}
	return list
}

func TestGivenWords(t *testing.T) {
	for _, tt := range []struct {
		name, format, in string
		want             string // with | between words
		lost             bool
	}{
		{name: "two spaces", format: Segmented, in: "共同  创造  美好  的  \r\n\r\n二○○一年  新年  贺词  \r\n", want: "共同|创造|美好|的|二○○一年|新年|贺词"},
		{name: "latin words", format: Segmented, in: "I need 450 万 GDP 1 9 9 8 年 iPhone 6 s", want: "I|need|450|万|GDP|1|9|9|8|年|iPhone|6|s"},
		{name: "astral", format: Segmented, in: "𠀀𠀁 的\u3000鱻", want: "𠀀𠀁|的|鱻"},
		{name: "tags", format: Segmented, in: "迈向/v  充满/v  希望/n  。/w", want: "迈向|充满|希望|。"},
		{name: "compound", format: Segmented, in: "[中央/n  人民/n  广播/vn  电台/n]nt  ，/w", want: "中央|人民|广播|电台|，"},
		{name: "numbers of lines", format: Segmented, in: "1\t\t在/p 北京/ns  [某] /r 发电厂/n\r\n2\t\t说/v 1/m\r\n", want: "在|北京|某|发电厂|说|1"},
		{name: "brackets that tags left", format: Segmented, in: "[ 湖北省 总 工会 ]nt 。", want: "湖北省|总|工会|。"},
		{name: "paragraph id", format: Segmented, in: "19980101-01-001-001/m  迈向/v", want: "迈向"},
		{name: "rows", format: CoNLL, in: "1\t他\t_\t_\t_\t_\t_\t_\n2\t来了\t_\t_\t_\t_\t_\t_\n\n1\tLet\t_\t_\t_\t_\t_\t_\n2\tme\t_\t_\t_\t_\t_\t_\n", want: "他|来了|Let|me"},
		{name: "a range, an empty node", format: CoNLL, in: "1-2\tdel\t_\t_\t_\t_\t_\t_\n1\tde\t_\t_\t_\t_\t_\t_\n2\tel\t_\t_\t_\t_\t_\t_\n2.1\tno\t_\t_\t_\t_\t_\t_\n3\tmar\t_\t_\t_\t_\t_\t_\n", want: "del|mar"},
		{name: "a comment", format: CoNLL, in: "# text = I can't, 不行\n1\tI\t_\t_\t_\t_\t_\t_\n2-3\tcan't\t_\t_\t_\t_\t_\t_\n2\tca\t_\t_\t_\t_\t_\t_\n3\tn't\t_\t_\t_\t_\t_\t_\n4\t,\t_\t_\t_\t_\t_\t_\n5\t不行\t_\t_\t_\t_\t_\t_\n", want: "I|can't|,|不行"},
		{name: "a comment with other words", format: CoNLL, in: "# text = 不行\n1\t不可\t_\t_\t_\t_\t_\t_\n", lost: true},
		{name: "a comment with more words", format: CoNLL, in: "# text = 不行吗\n1\t不行\t_\t_\t_\t_\t_\t_\n", lost: true},
		{name: "words", format: CoNLL, in: "他 O\n来到 O\n北京 B-LOC\n\n好 O\n", want: "他|来到|北京|好"},
		{name: "words of Latin", format: CoNLL, in: "EU\tB-ORG\nrejects\tO\ncall\tO\n", want: "EU|rejects|call"},
		{name: "characters", format: CoNLL, in: "他 O\n来 O\n北 B-LOC\n京 I-LOC\n", lost: true},
		{name: "characters with tags of words", format: CoNLL, in: "他\tS\n来\tB\n到\tE\n北\tB\n京\tM\n城\tE\n\n好\tS\n", want: "他|来到|北京城|好"},
		{name: "a word that a sentence cuts", format: CoNLL, in: "来\tB\n\n到\tE\n", want: "来|到"},
		{name: "positions", format: CoNLL, in: "一0\tO\n个1\tO\n人0\tO\n\n来0\tO\n", want: "一个|人|来"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := givenWords(t, one(tt.format, RuleFile, "", []byte(tt.in)))
			if len(got) != 1 || (got[0] == nil) != tt.lost || strings.Join(got[0], "|") != tt.want {
				t.Errorf("%q", got)
			}
		})
	}
	for format, in := range map[string]string{Chars: "<BOS> 荆 楚 <EOS>", Text: "荆楚 大地", JSONL: `{"text":"荆楚"}`} {
		in := one(format, RuleFile, "", []byte(in))
		in.cfg.KeepWords = true
		if _, meta, _, counters := in.documents(t); meta[0] != "" || counters[ingest.CounterLostWords] != 0 {
			t.Errorf("%s: %s, %v", format, meta[0], counters)
		}
	}
}

// Each document has its own words, beside the metadata that is kept of it.
func TestGivenWordsOfDocuments(t *testing.T) {
	got := givenWords(t, one(Segmented, RuleLine, "", []byte("共同 创造\n\n美好 的\n世纪\n")))
	if len(got) != 3 || !slices.Equal(got[1], []string{"美好", "的"}) || !slices.Equal(got[2], []string{"世纪"}) {
		t.Errorf("%q", got)
	}
}

// All files of words in the archive: what a document says to have come in is what stands in it, whatever marks there were.
func TestGivenWordsShared(t *testing.T) {
	files, lost := 0, 0
	for name, data := range sharedFormats(t) {
		d := Detect(name, data[:min(len(data), HeadBytes)], Default())
		if d.Reject != "" || d.Format != Segmented && d.Format != CoNLL {
			continue
		}
		files++
		for _, words := range givenWords(t, detected(t, name, data, Default())) {
			if words == nil {
				lost++
				t.Logf("%s: no words", name)
			}
		}
	}
	if files < 16 {
		t.Errorf("only %d files", files)
	}
}
