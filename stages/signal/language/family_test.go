package language

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/signal"
	model "github.com/millrace/millrace/pipeline/text/fasttext"
	"github.com/millrace/millrace/pipeline/text/writing"
)

const small = "../../../pipeline/text/fasttext/testdata/models/softmax.ftz"

func family(t testing.TB, c Config) signal.Family {
	t.Helper()
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func measure(f signal.Family, text string) (language string, out []int64) {
	out = make([]int64, len(f.Columns))
	f.New().Measure(&signal.Document{Text: []byte(text)}, out)
	return f.Columns[0].Labels[out[0]], out
}

// chinese are lines that models for many languages take for others, or just not.
var chinese = []string{
	"北京大观园", "陣陣秋風處處地奔走", "子曰學而時習之不亦說乎", "加州继续迎来灾难性降雨", "国务院关于印发通知 の", "人不知而不慍，不亦君子乎", "天之道也",
}

func TestByScript(t *testing.T) {
	f := family(t, Config{})
	if f.Name != "language" || len(f.Columns) != 1 {
		t.Fatalf("%+v", f)
	}
	for text, want := range map[string]string{
		"": "und", "2026 !": "und", "The quick brown fox jumps over the lazy dog": "und", "Съешь ещё этих мягких": "und",
		"これは日本語の文章です。": "ja", "오늘은 날씨가 좋습니다": "ko", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία": "el", "Ω": "und", "กกกกกกกกก": "und", "กกกกกกกกกก": "th",
		"ב ראש השנה תשפ״ז יהיה": "und", "ऋषियों को सताने वाले": "und", "Съешь ещё 中文 of these": "und",
	} {
		if got, _ := measure(f, text); got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
	for _, text := range chinese {
		if got, _ := measure(f, text); got != "zh" {
			t.Errorf("%q is %s", text, got)
		}
	}
}

func TestByModel(t *testing.T) {
	m, err := model.Open(small)
	if err != nil {
		t.Fatal(err)
	}
	digest := m.Digest()
	f := family(t, Config{Model: small, Digest: hex.EncodeToString(digest[:])})
	if len(f.Columns) != 2 || f.Columns[1].Name != "language_score_"+hex.EncodeToString(digest[:4]) {
		t.Fatalf("%+v", f)
	}
	// The model's labels are no languages.
	text := "etaoin and more\nof it"
	_, score := m.Predictor().Predict(model.Line(nil, []byte(text)))
	if got, out := measure(f, text); got != "other" || out[1] != min(score, 1e6) {
		t.Errorf("%q is %s with %v", text, got, out)
	}
	if got, out := measure(f, "国务院关于印发通知 no"); got != "zh" || out[1] != signal.Share(27, 29) {
		t.Errorf("%s with %v", got, out)
	}
	for _, c := range []Config{{Digest: strings.Repeat("0", 64)}, {Model: small, Digest: "x"}, {Model: small, Digest: strings.Repeat("0", 64)}, {Model: "missing"}} {
		if _, err := New(c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

func TestNumbersOf(t *testing.T) {
	labels := []string{"__label__zh", "zho_Hans", "__label__cmn_Hani", "eng_Latn", "__label__als", "als_Latn", "__label__arz", "kab_Latn", "", "und", "zh-Hant", "__label__yue_Hant"}
	want := []string{"zh", "zh", "zh", "en", "als", "sq", "arz", "other", "other", "other", "zh", "yue"}
	for i, n := range numbersOf(labels) {
		if codes[n] != want[i] {
			t.Errorf("%q is %s, not %s", labels[i], codes[n], want[i])
		}
	}
}

func TestCodes(t *testing.T) {
	// Numbers are stored: these may never change.
	for code, n := range map[string]int64{"und": 0, "other": 1, "aa": 2, "zu": 239, "zh": 238, "en": 54, "ja": 96} {
		if number(code) != n || codes[n] != code {
			t.Errorf("%s is %d, not %d", code, number(code), n)
		}
	}
	if !slices.IsSorted(codes[2:240]) || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != len(codes) {
		t.Error("a code stands twice, or elsewhere")
	}
	names := writing.Names()
	for script, code := range scriptLanguages {
		if !slices.Contains(names, script) || number(code) == 0 {
			t.Errorf("%s is %s", script, code)
		}
	}
}

// TestGoldensLanguage: with the model for 176 languages, lines of fourteen are what they are, and Chinese ones are never another.
func TestGoldensLanguage(t *testing.T) {
	const path = "../../../.cache/goldens/lid.176.ftz"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the model for 176 languages is not there: make goldens gets it")
	}
	f := family(t, Config{Model: path})
	for text, want := range map[string]string{
		"The committee approved the proposal after a long debate on Tuesday.":        "en",
		"Le comité a approuvé la proposition après un long débat mardi soir.":        "fr",
		"Der Ausschuss hat den Vorschlag nach langer Debatte am Dienstag gebilligt.": "de",
		"El comité aprobó la propuesta después de un largo debate el martes.":        "es",
		"Комитет одобрил предложение после долгих обсуждений во вторник.":            "ru",
		"Комітет схвалив пропозицію після тривалих обговорень у вівторок.":           "uk",
		"وافقت اللجنة على الاقتراح بعد نقاش طويل يوم الثلاثاء.":                      "ar",
		"समिति ने मंगलवार को लंबी बहस के बाद प्रस्ताव को मंज़ूरी दी।":                "hi",
		"Ủy ban đã thông qua đề xuất sau một cuộc tranh luận dài vào thứ Ba.":        "vi",
		"委員会は火曜日に長い議論の末、提案を承認した。":                                                    "ja",
		"위원회는 화요일 긴 토론 끝에 제안을 승인했다.":                                                 "ko",
		"คณะกรรมการอนุมัติข้อเสนอหลังจากการอภิปรายเป็นเวลานาน":                       "th",
		"委员会在星期二经过长时间的辩论后批准了该提案。":                                                    "zh",
		"委員會在星期二經過長時間的辯論後批准了該提案。":                                                    "zh",
	} {
		if got, out := measure(f, text); got != want || out[1] < 500_000 {
			t.Errorf("%q is %s with %v, not %s", text, got, out, want)
		}
	}
	for _, text := range chinese {
		if got, _ := measure(f, text); got != "zh" {
			t.Errorf("%q is %s", text, got)
		}
	}
	m, err := model.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range numbersOf(m.Labels()) {
		if code := codes[n]; "__label__"+code != m.Labels()[i] {
			t.Errorf("%s is %s", m.Labels()[i], code)
		}
	}
}

func TestMeasureDoesNotAllocate(t *testing.T) {
	for _, c := range []Config{{}, {Model: small}} {
		f := family(t, c)
		for _, text := range []string{"国务院关于印发通知 の", "The quick brown fox\njumps"} {
			m, out, d := f.New(), make([]int64, len(f.Columns)), &signal.Document{Text: []byte(strings.Repeat(text, 50))}
			m.Measure(d, out)
			if n := testing.AllocsPerRun(20, func() { m.Measure(d, out) }); n != 0 {
				t.Errorf("%+v: %v allocations a document", c, n)
			}
		}
	}
}

func TestDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/signals.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"language", "language_score_DIGEST", undetermined, other} {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/signals.md does not have %s", name)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	with, without := family(f, Config{Model: small}), family(f, Config{})
	f.Add("国务院关于印发通知 の")
	f.Add("etao \u2028")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "\uFFFD")
		a, out := measure(with, text)
		if out[1] < 0 || out[1] > signal.Millionths {
			t.Errorf("%v", out)
		}
		if b, _ := measure(without, text); b != undetermined && a != b {
			t.Errorf("%s by script, and %s", b, a)
		}
	})
}
