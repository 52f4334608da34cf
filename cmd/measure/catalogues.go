package main

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// placeholders are what a program puts values in for, and the tags of pages.
var placeholders = regexp.MustCompile(`%\([^)]*\)[a-z]|%[sdr]|\{[^}]*\}|<[^>]*>|\\[nt]|&[a-z]+;`)

// catalogues reads the translations in the wheels of a folder of which keep has the name: messages by language, in order, each once.
func catalogues(folder string, keep func(wheel string) bool) (map[string][]string, error) {
	wheels, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	if err != nil {
		return nil, err
	}
	messages, known := map[string][]string{}, map[string]bool{}
	add := func(m, language string) {
		m = strings.Join(strings.Fields(placeholders.ReplaceAllString(m, "")), " ")
		if key := language + "\x00" + m; len(m) > 8 && utf8.ValidString(m) && !known[key] {
			known[key] = true
			messages[language] = append(messages[language], m)
		}
	}
	for _, wheel := range wheels {
		if !keep(filepath.Base(wheel)) {
			continue
		}
		if err := eachCatalogue(wheel, func(language string, data []byte) {
			for original, translated := range originals(data) {
				for m := range strings.SplitSeq(translated, "\x00") {
					add(m, language)
				}
				add(original, "en")
			}
		}); err != nil {
			return nil, fmt.Errorf("%s: %w", wheel, err)
		}
	}
	if len(messages) == 0 {
		return nil, fmt.Errorf("no catalogues in %s: make confusion downloads them", folder)
	}
	return messages, nil
}

// eachCatalogue calls f with every compiled catalogue of a wheel.
func eachCatalogue(wheel string, f func(language string, data []byte)) error {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return err
	}
	defer func() { _ = z.Close() }() // read only
	for _, file := range z.File {
		folder, _ := path.Split(file.Name)
		if path.Ext(file.Name) != ".mo" || path.Base(folder) != "LC_MESSAGES" {
			continue
		}
		r, err := file.Open()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			return err
		}
		f(languageOf(path.Base(path.Dir(path.Clean(folder)))), data)
	}
	return nil
}

// languageOf is a locale without its country, where that makes no difference to the letters.
func languageOf(locale string) string {
	switch strings.ToLower(strings.ReplaceAll(locale, "_", "-")) {
	case "zh-cn", "zh-hans", "zh":
		return "zh-hans"
	case "zh-tw", "zh-hant", "zh-hk":
		return "zh-hant"
	case "sr-latn", "sr@latin":
		return "sr-latn"
	case "no", "nb-no":
		return "nb"
	}
	language, _, _ := strings.Cut(strings.ReplaceAll(locale, "@", "_"), "_")
	return strings.ToLower(language)
}

// originals are the originals of a compiled catalogue of gettext, which are in English, and the translations that differ
// from them.
func originals(data []byte) iter.Seq2[string, string] {
	return func(yield func(original, translated string) bool) {
		if len(data) < 28 || binary.LittleEndian.Uint32(data) != 0x950412de {
			return
		}
		word := func(at uint32) uint32 {
			if int(at)+4 > len(data) {
				return 0
			}
			return binary.LittleEndian.Uint32(data[at:])
		}
		text := func(at uint32) string {
			n, start := int(word(at)), int(word(at+4))
			if start+n > len(data) {
				return ""
			}
			return string(data[start : start+n])
		}
		for i := range word(8) {
			original, translated := text(word(12)+8*i), text(word(16)+8*i)
			if original == "" || original == translated {
				continue // the head of the catalogue, or nothing in that language
			}
			original, _, _ = strings.Cut(original, "\x00")
			if !yield(original, translated) {
				return
			}
		}
	}
}

// letterTable prints how many of ten thousand letters each is, for every language of Latin letters.
func letterTable(w io.Writer, messages map[string][]string) {
	for _, language := range slices.Sorted(maps.Keys(messages)) {
		counts, latin, all := map[rune]int{}, 0, 0
		for _, m := range messages[language] {
			for _, r := range strings.ToLower(m) {
				switch {
				case unicode.Is(unicode.Latin, r):
					counts[r]++
					latin++
					all++
				case unicode.IsLetter(r):
					all++
				}
			}
		}
		if latin < 3000 || latin*10 < all*9 {
			continue
		}
		fmt.Fprintf(w, "\t{%q, \"", language)
		for i, r := range slices.Sorted(maps.Keys(counts)) {
			if n := (counts[r]*10000 + all/2) / all; n > 0 {
				if i > 0 {
					fmt.Fprint(w, " ")
				}
				fmt.Fprintf(w, "%c%d", r, n)
			}
		}
		fmt.Fprintln(w, "\"},")
	}
}
