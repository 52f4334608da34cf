package intake

import (
	"errors"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store"
)

// locatedAs is what a path that nothing lies at would name: a folder if it ends in a slash.
func locatedAs(p string) store.Located {
	if at, ok := strings.CutSuffix(p, "/"); ok {
		return store.Located{Root: at, Folder: true, Name: path.Base(at)}
	}
	root := p[:strings.LastIndexByte(p, '/')]
	return store.Located{Root: orRoot(root), File: store.Found{Path: path.Base(p)}}
}

func orRoot(folder string) string {
	if folder == "" {
		return "/"
	}
	return folder
}

// asNamed names paths, NAME=PATH among them, and returns "source root", and of single files "source root path".
func asNamed(t *testing.T, h Held, moved []string, paths ...string) (got []string, learned []ingest.Place, err error) {
	t.Helper()
	n := newNamer(newMemory(h), moved)
	for _, given := range []bool{true, false} {
		for _, p := range paths {
			name, at, named := strings.Cut(p, "=")
			if named = named && p[0] != '/'; named != given {
				continue
			}
			if !named {
				name, at = "", p
			}
			n.add(locatedAs(at), name)
		}
	}
	if err := n.name(); err != nil {
		return nil, nil, err
	}
	for _, i := range n.items {
		got = append(got, strings.TrimSpace(i.source+" "+i.root+" "+i.path))
	}
	slices.Sort(got)
	learned, err = n.check()
	return got, learned, err
}

func folderAt(name, root string) ingest.Place { return ingest.Place{Source: name, Root: root} }

// TestNaming: a source is called as its folder, by the shortest end that tells it from the others of a command, and as the corpus
// remembers it; the order of the paths has no part in that.
func TestNaming(t *testing.T) {
	held := Held{Places: []ingest.Place{
		folderAt("news", "/d/2025/news"), folderAt("x/laws", "/m/x/laws"),
		{Source: "files", Root: "/d", Paths: []string{"1.txt"}},
		{Source: "bible", Root: "/books", Paths: []string{"bible.txt"}},
	}}
	for _, tt := range []struct {
		paths string
		want  string
	}{
		{"/d/2024/news/", "news /d/2024/news"},
		{"/d/2024/news/ /d/2026/news/", "2024/news /d/2024/news, 2026/news /d/2026/news"},
		{"/a/x/news/ /b/x/news/ /c/y/news/", "a/x/news /a/x/news, b/x/news /b/x/news, y/news /c/y/news"},
		{"/news/ /a/news/", "a/news /a/news, news /news"},
		{"/news/ /a/news/ /b/a/news/", "news /news, a/news /a/news, b/a/news /b/a/news"},
		{"s3://b/2025/news/ s3://b/2026/news/", "2025/news s3://b/2025/news, 2026/news s3://b/2026/news"},
		{"s3://b/news/ s3://c/news/", "b/news s3://b/news, c/news s3://c/news"},
		{"s3://b/news/ /b/news/", "b/news /b/news, s3/b/news s3://b/news"},
		// named by hand
		{"old=/d/2024/news/ /d/2026/news/", "news /d/2026/news, old /d/2024/news"},
		{"news=/d/2024/news/ /d/2026/news/", "2026/news /d/2026/news, news /d/2024/news"},
		{"news=/d/news/ /d/news/", "news /d/news"},
		{"a/b=/d/news/", "a/b /d/news"},
		{"laws=/d/1.txt laws=/d/2.txt", "laws /d 1.txt, laws /d 2.txt"},
		{"laws=/d/1.txt /d/1.txt", "laws /d 1.txt"},
		// single files
		{"/a/1.txt /b/2.txt", "files /a 1.txt, files /b 2.txt"},
		{"/a/1.txt /b/1.txt /b/2.txt", "files / a/1.txt, files / b/1.txt, files /b 2.txt"},
		{"s3://b/x/1.txt s3://b/y/1.txt", "files s3://b x/1.txt, files s3://b y/1.txt"},
		{"/1.txt /a/1.txt", "files / 1.txt, files / a/1.txt"},
		{"/a/files/", "files /a/files"},
		{"/a/files/ /b/1.txt", "a/files /a/files, files /b 1.txt"},
	} {
		paths := strings.Fields(tt.paths)
		want := strings.Split(tt.want, ", ")
		slices.Sort(want)
		for range 4 {
			got, learned, err := asNamed(t, Held{}, nil, paths...)
			if diff := cmp.Diff(want, got); diff != "" || err != nil || len(learned) > 0 {
				t.Errorf("%s: %v, %v\n%s", tt.paths, err, learned, diff)
			}
			rand.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
		}
	}
	for paths, want := range map[string]string{
		"/d/2025/news/":                      "news /d/2025/news",
		"/d/2025/news/ /d/2026/news/":        "2026/news /d/2026/news, news /d/2025/news",
		"/d/2024/news/ /d/2026/news/":        "2024/news /d/2024/news, 2026/news /d/2026/news",
		"/m/x/laws/":                         "x/laws /m/x/laws",
		"/m/y/laws/":                         "laws /m/y/laws",
		"/d/1.txt":                           "files /d 1.txt",
		"/d/2.txt /e/2.txt /books/bible.txt": "bible /books bible.txt, files / d/2.txt, files / e/2.txt",
		"/e/bible.txt":                       "files /e bible.txt",
		"bible=/books/more.txt":              "bible /books more.txt",
		"bible=/books/":                      "bible /books",
	} {
		want := strings.Split(want, ", ")
		got, learned, err := asNamed(t, held, nil, strings.Fields(paths)...)
		if diff := cmp.Diff(want, got); diff != "" || err != nil || len(learned) > 0 {
			t.Errorf("%s, with what is remembered: %v, %v\n%s", paths, err, learned, diff)
		}
	}
}

// TestNamesTaken: a name that the corpus has for another place is refused, with both places and the ways out, unless the source has
// moved. What was not known, or has moved, is to be remembered.
func TestNamesTaken(t *testing.T) {
	held := Held{Old: []string{"forum"}, Places: []ingest.Place{
		folderAt("news", "/old/news"), folderAt("news", "/d/news"), folderAt("x/laws", "/m/x/laws"),
		{Source: "files", Root: "/d", Paths: []string{"1.txt"}},
		{Source: "bible", Root: "/books", Paths: []string{"bible.txt"}},
	}}
	for _, tt := range []struct {
		paths, moved string
		err          string // contains
		hint         string
		learned      []ingest.Place
	}{
		{"/d/news/", "", "", "", nil},
		{"/old/news/", "", "source news of the corpus is /d/news, and /old/news is another place", "--source old/news=/old/news; if it has moved: --moved news", nil},
		{"/old/news/", "news", "", "", []ingest.Place{folderAt("news", "/old/news")}},
		{"/d/news/", "news", "", "", nil},
		{"/n/x/laws/", "", "source x/laws of the corpus is /m/x/laws, and /n/x/laws is another place", "--source n/x/laws=/n/x/laws; if it has moved: --moved x/laws", nil},
		{"/n/x/laws/", "x/laws", "", "", []ingest.Place{folderAt("x/laws", "/n/x/laws")}},
		{"/e/news/ /n/x/laws/", "", "source news of the corpus is /d/news, and /e/news is another place\nsource x/laws", "--source e/news=/e/news --source n/x/laws=/n/x/laws; if it has moved: --moved news --moved x/laws", nil},
		{"/e/news/ /n/x/laws/", "news", "source x/laws of", "", nil},
		{"news=/e/zeitung/", "", "source news of the corpus is /d/news, and /e/zeitung is another place", "--source e/zeitung=/e/zeitung", nil},
		{"news=/e/zeitung/", "news", "", "", []ingest.Place{folderAt("news", "/e/zeitung")}},
		{"/e/it's=1/news/", "", "another place", `--source 'it'\''s-1/news=/e/it'\''s=1/news'`, nil},
		{"/a/forum/", "", "", "", []ingest.Place{folderAt("forum", "/a/forum")}},
		{"/e/1.txt", "", "file files/1.txt of the corpus is /d/1.txt, and /e/1.txt is another place", "--source e=/e/1.txt; if it has moved: --moved files", nil},
		{"/e/1.txt", "files", "", "", []ingest.Place{{Source: "files", Root: "/e", Paths: []string{"1.txt"}}}},
		{"/e/1.txt /e/files/", "", "file files/1.txt", "", nil},
		{"/e/files/", "", "source files of the corpus is /d/1.txt, and /e/files is another place", "--source e/files=/e/files", nil},
		{"bible=/e/more.txt", "", "source bible of the corpus is /books, and /e is another place", "", nil},
		{"bible=/e/", "", "source bible of the corpus is /books, and /e is another place", "", nil},
		{"/d/news/", "nwes", "--moved nwes: the corpus has no source of this name", "it has bible, files, forum, news, x/laws", nil},
		{"/d/news/", "x/laws", "nothing that is read here is source x/laws", "--source x/laws=PATH --moved x/laws", nil},
		{"news=/a/ news=/b/", "", "source news is given twice: /a and /b", "", nil},
	} {
		var moved []string
		if tt.moved != "" {
			moved = []string{tt.moved}
		}
		_, learned, err := asNamed(t, held, moved, strings.Fields(tt.paths)...)
		if tt.err == "" {
			if diff := cmp.Diff(tt.learned, learned); diff != "" || err != nil {
				t.Errorf("%s moved %q: %v\n%s", tt.paths, tt.moved, err, diff)
			}
			continue
		}
		if !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), tt.err) || !strings.Contains(pipeline.Hint(err), tt.hint) {
			t.Errorf("%s moved %q: %v, hint %s", tt.paths, tt.moved, err, pipeline.Hint(err))
		}
	}
	if _, _, err := asNamed(t, Held{}, []string{"news"}, "/a/news/"); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(pipeline.Hint(err), "it has none yet") {
		t.Errorf("moved in a new corpus: %v, hint %s", err, pipeline.Hint(err))
	}
}

// TestWayOut: what a refusal says to type is right when it is typed, and again when the path comes alone afterwards.
func TestWayOut(t *testing.T) {
	held := Held{Places: []ingest.Place{folderAt("news", "/d/news"), folderAt("e/news", "/f/e/news"), {Source: "files", Root: "/d", Paths: []string{"1.txt"}}}}
	for _, p := range []string{"/c/e/news/", "/c/1.txt", "/news/1.txt"} {
		_, _, err := asNamed(t, held, nil, p)
		if err == nil {
			t.Fatalf("%s is not refused", p)
		}
		words := strings.Fields(pipeline.Hint(err))
		named := strings.TrimSuffix(words[slices.Index(words, "--source")+1], ";")
		if strings.HasSuffix(p, "/") {
			named += "/"
		}
		got, _, err := asNamed(t, held, nil, named, p)
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %v, %v", named, got, err)
		}
		f := strings.Fields(got[0])
		after := held
		after.Places = append(slices.Clone(held.Places), ingest.Place{Source: f[0], Root: f[1], Paths: f[2:]})
		again, _, err := asNamed(t, after, nil, p)
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Errorf("%s alone: %v\n%s", p, err, diff)
		}
	}
}

// TestSamePlaces: one place is one, by whatever path it is named.
func TestSamePlaces(t *testing.T) {
	root, link := write(t, "news", map[string]string{"a.lines": "x"}), filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	m := newMemory(Held{})
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{root, root, true},
		{root, link, true},
		{link, root, true},
		{root, filepath.Dir(root), false},
		{root, root + "/gone", false},
		{"/gone/a", "/gone/a", true},
		{"/gone/a", "/gone/b", false},
		{"s3://b/a", "s3://b/a", true},
		{"s3://b/a", "s3://b/c", false},
		{"s3://b/a", root, false},
	} {
		if m.samePlace(tt.a, tt.b) != tt.same {
			t.Errorf("%s and %s: %v", tt.a, tt.b, !tt.same)
		}
	}
	// Remembered by its link, which leads elsewhere tonight; and a file by itself, in a folder with a link on its way.
	for _, at := range []string{root, link} {
		o := toyOptions(at)
		o.Held.Places = []ingest.Place{folderAt("daily", link), {Source: "files", Root: root, Paths: []string{"a.lines"}}}
		d := mustPlan(t, o, Parent{})
		wantPlanned(t, &d, 0, "daily/a.lines")
		o.Paths = []string{at + "/a.lines"}
		d = mustPlan(t, o, Parent{})
		wantPlanned(t, &d, 0, "files/a.lines")
	}
}

// TestNamingFiles: what is found below names is read there, also below a shorter root than it was named by, and through links.
func TestNamingFiles(t *testing.T) {
	root := write(t, "all", map[string]string{"2025/news/1.lines": "x", "2026/news/1.lines": "y"})
	if err := os.Symlink("2026", filepath.Join(root, "now")); err != nil {
		t.Fatal(err)
	}
	o := toyOptions(root+"/2025/news", root+"/now/news")
	d := mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "2025/news/1.lines", "2026/news/1.lines")
	o.Paths = []string{root + "/2025/news/1.lines", root + "/now/news/1.lines"}
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "files/2025/news/1.lines", "files/2026/news/1.lines")
	want := []ingest.Place{{Source: "files", Root: d.Plan.Sources[0].Root, Paths: []string{"2025/news/1.lines", "2026/news/1.lines"}}}
	if diff := cmp.Diff(want, d.Plan.Places()); diff != "" {
		t.Error(diff)
	}
	// A link that leads elsewhere every night is one place where it is named.
	o.Paths, o.Named = nil, []NamedPath{{"x", root + "/now"}}
	o.Held.Places = mustPlan(t, o, Parent{}).Plan.Places()
	if err := os.Remove(root + "/now"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("2025", root+"/now"); err != nil {
		t.Fatal(err)
	}
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "x/news/1.lines")
	o.Named, o.Paths = nil, []string{root + "/2025"} // which is what the link leads to
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "x/news/1.lines")
	o.Paths[0] = root + "/2026"
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "2026/news/1.lines")
	o.Held = Held{}
	// A file of a folder that is named by itself too is one file.
	o.Paths, o.Named = nil, []NamedPath{{"x", root + "/2025/news"}, {"x", root + "/2025/news/1.lines"}}
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "x/1.lines")
}

// TestNamingBucket: the same in buckets, with a slash behind them and not.
func TestNamingBucket(t *testing.T) {
	bucket := pipelinetest.StartS3(t).Bucket(t, "millrace")
	s, err := store.Open(t.Context(), bucket, store.Options{Write: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // every file is committed
	for _, name := range []string{"2025/news/1.lines", "2026/news/1.lines"} {
		if err := pipeline.WriteAll(t.Context(), s, name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	o := toyOptions(bucket+"/2025/news/", bucket+"/2026/news")
	d := mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "2025/news/1.lines", "2026/news/1.lines")
	o.Held.Places = d.Plan.Places()
	o.Paths = o.Paths[1:]
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "2026/news/1.lines")
	o.Paths = []string{bucket + "/2025/news/1.lines", bucket + "/2026/news/1.lines"}
	d = mustPlan(t, o, Parent{})
	wantPlanned(t, &d, 0, "files/2025/news/1.lines", "files/2026/news/1.lines")
	o.Held.Places = []ingest.Place{folderAt("news", bucket+"/2025/news")}
	o.Paths = []string{bucket + "/2026/news/"}
	if _, err := List(t.Context(), o); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(pipeline.Hint(err), "--source 2026/news="+bucket+"/2026/news;") {
		t.Errorf("%v, hint %s", err, pipeline.Hint(err))
	}
}

// TestSourceNames: names of sources on a command line.
func TestSourceNames(t *testing.T) {
	for _, text := range []string{"news=/a", "a/b=c=d", "新闻=x", "a b=x", ".x=y"} {
		if _, err := ParseNamed(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if n, err := ParseNamed("a/b=c=d"); n != (NamedPath{"a/b", "c=d"}) {
		t.Errorf("%+v, %v", n, err)
	}
	for _, text := range []string{"news", "news=", "=x", "/a=x", "a/=x", "a//b=x", "../a=x", ".=x", "files=x", "a\nb=x", "\xff=x"} {
		if n, err := ParseNamed(text); !errors.Is(err, pipeline.ErrUsage) {
			t.Errorf("%q: %+v, %v", text, n, err)
		}
	}
}

// TestNamingIsStable: whatever the paths, no two places of a command get one name, the order of the paths has no part in it, and what the
// corpus then remembers keeps its name when it comes alone.
func TestNamingIsStable(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"a", "b", "news", "files", "1.txt"}
	for range 3000 {
		var paths []string
		for range 2 + random.IntN(5) {
			parts := []string{[]string{"", "s3://bucket"}[random.IntN(2)]}
			for range 1 + random.IntN(3) {
				parts = append(parts, words[random.IntN(len(words))])
			}
			p := strings.Join(parts, "/")
			if random.IntN(2) == 0 {
				p += "/"
			}
			if !slices.Contains(paths, p) && !slices.Contains(paths, p+"/") && !slices.Contains(paths, strings.TrimSuffix(p, "/")) {
				paths = append(paths, p)
			}
		}
		got, _, err := asNamed(t, Held{}, nil, paths...)
		if err != nil || len(got) != len(paths) {
			t.Fatalf("%q: %q, %v", paths, got, err)
		}
		h, seen := Held{}, map[string]bool{}
		for _, g := range got {
			f := strings.Fields(g)
			h.Places = append(h.Places, ingest.Place{Source: f[0], Root: f[1], Paths: f[2:]})
			name := strings.Join(append([]string{f[0]}, f[2:]...), "\x00")
			if seen[name] {
				t.Fatalf("%q: two are %s: %q", paths, name, got)
			}
			seen[name] = true
		}
		slices.Reverse(paths)
		if again, _, _ := asNamed(t, Held{}, nil, paths...); !slices.Equal(got, again) {
			t.Fatalf("%q: in another order %q, and %q", paths, got, again)
		}
		for _, p := range paths {
			alone, learned, err := asNamed(t, h, nil, p)
			if err != nil || len(learned) > 0 || !slices.Contains(got, alone[0]) {
				t.Fatalf("%q: %s alone is %q, %v, of %q", paths, p, alone, err, got)
			}
		}
	}
}

// FuzzParseNamed: what is a named path says the same when it is put together again, and everything else is the user's mistake.
func FuzzParseNamed(f *testing.F) {
	for _, text := range []string{"news=/data/2026", "a/b=x=y", "=x", "news=", "news", "..=/", "files=/", "新闻=s3://b/c", "a\x00=b", ".=x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseNamed(text)
		switch {
		case err != nil:
			if !errors.Is(err, pipeline.ErrUsage) {
				t.Errorf("%q: %v", text, err)
			}
		case n.Name+"="+n.Path != text, n.Path == "", strings.Contains(n.Name, "="), CheckSourceName(n.Name) != nil, path.Clean(n.Name) != n.Name:
			t.Errorf("%q: %+v", text, n)
		}
	})
}
