package writing

// Script is what a text is written in, mostly. Its numbers are stored: new scripts go to the end.
type Script uint8

// The scripts that rules of this package tell apart. Those of the table of alphabets follow, then Other.
const (
	None     Script = iota // no letter
	Hans                   // Chinese, simplified
	Hant                   // Chinese, traditional
	Hani                   // Chinese characters that both are written with
	MixedHan               // both of them
	Jpan                   // Japanese
	Hang                   // Korean
	Other                  // a script that has no word here
	Latn                   // Latin, and after it the others of the table
)

// Names are the words for scripts: the codes of ISO 15924 in lower case, and none, mixed_han and other.
func Names() []string {
	names := []string{"none", "hans", "hant", "hani", "mixed_han", "jpan", "hang", "other"}
	for _, a := range alphabets {
		names = append(names, a.code)
	}
	return names
}

// Rules of Main.
const (
	// denser is how many letters of an alphabet say as much as a character of Chinese, Japanese or Korean: about 130 to 43 for the same sentence.
	denser = 3
	// kanaLeast: at most twenty times as many characters as kana are Japanese. A の on a sign is not.
	kanaLeast = 20
	// mixedLeast: from a fifth on, marks of the rarer way of writing are more than names and quotations.
	mixedLeast = 5
)

// Main is the script of most letters, and how many of all they are: weights, in which a character of Chinese, Japanese or Korean counts as
// three letters, as it says as much. Of equals the one with the smaller number is it.
//
// Japanese is Han and kana where kana are a twentieth of them, and more than characters that no Japanese text has. Chinese is simplified or
// traditional by what only the one or the other is written with; both where the rarer has a fifth of these marks.
func (t *Tally) Main() (script Script, part, all int) {
	east := denser * (t.Han() + t.n[kana])
	script, part = None, 0
	take := func(s Script, n int) {
		all += n
		if n > part {
			script, part = s, n
		}
	}
	take(t.eastern(), east)
	take(Hang, denser*t.n[hangul])
	take(Other, t.n[otherLetter])
	for i := range alphabets {
		take(Latn+Script(i), t.n[firstAlphabet+class(i)])
	}
	return script, part, all
}

// eastern is the script of Han and kana.
func (t *Tally) eastern() Script {
	n, foreign := t.n[kana], t.n[simplified]+t.n[traditional]
	if n > foreign && n*kanaLeast >= t.Han()+n {
		return Jpan
	}
	s, f := t.Simplified(), t.Traditional()
	switch {
	case s+f == 0:
		return Hani
	case min(s, f)*mixedLeast >= s+f:
		return MixedHan
	case s > f:
		return Hans
	}
	return Hant
}
