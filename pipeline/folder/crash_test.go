package folder

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// testManifest is the least that a manifest says.
type testManifest struct {
	Plan     string         `json:"plan"`
	Files    []dataset.File `json:"files"`
	Checksum string         `json:"checksum"`
}

func (m *testManifest) Made() (plan string, files []dataset.File) { return m.Plan, m.Files }

// making is a folder that a plan makes beside a corpus.
type making struct {
	*testing.T
	place *Place
	plan  *pipeline.Plan
}

func makingIn(t *testing.T, name string) making {
	t.Helper()
	at := t.TempDir()
	p, err := At(engine.NewSite(engine.Options{Out: filepath.Join(at, "corpus")}, nil, nil), filepath.Join(at, name), "release")
	pipelinetest.Must(t, err)
	return making{t, p, &pipeline.Plan{Kind: "release", Body: []byte(`{}`)}}
}

// staged writes a file as a task does.
func (m making) staged(name, text string) {
	m.Helper()
	files, closing, err := m.place.Staging(m.Context(), m.plan)
	pipelinetest.Must(m, err)
	pipelinetest.Must(m, errors.Join(pipeline.WriteAll(m.Context(), files, name, []byte(text)), closing()))
}

// manifest is that of a folder with files of so many bytes.
func (m making) manifest(sizes map[string]int64) []byte {
	m.Helper()
	of := testManifest{Plan: m.plan.Digest()}
	for name, n := range sizes {
		of.Files = append(of.Files, dataset.File{Path: name, Bytes: n})
	}
	data, _, err := dataset.Encode(&of)
	pipelinetest.Must(m, err)
	return data
}

// looks looks, and says what lies beside the corpus.
func (m making) looks(planning bool) (made bool, beside []string, err error) {
	m.Helper()
	var of testManifest
	used := false
	made, err = m.place.Look(m.Context(), m.plan, &of, planning, func(in pipeline.Store) error {
		used = true
		_, err := pipeline.ReadAll(m.Context(), in, "data/a")
		return err
	})
	if used != made {
		m.Errorf("made: %v, and used: %v", made, used)
	}
	list, readErr := os.ReadDir(filepath.Dir(m.place.At))
	pipelinetest.Must(m, readErr)
	for _, e := range list {
		beside = append(beside, e.Name())
	}
	return made, beside, err
}

// What is there behind each step of the making of a folder: nothing that has its name, until all of it has.
func TestCrashStates(t *testing.T) {
	m := makingIn(t, "rel")
	temporary := ".rel.tmp-" + m.plan.Digest()[:8]
	is := func(step string, want bool, names ...string) {
		t.Helper()
		made, beside, err := m.looks(true)
		if made != want || err != nil || !slices.Equal(beside, names) {
			t.Errorf("%s: made: %v, %v; there are %v", step, made, err, beside)
		}
	}
	is("before", false)
	m.staged("data/a", "one")
	is("a task", false, temporary)
	m.staged("data/a", "one") // done again, by another process
	m.staged("data/b", "two")
	written := false
	stop := errors.New("another leads")
	err := m.place.Finish(t.Context(), m.plan, m.manifest(map[string]int64{"data/a": 3, "data/b": 3}), func() {
		written = true
		is("written", false, temporary)
	}, func(context.Context) error { return stop })
	if !errors.Is(err, stop) || !written {
		t.Fatal(err)
	}
	is("another led", false, temporary)
	pipelinetest.Must(t, m.place.Finish(t.Context(), m.plan, m.manifest(map[string]int64{"data/a": 3, "data/b": 3}), func() {}, nil))
	is("finished", true, "rel")
	pipelinetest.Must(t, errors.Join(m.place.Ended(t.Context(), m.plan), m.place.Clear(t.Context(), m.plan)))
	is("ended", true, "rel")
	m.staged("data/a", "one") // a worker that is late
	is("late", true, temporary, "rel")
	pipelinetest.Must(t, m.place.Clear(t.Context(), m.plan))
	is("cleared", true, "rel")
	files, closing, err := m.place.Made(t.Context())
	pipelinetest.Must(t, err)
	text, err := pipeline.ReadAll(t.Context(), files, "data/b")
	pipelinetest.Must(t, errors.Join(err, closing()))
	if string(text) != "two" {
		t.Errorf("data/b has %q", text)
	}
}

// What stands in the place of the folder and is not what the plan makes is told when it is planned, and is not taken for it.
func TestTaken(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		says  string // "": it may be made there
	}{
		"nothing":           {nil, ""},
		"files":             {map[string]string{"a.txt": "x"}, "is not empty, and holds no release"},
		"another":           {map[string]string{ManifestName: "another"}, "holds another release"},
		"damaged manifest":  {map[string]string{ManifestName: "damaged", "data/a": "one"}, ManifestName},
		"a file is missing": {map[string]string{ManifestName: "this"}, "data/a is missing, or has not the 3 bytes"},
		"a file is cut":     {map[string]string{ManifestName: "this", "data/a": "on"}, "data/a is missing, or has not the 3 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			m := makingIn(t, "rel")
			pipelinetest.Must(t, os.MkdirAll(filepath.Join(m.place.At, "data"), 0o755))
			if c.files == nil {
				pipelinetest.Must(t, os.Remove(filepath.Join(m.place.At, "data")))
			}
			for name, text := range c.files {
				data := []byte(text)
				if name == ManifestName {
					data = m.manifest(map[string]int64{"data/a": 3})
					switch text {
					case "another":
						data = making{t, m.place, &pipeline.Plan{Kind: "release", Body: []byte(`{"other":1}`)}}.manifest(nil)
					case "damaged":
						data[len(data)/2] ^= 1
					}
				}
				pipelinetest.Must(t, os.WriteFile(filepath.Join(m.place.At, name), data, 0o644))
			}
			made, _, err := m.looks(true)
			if made || (err == nil) != (c.says == "") || err != nil && (!pipeline.IsOneOf(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("made: %v, %v", made, err)
			}
			if c.says != "" {
				return
			}
			m.staged("data/a", "one") // an empty folder is taken
			pipelinetest.Must(t, m.place.Finish(t.Context(), m.plan, m.manifest(map[string]int64{"data/a": 3}), func() {}, nil))
			if made, beside, err := m.looks(false); !made || err != nil || !slices.Equal(beside, []string{"rel"}) {
				t.Errorf("made: %v, %v, %v", made, err, beside)
			}
		})
	}
}

// What another wrote meanwhile is not overwritten.
func TestFinishTaken(t *testing.T) {
	m := makingIn(t, "rel")
	m.staged("data/a", "one")
	pipelinetest.Must(t, os.MkdirAll(m.place.At, 0o755))
	pipelinetest.Must(t, os.WriteFile(filepath.Join(m.place.At, "other.txt"), []byte("x"), 0o644))
	if err := m.place.Finish(t.Context(), m.plan, m.manifest(map[string]int64{"data/a": 3}), func() {}, nil); err == nil {
		t.Error("it was given the name of a folder that is there")
	}
	if data, err := os.ReadFile(filepath.Join(m.place.At, "other.txt")); err != nil || string(data) != "x" {
		t.Errorf("%q, %v", data, err)
	}
}
