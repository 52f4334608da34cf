package pii

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text"
)

// measure gives the signals that are not 0, by their names.
func measure(t testing.TB, in string) map[string]int64 {
	t.Helper()
	f := Family()
	out := make([]int64, len(f.Columns))
	for i := range out {
		out[i] = -1
	}
	f.New().Measure(&signal.Document{Text: []byte(in), Chars: text.CountRunes([]byte(in))}, out)
	got := map[string]int64{}
	for i, n := range out {
		if n < 0 {
			t.Fatalf("%s of %q is %d", f.Columns[i].Name, in, n)
		}
		if n > 0 {
			got[f.Columns[i].Name] = n
		}
	}
	return got
}

func TestMeasure(t *testing.T) {
	got := measure(t, "电话：13800138000、010-65432100，邮箱a@b.com、c@d.com。")
	want := map[string]int64{"pii_mobile": 1, "pii_phone": 1, "pii_email": 2}
	if len(got) != len(want)+1 || got["pii_mobile"] != 1 || got["pii_phone"] != 1 || got["pii_email"] != 2 {
		t.Errorf("%v, want %v", got, want)
	}
	chars := 11 + 12 + 7 + 7
	if all := text.CountRunes([]byte("电话：13800138000、010-65432100，邮箱a@b.com、c@d.com。")); got["pii_chars"] != signal.Share(int64(chars), int64(all)) {
		t.Errorf("share %d, want %d of %d", got["pii_chars"], chars, all)
	}
	for _, in := range []string{"", "国发〔2023〕12号，2023年5月6日，第1380条。"} {
		if got := measure(t, in); len(got) != 0 {
			t.Errorf("%q: %v", in, got)
		}
	}
}

func TestMeasureDoesNotAllocate(t *testing.T) {
	in := []byte(strings.Repeat("电话：13800138000，邮箱zhang@example.com，身份证110101189003077759。\n", 20))
	m := Family().New()
	d := &signal.Document{Text: in, Chars: text.CountRunes(in)}
	out := make([]int64, len(Family().Columns))
	m.Measure(d, out)
	if n := testing.AllocsPerRun(10, func() { m.Measure(d, out) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Family().Columns {
		if !bytes.Contains(page, []byte("`"+c.Name+"`")) {
			t.Errorf("docs/signals.md does not name %s", c.Name)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	f.Add("电话：13800138000、010-65432100，邮箱a@b.com")
	f.Fuzz(func(t *testing.T, in string) { measure(t, strings.ToValidUTF8(in, "�")) })
}
