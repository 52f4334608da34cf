package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"github.com/millrace/millrace/stages/parse/charset"
)

func confusionCommand() *cobra.Command {
	var folder string
	var counted []string
	var letters bool
	c := &cobra.Command{
		Use: "confusion", Short: "what text of each language in each of its encodings is taken for", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			messages, err := catalogues(folder, func(wheel string) bool {
				of := slices.ContainsFunc(counted, func(prefix string) bool { return strings.HasPrefix(strings.ToLower(wheel), prefix) })
				return of == letters
			})
			if err != nil {
				return err
			}
			if letters {
				letterTable(cmd.OutOrStdout(), messages)
				return nil
			}
			return confusion(cmd.OutOrStdout(), messages)
		},
	}
	c.Flags().StringVar(&folder, "catalogues", ".cache/catalogues", "folder of wheels with translations")
	c.Flags().BoolVar(&letters, "letters", false, "print the table of letters that package charset has")
	c.Flags().StringSliceVar(&counted, "counted", []string{"django-5", "wagtail"}, "the wheels that the table of letters is counted in, which are not measured")
	return c
}

// confused are encodings and the languages that were written in them.
var confused = []struct {
	name      string
	of        encoding.Encoding
	languages string
}{
	{"windows-1252", charmap.Windows1252, "af br ca cy da de es et eu fi fr fy ga gl ia id io is it lb nb nl nn pt sq sv"},
	{"iso-8859-15", charmap.ISO8859_15, "ca da de es et fi fr gl is it nb nl nn pt sv"},
	{"macintosh", charmap.Macintosh, "ca da de es fi fr gl is it nb nl nn pt sv"},
	{"cp437", charmap.CodePage437, "de es fr it nl sv fi"},
	{"cp850", charmap.CodePage850, "ca da de es fi fr gl is it nb nl nn pt sv"},
	{"windows-1250", charmap.Windows1250, "bs cs hr hu pl ro sk sl sq sr-latn"},
	{"iso-8859-2", charmap.ISO8859_2, "bs cs hr hu pl ro sk sl sr-latn"},
	{"iso-8859-16", charmap.ISO8859_16, "hu pl ro sl"},
	{"cp852", charmap.CodePage852, "cs hr hu pl ro sk sl"},
	{"windows-1257", charmap.Windows1257, "et lt lv"},
	{"iso-8859-13", charmap.ISO8859_13, "et lt lv pl"},
	{"iso-8859-4", charmap.ISO8859_4, "et lt lv"},
	{"iso-8859-3", charmap.ISO8859_3, "eo"},
	{"windows-1254", charmap.Windows1254, "tr az"},
	{"windows-1258", charmap.Windows1258, "vi"},
	{"windows-1251", charmap.Windows1251, "be bg mk ru sr uk"},
	{"koi8-r", charmap.KOI8R, "ru bg"},
	{"koi8-u", charmap.KOI8U, "uk"},
	{"iso-8859-5", charmap.ISO8859_5, "be bg mk ru sr"},
	{"cp866", charmap.CodePage866, "ru be bg"},
	{"windows-1253", charmap.Windows1253, "el"},
	{"iso-8859-7", charmap.ISO8859_7, "el"},
	{"windows-1255", charmap.Windows1255, "he"},
	{"windows-1256", charmap.Windows1256, "ar fa ur"},
	{"windows-874", charmap.Windows874, "th"},
	{"gb18030", simplifiedchinese.GBK, "zh-hans"},
	{"gb18030 traditional", simplifiedchinese.GBK, "zh-hant"},
	{"big5", traditionalchinese.Big5, "zh-hant"},
	{"shift_jis", japanese.ShiftJIS, "ja"},
	{"euc-jp", japanese.EUCJP, "ja"},
	{"euc-kr", korean.EUCKR, "ko"},
}

var confusionLengths = []int{30, 100, 300, 1200}

const (
	confusionSamples = 60
	maxWrong         = 0.005
	replacedShare    = 0.05 // the default of max_replacement_share
)

// verdicts count what became of samples.
type verdicts struct{ right, rejected, wrong int }

func (v verdicts) String() string { return fmt.Sprintf("%d/%d/%d", v.right, v.rejected, v.wrong) }

// confusion prints a row a language and encoding, and a sum a length. It fails where too much is wrong.
func confusion(w io.Writer, messages map[string][]string) error {
	t := table(w, "encoding\tlanguage\t30 characters\t100\t300\t1200\tright/rejected/wrong\t")
	var sums [4]verdicts
	for _, e := range confused {
		for language := range strings.FieldsSeq(e.languages) {
			text := languageText(messages[language])
			fmt.Fprintf(t, "%s\t%s\t", e.name, language)
			for i, length := range confusionLengths {
				v := confuse(text, e.of, length)
				sums[i].right += v.right
				sums[i].rejected += v.rejected
				sums[i].wrong += v.wrong
				fmt.Fprintf(t, "%s\t", v)
			}
			fmt.Fprintln(t, "\t")
		}
	}
	fmt.Fprintln(t, "all\t\t"+fmt.Sprintf("%s\t%s\t%s\t%s\t\t", sums[0], sums[1], sums[2], sums[3]))
	if err := t.Flush(); err != nil {
		return err
	}
	var failed []error
	for i, v := range sums {
		if n := v.right + v.rejected + v.wrong; confusionLengths[i] >= 100 && float64(v.wrong) > maxWrong*float64(n) {
			failed = append(failed, fmt.Errorf("%d of %d samples of %d characters are read wrong", v.wrong, n, confusionLengths[i]))
		}
	}
	return errors.Join(failed...)
}

// languageText puts the messages of a language behind one another, in an order that says nothing.
func languageText(messages []string) []rune {
	messages = slices.Clone(messages)
	rng := rand.New(rand.NewPCG(1, uint64(len(messages))))
	rng.Shuffle(len(messages), func(i, j int) { messages[i], messages[j] = messages[j], messages[i] })
	return []rune(strings.Join(messages, " "))
}

// confuse reads samples of a text in an encoding. Those that the encoding cannot write, and those of ASCII, are none.
func confuse(text []rune, of encoding.Encoding, length int) (v verdicts) {
	for n := 0; n < confusionSamples && len(text) >= length; text = text[length:] {
		sample := string(text[:length])
		data, err := of.NewEncoder().Bytes([]byte(sample))
		if err != nil || !bytes.ContainsFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) {
			continue
		}
		n++
		switch got, ok := asRead(data); {
		case !ok:
			v.rejected++
		case got == sample:
			v.right++
		default:
			v.wrong++
		}
	}
	return v
}

// asRead is a file of one document as it would be read; ok is false if it would be rejected.
func asRead(data []byte) (text string, ok bool) {
	name, _ := charset.Detect(data, true, "")
	var out []byte
	var replaced int64
	switch name {
	case charset.Unknown:
		return "", false
	case charset.UTF8:
		if utf8.Valid(data) {
			return string(data), true
		}
		var mender charset.Mender
		if out, name, replaced = mender.Mend(nil, data); name == charset.UTF8 {
			out = bytes.ToValidUTF8(data, []byte(string(utf8.RuneError)))
			replaced = int64(bytes.Count(out, []byte(string(utf8.RuneError))))
		}
	default:
		r := new(charset.Reader)
		if r.ResetLines(name, bytes.NewReader(data), false) != nil {
			return "", false
		}
		out, _ = io.ReadAll(r) // from memory
		replaced = r.Replaced
	}
	return string(out), name != charset.Unknown && utf8.Valid(out) && float64(replaced) <= replacedShare*float64(utf8.RuneCount(out))
}
