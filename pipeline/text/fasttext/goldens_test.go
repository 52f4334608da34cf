package fasttext

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// golden is a line that fastText was asked for: its labels and probabilities by falling probability.
type golden struct {
	Model string
	Text  string
	Best  [][2]string
	All   [][2]string
}

func goldens(t testing.TB, file string) (list []golden) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var g golden
		if err := json.Unmarshal(lines.Bytes(), &g); err != nil {
			t.Fatal(err)
		}
		list = append(list, g)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func open(t testing.TB, path string) *Model {
	t.Helper()
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// compare asks for the lines, and says where label or probability are others: more than 10 millionths apart.
func compare(t *testing.T, m *Model, list []golden) {
	t.Helper()
	p := m.Predictor()
	near := func(got int64, want string) bool {
		w, err := strconv.ParseFloat(want, 64)
		return err == nil && math.Abs(float64(got)/1e6-w) <= 1e-5
	}
	worst := 0.0
	for _, g := range list {
		label, n := p.Predict([]byte(g.Text))
		switch {
		case len(g.Best) == 0:
			if label != -1 || n != 0 {
				t.Errorf("%q is %d with %d, fastText gives none", g.Text, label, n)
			}
			continue
		case label < 0 || m.Labels()[label] != g.Best[0][0] || !near(n, g.Best[0][1]):
			t.Errorf("%q is label %d with %d, fastText gives %s", g.Text, label, n, g.Best[0])
			continue
		}
		w, _ := strconv.ParseFloat(g.Best[0][1], 64)
		worst = max(worst, math.Abs(float64(n)/1e6-w))
		if again := p.Score([]byte(g.Text), label); again != n {
			t.Errorf("%q is label %d with %d, and with %d when it is asked for", g.Text, label, n, again)
		}
		for _, other := range g.All {
			if n := p.Score([]byte(g.Text), slices.Index(m.Labels(), other[0])); !near(n, other[1]) {
				t.Errorf("%q is %s with %d, fastText gives %s", g.Text, other[0], n, other[1])
			}
		}
	}
	t.Logf("%d lines, probabilities at most %.7f apart", len(list), worst)
}

func TestGoldens(t *testing.T) {
	byModel := map[string][]golden{}
	for _, g := range goldens(t, "testdata/lines.jsonl") {
		byModel[g.Model] = append(byModel[g.Model], g)
	}
	files, err := filepath.Glob("testdata/models/*")
	if err != nil || len(files) != len(byModel) || len(files) < 8 {
		t.Fatalf("%d models, lines of %d, %v", len(files), len(byModel), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { compare(t, open(t, file), byModel[filepath.Base(file)]) })
	}
}

// TestGoldensWhole asks the model for 176 languages about lines of real text.
func TestGoldensWhole(t *testing.T) {
	const folder = "../../../.cache/goldens/"
	for _, name := range []string{"laws", "tvnews", "fudan"} {
		if _, err := os.Stat(folder + "lid-" + name + ".jsonl"); errors.Is(err, fs.ErrNotExist) {
			t.Skip("what fastText says of the real text is not there: make goldens asks it")
		}
		list := goldens(t, folder+"lid-"+name+".jsonl")
		if len(list) < 1000 {
			t.Errorf("%d lines of %s", len(list), name)
		}
		t.Run(name, func(t *testing.T) { compare(t, open(t, folder+"lid.176.ftz"), list) })
	}
}
