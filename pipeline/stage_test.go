package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline/columnar"
)

// adder is a Stage that notes that it was there.
type adder string

func (a adder) Process(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	switch a {
	case "panics":
		panic("boom")
	case "fails":
		return nil, errors.New("bad")
	}
	b.Counters.Add(string(a), int64(len(b.Counters)+1))
	return b, nil
}

func TestProcessAll(t *testing.T) {
	b, err := ProcessAll(t.Context(), []Stage{adder("first"), adder("second")}, &columnar.Batch{})
	if diff := cmp.Diff(columnar.Counters{"first": 1, "second": 2}, b.Counters); diff != "" || err != nil {
		t.Errorf("%v, counters %s", err, diff)
	}
	b, err = ProcessAll(t.Context(), []Stage{adder("fails"), adder("panics")}, &columnar.Batch{})
	if b != nil || err == nil || err.Error() != "bad" {
		t.Errorf("a stage that fails: %v, %v", b, err)
	}
	_, err = ProcessAll(t.Context(), []Stage{adder("panics")}, &columnar.Batch{})
	if err == nil || !strings.HasPrefix(err.Error(), "panic: boom\n") || !strings.Contains(err.Error(), "stage_test.go") {
		t.Errorf("a stage that panics: %v", err)
	}
}

// noter is a BatchWriter that notes what is done with it.
type noter struct {
	name string
	said *[]string
	fail string
}

func (n noter) say(what string) error {
	*n.said = append(*n.said, n.name+" "+what)
	if what == n.fail {
		return errors.New(n.name + " cannot " + what)
	}
	return nil
}

func (n noter) Write(*columnar.Batch) error { return n.say("write") }

func (n noter) Commit() ([]Output, error) { return []Output{{Name: n.name}}, n.say("commit") }

func (n noter) Close() error { return n.say("close") }

// TestWriters: several writers get what one does, in their order, and whatever fails all that were begun are closed.
func TestWriters(t *testing.T) {
	tests := []struct {
		name, fail string // of the second one
		said, err  string
	}{
		{"fine", "", "a begin, b begin, a write, b write, a commit, b commit, a close, b close", ""},
		{"begin", "begin", "a begin, b begin, a close", "b cannot begin"},
		{"write", "write", "a begin, b begin, a write, b write, a close, b close", "b cannot write"},
		{"commit", "commit", "a begin, b begin, a write, b write, a commit, b commit, a close, b close", "b cannot commit"},
		{"close", "close", "a begin, b begin, a write, b write, a commit, b commit, a close, b close", "b cannot close"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var said []string
			begin := func(name, fail string) NewWriter {
				return func(context.Context, *Job, int) (BatchWriter, error) {
					n := noter{name, &said, fail}
					return n, n.say("begin")
				}
			}
			outs, err := writeOne(t.Context(), Writers(begin("a", ""), begin("b", tt.fail)))
			if got := strings.Join(said, ", "); got != tt.said {
				t.Errorf("they were told %s\nwant %s", got, tt.said)
			}
			if tt.err != "" && (err == nil || err.Error() != tt.err) || tt.err == "" && err != nil {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if err == nil {
				if diff := cmp.Diff([]Output{{Name: "a"}, {Name: "b"}}, outs); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	var said []string
	only := noter{"a", &said, ""}
	w, err := Writers(func(context.Context, *Job, int) (BatchWriter, error) { return only, nil })(t.Context(), nil, 0)
	if w != only || err != nil {
		t.Errorf("one alone is %v, %v", w, err)
	}
}

func writeOne(ctx context.Context, begin NewWriter) (outs []Output, err error) {
	w, err := begin(ctx, nil, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Write(&columnar.Batch{}); err != nil {
		return nil, err
	}
	return w.Commit()
}
