package corpus

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"millrace/pipeline"
)

// damage applies f to the bytes of a file.
func damage(t *testing.T, s pipeline.Store, name string, f func([]byte) []byte) (undo func()) {
	t.Helper()
	old, err := pipeline.ReadAll(t.Context(), s, name)
	if err == nil {
		err = pipeline.WriteAll(t.Context(), s, name, f(slices.Clone(old)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := pipeline.WriteAll(t.Context(), s, name, old); err != nil {
			t.Fatal(err)
		}
	}
}

func flip(at int) func([]byte) []byte {
	return func(b []byte) []byte {
		b[at%len(b)] ^= 1
		return b
	}
}

// wantDamage verifies and insists on a problem that names the file.
func wantDamage(t *testing.T, c *Corpus, name string) {
	t.Helper()
	report, err := c.Verify(t.Context(), VerifyOptions{})
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), name) || len(report.Problems) == 0 {
		t.Errorf("%s is damaged, but verify says %v", name, err)
	}
}

// Every committed file: a flipped byte, a cut, a byte more, and its absence are found and named.
func TestVerifyFindsDamage(t *testing.T) {
	local, c := twoNights(t)
	verified(t, c)
	files, err := c.LiveFiles(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	names := []string{ManifestName(1), ManifestName(2), cardName}
	for _, f := range files {
		names = append(names, f.Path)
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			for _, f := range []func([]byte) []byte{
				flip(0), flip(12345), flip(1 << 20),
				func(b []byte) []byte { return b[:len(b)-1] },
				func(b []byte) []byte { return append(b, '\n') },
			} {
				undo := damage(t, local, name, f)
				wantDamage(t, c, name)
				undo()
			}
			data, err := pipeline.ReadAll(t.Context(), local, name)
			if err != nil {
				t.Fatal(err)
			}
			if err := local.Remove(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			if name != ManifestName(2) { // without the newest manifest this is the corpus of the night before
				wantDamage(t, c, name)
			}
			if err := pipeline.WriteAll(t.Context(), local, name, data); err != nil {
				t.Fatal(err)
			}
			verified(t, c)
		})
	}
}

func TestManifestFindsEveryFlip(t *testing.T) {
	local, _ := twoNights(t)
	data, err := pipeline.ReadAll(t.Context(), local, ManifestName(1))
	if err != nil {
		t.Fatal(err)
	}
	m, err := decodeManifest(data)
	if err != nil {
		t.Fatal(err)
	}
	again, err := m.Encode()
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("encoded again it differs, %v", err)
	}
	for at := range data {
		for bit := range 8 {
			b := slices.Clone(data)
			b[at] ^= 1 << bit
			if _, err := decodeManifest(b); err == nil {
				t.Fatalf("byte %d, bit %d: not found", at, bit)
			}
		}
	}
	for n := range data {
		if _, err := decodeManifest(data[:n]); err == nil {
			t.Fatalf("cut at %d: not found", n)
		}
	}
}

func FuzzDecodeManifest(f *testing.F) {
	m := &Manifest{Format: Format, Version: 1, Plan: strings.Repeat("0", 32), Digest: strings.Repeat("0", 64), Settings: []byte("{}")}
	data, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"checksum": "` + strings.Repeat("a", 64) + "\"\n}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeManifest(data)
		if err == nil && m.Checksum == "" {
			t.Error("decoded without a checksum")
		}
	})
}

// Totals that do not follow from the files are found, even under a right checksum.
func TestVerifyFindsWrongTotals(t *testing.T) {
	tests := map[string]struct {
		change func(*Manifest)
		want   string
	}{
		"kept":         {func(m *Manifest) { m.Totals.Documents.Kept++ }, "kept"},
		"read, kept":   {func(m *Manifest) { m.Totals.Documents.Kept++; m.Totals.Documents.Read++ }, "kept"},
		"kinds":        {func(m *Manifest) { m.Totals.Documents.ExactDuplicates++; m.Totals.Documents.NearDuplicates-- }, "exact duplicates"},
		"reject kinds": {func(m *Manifest) { m.Totals.Documents.Filtered++; m.Totals.Documents.Rejected-- }, "filtered"},
		"of earlier":   {func(m *Manifest) { m.Totals.Documents.OfEarlier++ }, "earlier"},
		"listed":       {func(m *Manifest) { m.Totals.Files.Listed++ }, "files listed"},
		"file kinds":   {func(m *Manifest) { m.Totals.Files.Read++; m.Totals.Files.InPart-- }, "files read"},
		"input":        {func(m *Manifest) { m.Totals.InputBytes++ }, "input bytes"},
		"unread":       {func(m *Manifest) { m.Totals.UnreadBytes++ }, "unread bytes"},
		"kept bytes":   {func(m *Manifest) { m.Totals.KeptBytes++ }, "kept bytes"},
		"chars":        {func(m *Manifest) { m.Totals.Chars++ }, "chars"},
		"vocabulary":   {func(m *Manifest) { m.Totals.VocabularyChars++ }, "vocabulary chars"},
		"reason":       {func(m *Manifest) { m.Reasons.Files["binary"]++ }, "reasons of files"},
		"digest":       {func(m *Manifest) { m.Digest = strings.Repeat("0", 64) }, "run digest"},
		"kept ids":     {func(m *Manifest) { m.KeptIDs = "00" }, "kept_ids"},
		"rows":         {func(m *Manifest) { m.Shards()[0].Rows++; m.Files[slices.IndexFunc(m.Files, isShard)].Rows++ }, "rows"},
		"file dropped": {func(m *Manifest) { m.Files = slices.DeleteFunc(m.Files, isShard); m.Digest = runDigest(m.Files) }, "shards hold 0"},
		"parent":       {func(m *Manifest) { m.Parent = 7 }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			local, c := twoNights(t)
			if name == "parent" {
				changeManifest(t, local, 2, test.change)
				wantDamage(t, c, "parent is 7")
				return
			}
			changeManifest(t, local, 1, test.change)
			if err := c.writeCard(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantDamage(t, c, test.want)
		})
	}
}

func isShard(f File) bool { return strings.HasPrefix(f.Path, pipeline.DataFolder+"/") }

func changeManifest(t *testing.T, s pipeline.Store, version int, change func(*Manifest)) {
	t.Helper()
	damage(t, s, ManifestName(version), func(b []byte) []byte {
		m, err := decodeManifest(b)
		if err != nil {
			t.Fatal(err)
		}
		change(m)
		if b, err = m.Encode(); err != nil {
			t.Fatal(err)
		}
		return b
	})
}

func TestVerifyIdentities(t *testing.T) {
	tests := map[string]struct {
		spec []testFile
		want string
	}{
		"winner that nobody kept": {[]testFile{{path: "x", docs: []testDoc{
			{text: "一"}, {text: "二", ofID: [16]byte{1, 2, 3}, ofVersion: 1, kind: pipeline.KindNear, score: 200},
		}}}, "which version 1 does not hold"},
		"winner that is a duplicate": {[]testFile{{path: "x", docs: []testDoc{
			{text: "一"}, {text: "二", of: &[2]int{0, 0}, kind: pipeline.KindNear}, {text: "三", of: &[2]int{0, 1}, kind: pipeline.KindNear},
		}}}, "which version 1 does not hold"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := makeRun(t, newStore(t), test.spec, sabotage{})
			r.mustCommit(t)
			for _, ids := range []int{0, 1} {
				_, err := r.corpus.Verify(t.Context(), VerifyOptions{IDs: ids})
				if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("verify says %v", err)
				}
			}
		})
	}
	t.Run("kept twice", func(t *testing.T) {
		// Two files of one name, which the planner would refuse, give two documents of one id.
		r := makeRun(t, newStore(t), []testFile{{path: "x", docs: []testDoc{{text: "一"}}}, {path: "x", docs: []testDoc{{text: "二"}}}}, sabotage{})
		r.mustCommit(t)
		wantDamage(t, r.corpus, "is kept twice in version 1")
	})
	t.Run("several passes", func(t *testing.T) {
		_, c := twoNights(t)
		var last, all int64
		report, err := c.Verify(t.Context(), VerifyOptions{IDs: 1, Workers: 3, Progress: func(done, total int64) { last, all = done, total }})
		if err != nil {
			t.Error(err)
		}
		if last != all || all != report.Bytes || report.Files != 16 || len(report.Versions) != 2 {
			t.Errorf("%d of %d bytes, report %+v", last, all, report)
		}
	})
}

// A corpus of Arrow shards is verified by digest and rows; what needs its ids is left out.
func TestVerifyArrow(t *testing.T) {
	r := makeRun(t, newStore(t), firstNight(), sabotage{arrow: true})
	m := r.mustCommit(t)
	verified(t, r.corpus)
	if m.KeptIDs != "" || m.Totals.Documents.Kept != 4 || m.Totals.Chars == 0 {
		t.Errorf("manifest %+v", m)
	}
	if card := string(renderCard([]*Manifest{m})); strings.Contains(card, "data_files") || !strings.Contains(card, "pyarrow") {
		t.Errorf("card:\n%s", card)
	}
	if in, err := r.corpus.Inspect(t.Context(), InspectOptions{Documents: 3, Tokens: 3, Groups: 3}); err != nil || len(in.Documents) != 0 || in.Groups[0].Winner != nil {
		t.Errorf("inspect: %+v, %v", in, err)
	}
	f := m.Below(pipeline.ArrowFolder)[0]
	damage(t, r.local, f.Path, flip(100))
	wantDamage(t, r.corpus, f.Path)
}
