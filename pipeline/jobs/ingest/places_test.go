package ingest

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/store"
)

// TestPlaces: a source lies where the newest live version that names it says, or what was remembered since. Sources of versions that say
// nothing are old, and a file of places that is gone or damaged costs no more than itself.
func TestPlaces(t *testing.T) {
	s, err := store.NewLocal(t.TempDir(), store.LocalOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // every file is committed
	c := corpus.Open(s, nil)
	version := func(n int, live []int, kind string, roots ...ingest.Place) {
		t.Helper()
		m := &manifest.Manifest{
			Format: manifest.Format, Version: n, Parent: n - 1, Kind: kind, Live: live, Code: pipeline.CodeVersion, Plan: "0123456789abcdef", Digest: dataset.Digest(nil),
			Settings: []byte("{}"), Sources: []string{"news", "web"}, Run: manifest.RunInfo{Roots: roots},
		}
		data, err := m.Encode()
		if err == nil {
			err = pipeline.WriteAll(t.Context(), s, manifest.Name(n), data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(what string, old []string, places ...ingest.Place) {
		t.Helper()
		got, err := Held(t.Context(), c)
		if diff := cmp.Diff(intake.Held{Old: old, Places: places}, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", what, err, diff)
		}
	}
	remembered := func(version int, places ...ingest.Place) {
		t.Helper()
		if err := remember(t.Context(), c, version, places); err != nil {
			t.Fatal(err)
		}
	}
	at := func(source, root string, paths ...string) ingest.Place {
		return ingest.Place{Source: source, Root: root, Paths: paths}
	}

	want("nothing", nil)
	version(1, []int{1}, manifest.KindRun)
	want("an old version", []string{"news", "web"})
	remembered(1, at("web", "/a/web"), at("files", "/a", "1.txt"))
	want("what was learned of it", []string{"news", "web"}, at("web", "/a/web"), at("files", "/a", "1.txt"))
	version(2, []int{1, 2}, manifest.KindRun, at("news", "/a/news"), at("web", "/b/web"))
	want("a later version counts more", []string{"news", "web"}, at("web", "/a/web"), at("files", "/a", "1.txt"), at("news", "/a/news"), at("web", "/b/web"))
	remembered(2, at("web", "/c/web"), at("files", "/b", "1.txt"))
	remembered(2)
	want("moved", []string{"news", "web"}, at("news", "/a/news"), at("web", "/b/web"), at("web", "/c/web"), at("files", "/b", "1.txt"))
	version(3, []int{1}, manifest.KindDrop)
	want("dropped", []string{"news", "web"}, at("web", "/c/web"), at("files", "/b", "1.txt"))
	if err := pipeline.WriteAll(t.Context(), s, placesName, []byte("{")); err != nil {
		t.Fatal(err)
	}
	want("damaged", []string{"news", "web"})
	remembered(3, at("news", "/d/news"))
	want("and written anew", []string{"news", "web"}, at("news", "/d/news"))
}

// FuzzDecodePlaces: whatever the file holds, what is learned on top of it stands in it once, also when it was written and read again.
func FuzzDecodePlaces(f *testing.F) {
	for _, data := range []string{
		`{"places":[{"version":2,"source":"news","root":"/a"},{"version":1,"source":"news","root":"/b","paths":["x"]}]}`,
		`{"places":[{"source":"news"},{"source":"news"}]}`, `{"places":{}}`, `{"places":[null]}`, `[]`, `null`, "",
	} {
		f.Add([]byte(data), "news", "x")
	}
	f.Fuzz(func(t *testing.T, data []byte, source, file string) {
		p := decodePlaces(data)
		learned := []ingest.Place{{Source: source, Root: "/c"}, {Source: source, Root: "/d", Paths: []string{file}}}
		p.learn(7, learned)
		p.learn(8, learned)
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []places{p, decodePlaces(written)} {
			n := 0
			for _, one := range p.Places {
				if one.Version == 8 && (one.Root == "/c" || one.Root == "/d") {
					n++
				}
				if one.Version == 7 && one.Source == source && one.Root == "/c" && one.Paths == nil {
					t.Errorf("it is there twice: %+v", p)
				}
			}
			if n < len(learned) {
				t.Errorf("%d of %d are there: %+v", n, len(learned), p)
			}
		}
	})
}
