package normalize

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/text/pii"
)

// withKey is a config whose key has been read from a file.
func withKey(t *testing.T, c Config, key string) Config {
	t.Helper()
	c.PIIKeyFile = filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(c.PIIKeyFile, []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.ReadKey(); err != nil {
		t.Fatal(err)
	}
	return c
}

const testKey = "a key of enough bytes"

func cleaned(t *testing.T, c Config, texts ...string) *columnar.Batch {
	t.Helper()
	b := &columnar.Batch{}
	for i, text := range texts {
		b.File, b.Offset = append(b.File, 0), append(b.Offset, int64(i))
		b.Text.Append([]byte(text))
		b.Meta.Append(nil)
	}
	b, err := New(c).Process(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPII(t *testing.T) {
	const in = "电话１３８００１３８０００，邮箱 Zhang.San@qq.com。"
	for profile, digits := range map[string]string{ZhSafe: "00000000000", NFKC: "00000000000", None: "０００００００００００"} {
		b := cleaned(t, Config{Profile: profile, PII: PII{allKinds: Mask}}, in, "没有", "访问 163.44.107.25 与13800138000")
		if got := string(b.Text.At(0)); !strings.HasPrefix(got, "电话"+digits) || !strings.Contains(got, "邮箱 Xxxxx.Xxx@xx.xxx") {
			t.Errorf("%s: %s", profile, got)
		}
		if got := string(b.Text.At(2)); got != "访问 000.00.000.00 与00000000000" {
			t.Errorf("%s: %s", profile, got)
		}
		if n := b.Counters; n["pii_mobile_masked"] != 2 || n["pii_email_masked"] != 1 || n["pii_ip_masked"] != 1 || n["pii_mobile_pseudonyms"] != 0 {
			t.Errorf("%s: counters %v", profile, n)
		}
		if b.Len() != 3 || int(b.Chars[2]) != len([]rune(string(b.Text.At(2)))) {
			t.Errorf("%s: %d documents, %v characters", profile, b.Len(), b.Chars)
		}
	}
	c := withKey(t, Config{PII: PII{"mobile": Pseudonym, "email": Keep}}, testKey+"\n")
	b := cleaned(t, c, in, "手机：138-0013-8000，IP 163.44.107.25")
	one, two := string(b.Text.At(0)), string(b.Text.At(1))
	if !strings.Contains(one, "Zhang.San@qq.com") || !strings.Contains(two, "163.44.107.25") {
		t.Errorf("what is kept is not: %s, %s", one, two)
	}
	name := strings.TrimPrefix(one, "电话")[:11]
	if name == "13800138000" || !strings.Contains(strings.ReplaceAll(two, "-", ""), name) || b.Counters["pii_mobile_pseudonyms"] != 2 {
		t.Errorf("pseudonyms: %s, %s, %v", one, two, b.Counters)
	}
	if again := cleaned(t, withKey(t, c, testKey), in); string(again.Text.At(0)) != one {
		t.Errorf("%s, then %s", one, again.Text.At(0))
	}
	if other := cleaned(t, withKey(t, c, testKey+"!"), in); string(other.Text.At(0)) == one {
		t.Error("another key gives the same pseudonym")
	}
	if kept := cleaned(t, Default(), in); string(kept.Text.At(0)) != "电话13800138000，邮箱 Zhang.San@qq.com。" {
		t.Errorf("default: %s", kept.Text.At(0))
	}
}

// What rejects of earlier stages quote of a record is masked too, whole or cut.
func TestPIIInDetails(t *testing.T) {
	b := &columnar.Batch{Rejects: []columnar.Reject{
		{Detail: "byte 20400: expected a comma, found \"1380013\""},
		{Detail: "byte 7: no value, in `{\"text\": \"电话13800138000, zhang@q`"},
		{Detail: "20400 bytes"},
		{Detail: "in `{\"id\": \"1101 0118 9003 07`"},
	}}
	b, err := New(Config{PII: PII{allKinds: Mask}}).Process(context.Background(), b)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"byte 20400: expected a comma, found \"0000000\"", "byte 7: no value, in `{\"text\": \"电话00000000000, xxxxx@x`", "20400 bytes",
		"in `{\"id\": \"0000 0000 0000 00`",
	} {
		if got := b.Rejects[i].Detail; got != want {
			t.Errorf("detail %s, want %s", got, want)
		}
	}
}

func TestPIISettings(t *testing.T) {
	for want, c := range map[string]Config{
		`{"profile":"zh-safe","pii":"keep","pii_key":""}`:                 Default(),
		`{"profile":"","pii":"keep","pii_key":""}`:                        {},
		`{"profile":"","pii":"mask","pii_key":""}`:                        {PII: PII{allKinds: Mask}},
		`{"profile":"","pii":{"all":"mask","ip":"keep"},"pii_key":""}`:    {PII: PII{allKinds: Mask, "ip": Keep}},
		`{"profile":"","pii":{"mobile":"pseudonym"},"pii_key":"%digest"}`: withKey(t, Config{PII: PII{"mobile": Pseudonym}}, testKey),
	} {
		if c.Key != nil {
			want = strings.ReplaceAll(want, "%digest", c.Key.Digest())
		}
		got, err := json.Marshal(c)
		if err != nil || string(got) != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
		if shown := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(shown, testKey) || strings.Contains(shown, "97 32 107 101 121") {
			t.Errorf("the key is shown: %s", shown)
		}
	}
	for want, c := range map[string]Config{
		`normalize.pii: unknown kind "shoes": known are email, mobile`: {PII: PII{"shoes": Mask}},
		`normalize.pii: unknown value "hide": known are keep`:          {PII: PII{allKinds: "hide"}},
		"normalize.pii_key_file: pseudonyms need a key":                {PII: PII{"ip": Pseudonym}},
	} {
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if err := (Config{PII: PII{"ip": Pseudonym}, PIIKeyFile: "key"}).Validate(); err != nil {
		t.Error(err)
	}
	for want, file := range map[string]string{"no such file": "nowhere", "has 5 bytes, the least is 16": "short", "has more than": "long"} {
		c := Config{PII: PII{"ip": Pseudonym}, PIIKeyFile: filepath.Join(t.TempDir(), file)}
		if content := map[string]int{"short": 5, "long": maxKey + 1}[file]; content > 0 {
			if err := os.WriteFile(c.PIIKeyFile, []byte(strings.Repeat("k", content)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := c.ReadKey(); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "normalize.pii_key_file: ") {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if names := pii.Names(); len(names) != int(pii.KindCount) {
		t.Error(names)
	}
}

func TestPIIDoesNotAllocate(t *testing.T) {
	l := newCleaner(withKey(t, Config{PII: PII{allKinds: Pseudonym, "email": Mask}}, testKey))
	text := []byte("电话13800138000，邮箱zhang@qq.com，身份证110101189003077759，IP 163.44.107.25。")
	work := make([]byte, len(text))
	run := func() { copy(work, text); l.clean(work) }
	run()
	if n := testing.AllocsPerRun(20, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
