package charset

import (
	"bytes"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// TestLatin: text of Western Europe is Windows-1252, a sentence at a time, and text of the same letters, or of other languages, in
// another encoding of a byte a character is not, unless it is the same text in both.
func TestLatin(t *testing.T) {
	western := []string{
		"Last year she moved from México to Spain and opened a small shop near the station.",
		"Vanha kirjakauppa avasi eilen jälleen ovensa, ja ensimmäisenä päivänä kävi yli kolmesataa lukijaa.",
		"Den gamla bokhandeln i södra delen av staden öppnade igen i går, och ägaren säger att den är större.",
		"Le vieux libraire a rouvert hier; où étaient passés les élèves de l'école voisine ?",
		"Die alte Buchhandlung öffnete gestern wieder, und fünfhundert Gäste drängten sich durch die Tür.",
		"La librería abrió ayer; el señor Núñez dijo que jamás había visto tantos niños.",
		"A padaria não abriu ontem; ninguém sabe a razão, mas o patrão já voltou à aldeia.",
		"Den gamle boghandel åbnede i går, og ejeren sagde, at den nye er større og lysere før vinteren.",
		"La vecchia libreria ha riaperto ieri; il proprietario è felice perché la città è più viva.",
		"Gamla bókabúðin opnaði aftur í gær, og eigandinn sagði að þetta væri besti dagur ársins.",
		"“Don’t wait,” she said – the café closes at five… and the owner won’t be there.",
		"De winkel ging gisteren weer open; de eigenaar is één van de oudste boekverkopers van België.",
	}
	for _, s := range western {
		data := encoded(t, charmap.Windows1252, s)
		if name, why := Detect([]byte(data), true, ""); name != Windows1252 {
			t.Errorf("%s: %s, %s", s, name, why)
		}
		for _, of := range []*charmap.Charmap{charmap.Macintosh, charmap.CodePage850} {
			data, err := of.NewEncoder().Bytes([]byte(s))
			if err != nil {
				continue // it has no such quotation marks
			}
			if name, why := Detect(data, true, ""); name != Unknown && name != UTF8 {
				t.Errorf("%s in %s: %s, %s", s, of, name, why)
			}
		}
	}
	for _, tc := range []struct {
		of   *charmap.Charmap
		text string
	}{
		{charmap.Windows1250, "Stará knihkupectví v jižní části města včera znovu otevřela; majitel říká, že lidé čekali tři roky."},
		{charmap.Windows1250, "Stara księgarnia w południowej części miasta wczoraj znów została otwarta, mówi właściciel."},
		{charmap.ISO8859_2, "A régi könyvesbolt tegnap újra kinyitott, és az első napon több mint háromszáz olvasó jött be a főtérről."},
		{charmap.ISO8859_2, "Stara knjižara u južnom dijelu grada jučer je ponovno otvorena; vlasnik kaže da su ljudi čekali tri godine."},
		{charmap.Windows1250, "Librăria veche din sudul oraşului s-a redeschis ieri; proprietarul spune că oamenii au aşteptat trei ani."},
		{charmap.Windows1257, "Senasis knygynas pietinėje miesto dalyje vakar vėl atidarytas; savininkas sako, kad žmonės laukė trejus metus."},
		{charmap.ISO8859_4, "Vecā grāmatnīca pilsētas dienvidu daļā vakar atkal tika atvērta; īpašnieks saka, ka cilvēki gaidīja trīs gadus."},
		{charmap.ISO8859_3, "La malnova librejo en la suda parto de la urbo hieraŭ denove malfermiĝis; ĝia posedanto diras, ke ĉiuj ĝojis."},
		{charmap.Windows1254, "Şehrin güneyindeki eski kitapçı dün yeniden açıldı; sahibi insanların üç yıl beklediğini söylüyor."},
	} {
		data := encoded(t, tc.of, tc.text)
		if name, why := Detect([]byte(data), true, ""); name != Unknown {
			t.Errorf("%s: %s, %s", tc.text, name, why)
		}
	}
	same := encoded(t, charmap.ISO8859_2, "Die alte Tür öffnete sich über Nacht, und schön war sie.")
	if name, _ := Detect([]byte(same), true, ""); name != Windows1252 {
		t.Errorf("%q, the same in both, is %s", same, name)
	}
}

// TestShortChinese: few characters of Chinese are still Chinese, alone and in a record of JSON.
func TestShortChinese(t *testing.T) {
	right, all := 0, 0
	text := []rune(chinese(40<<10, func(rune) bool { return true }))
	for i := 0; i+12 < len(text); i += 12 {
		for _, n := range []int{2, 4, 8, 12} {
			line := string(text[i : i+n])
			data := []byte(encoded(t, gbEncoding, line))
			if !bytes.ContainsFunc(data, func(r rune) bool { return r >= 0x80 }) {
				continue
			}
			for _, in := range [][]byte{data, []byte(`{"id": 17, "title": "news", "text": "` + string(data) + `"}`)} {
				all++
				if name, _ := Detect(in, true, ""); name == GB18030 {
					right++
				}
			}
		}
	}
	t.Logf("%d of %d", right, all)
	if right*100 < all*97 {
		t.Errorf("%d of %d are taken for GB18030", right, all)
	}
}

// FuzzMend holds that what a record is read as is valid UTF-8, and the same twice.
func FuzzMend(f *testing.F) {
	f.Add([]byte(simplified + encoded(f, gbEncoding, simplified)))
	f.Add([]byte("caf\xE9 au lait\n" + simplified))
	f.Add([]byte("\xED\xA0\x80 \xC3\n\xE4\xB8"))
	f.Fuzz(func(t *testing.T, rec []byte) {
		var m Mender
		out, name, _ := m.Mend([]byte("before"), rec)
		if !bytes.HasPrefix(out, []byte("before")) || (name == UTF8 || name == Unknown) && len(out) > len("before") {
			t.Fatalf("%s: %q", name, out)
		}
		if name != UTF8 && name != Unknown && !validUTF8(out) {
			t.Fatalf("%s: %q is not valid", name, out)
		}
		again, twice, _ := m.Mend([]byte("before"), rec)
		if twice != name || !bytes.Equal(again, out) {
			t.Fatalf("%s %q, then %s %q", name, out, twice, again)
		}
	})
}

// FuzzLines holds that a stream of lines gives the same however its source hands it out.
func FuzzLines(f *testing.F) {
	f.Add([]byte(encoded(f, gbEncoding, simplified)+simplified), uint8(3))
	f.Add([]byte("caf\xE9\n"+simplified), uint8(200))
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		for _, name := range []string{GB18030, Big5, Windows1252, ShiftJIS, EUCJP, HZ, ISO2022JP, "koi8-r"} {
			want, counts := linesOf(t, name, bytes.NewReader(in), 1<<16)
			got, again := linesOf(t, name, &stutter{bytes.NewReader(in), int(size) + 1}, int(size)+1)
			if !bytes.Equal(want, got) || counts != again {
				t.Fatalf("%s: %q %v, in pieces %q %v", name, want, counts, got, again)
			}
		}
	})
}
