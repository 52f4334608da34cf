package language

import (
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/millrace/millrace/pipeline/text/writing"
)

const (
	undetermined = "und"
	other        = "other" // a language of the model that has no code here
)

// codes are the labels of the signal: und, other, the codes of ISO 639-1, and those of three letters that models for the languages of Wikipedia
// have. Their numbers are stored: new ones go to the end.
var codes = append([]string{undetermined, other}, strings.Fields(`
	aa ab ae af ak als am an ar arz as ast av ay az azb ba bar bcl be bg bh bi bm bn bo bpy br bs bxr ca cbk ce ceb ch ckb co cr cs cu cv cy
	da de diq dsb dty dv dz ee el eml en eo es et eu fa ff fi fj fo fr frr fy ga gd gl gn gom gu gv ha he hi hif ho hr hsb ht hu hy hz ia id
	ie ig ii ik ilo io is it iu ja jbo jv ka kg ki kj kk kl km kn ko kr krc ks ku kv kw ky la lb lez lg li lmo ln lo lrc lt lu lv mai mg mh
	mhr mi min mk ml mn mr mrj ms mt mwl my myv mzn na nah nap nb nd nds ne new ng nl nn no nr nv ny oc oj om or os pa pam pfl pi pl pms pnb
	ps pt qu rm rn ro ru rue rw sa sah sc scn sco sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty
	tyv ug uk ur uz ve vec vep vi vls vo wa war wo wuu xal xh xmf yi yo yue za zh zu`)...)

// scriptLanguages are the scripts that decide: one language is written in each, or all but some small ones.
var scriptLanguages = map[string]string{
	"hans": "zh", "hant": "zh", "hani": "zh", "mixed_han": "zh", "jpan": "ja", "hang": "ko",
	"grek": "el", "armn": "hy", "geor": "ka", "guru": "pa", "gujr": "gu", "orya": "or", "taml": "ta", "telu": "te", "knda": "kn", "mlym": "ml",
	"sinh": "si", "thai": "th", "laoo": "lo", "tibt": "bo", "mymr": "my", "khmr": "km", "mong": "mn", "thaa": "dv", "yiii": "ii",
}

// decisive is the number of the language for each script, 0 where the script does not decide.
var decisive = func() (list []int64) {
	for _, name := range writing.Names() {
		list = append(list, number(scriptLanguages[name]))
	}
	return list
}()

// leastLetters of an alphabet decide: fewer may be symbols, as Ω is.
const leastLetters = 10

// byScript is the language of the script of most letters, if it decides: if half of the letters are its. The counts are those of writing.Main.
func byScript(script writing.Script, part, all int) (language int64, decided bool) {
	language = decisive[script]
	if language == 0 || 2*part < all || script >= writing.Latn && part < leastLetters {
		return 0, false
	}
	return language, true
}

// number is that of a code, 0 for none.
func number(code string) int64 { return int64(max(0, slices.Index(codes, code))) }

// members are the codes of ISO 639-3 for the language that is mostly meant by a code for several.
var members = map[string]string{
	"cmn": "zh", "arb": "ar", "pes": "fa", "ekk": "et", "lvs": "lv", "zsm": "ms", "swh": "sw", "npi": "ne", "ory": "or", "uzn": "uz", "azj": "az",
	"khk": "mn", "plt": "mg", "gaz": "om", "als": "sq", "kmr": "ku", "pbt": "ps", "ydd": "yi", "quy": "qu", "ayr": "ay", "knc": "kr", "hbs": "sh",
}

// numbersOf are the numbers of the languages that a model's labels stand for: __label__zh, __label__cmn_Hani, zho_Hans.
func numbersOf(labels []string) []int64 {
	list := make([]int64, len(labels))
	for i, label := range labels {
		code, script, _ := strings.Cut(strings.ReplaceAll(strings.TrimPrefix(label, "__label__"), "-", "_"), "_")
		code = strings.ToLower(code)
		// Three letters are those of ISO 639-3 where a script follows, and else what Wikipedia calls a language: als is Albanian to the one, and
		// Alemannic to the other.
		if to, ok := members[code]; ok && (script != "" || code != "als") {
			code = to
		}
		if base, err := language.ParseBase(code); err == nil && number(code) == 0 {
			code = base.String()
		}
		list[i] = max(number(code), 1)
	}
	return list
}
