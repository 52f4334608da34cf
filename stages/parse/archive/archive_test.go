package archive

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listed is a member and what was read of it.
type listed struct {
	Member
	Text  string
	Wrong string // what ended the text before its time
}

// mostText is how much of a member the tests read.
const mostText = 1 << 20

// list reads a container to its end, which is io.EOF if all is well.
func list(r Reader) (members []listed, end error) {
	for {
		m, err := r.Next()
		if err != nil {
			return members, err
		}
		l := listed{Member: m}
		if !m.Skip && m.Reject == "" {
			l.Text, err = text(r)
			if err != nil {
				l.Wrong = err.Error()
			}
		}
		members = append(members, l)
	}
}

func text(r Reader) (string, error) {
	s, err := r.Open()
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(io.LimitReader(s, mostText))
	return string(data), errors.Join(err, s.Close())
}

// reason is that of what is wrong with a container; "" if nothing is.
func reason(t testing.TB, end error) string {
	t.Helper()
	bad, ok := errors.AsType[*Error](end)
	if !ok && !errors.Is(end, io.EOF) {
		t.Fatalf("the container ends with %v", end)
	}
	if !ok {
		return ""
	}
	return bad.Reason
}

// summary is one word a member: its name and text, or what was done with it.
func summary(members []listed) (words []string) {
	for _, m := range members {
		switch {
		case m.Skip:
			words = append(words, m.Name+" skipped")
		case m.Reject != "":
			words = append(words, m.Name+" "+m.Reject)
		case m.Wrong != "":
			words = append(words, m.Name+" wrong: "+m.Wrong)
		default:
			words = append(words, m.Name+"="+m.Text)
		}
	}
	return words
}

func TestMemberName(t *testing.T) {
	for raw, want := range map[string]string{
		"a/b.txt":                            "a/b.txt",
		"中文.txt":                             "中文.txt",
		"\xd6\xd0\xce\xc4.txt":               "中文.txt",
		"\xff\xff":                           "\uFFFD\uFFFD",
		"":                                   "",
		strings.Repeat("长", maxName):         strings.Repeat("长", maxName/3),
		strings.Repeat("x", maxName) + "y":   strings.Repeat("x", maxName),
		strings.Repeat("x", maxName-1) + "长": strings.Repeat("x", maxName-1),
	} {
		if got := memberName([]byte(raw)); got != want {
			t.Errorf("%.20q is %.20q, want %.20q", raw, got, want)
		}
	}
}

func TestHidden(t *testing.T) {
	for name, want := range map[string]bool{
		"a.txt": false, "./a.txt": false, "../a.txt": false, "a/..": false, ".git/config": true, "a/.DS_Store": true,
		`a\.hidden`: true, "__MACOSX/._a": true, "a/__MACOSX/b": true, "a.b/c": false, "": false,
	} {
		if got := hidden(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestError(t *testing.T) {
	if got := corrupt("at %d", 7).Error(); got != "corrupt: at 7" {
		t.Errorf("%q", got)
	}
}

// kept is how much more memory is in use behind a call than before it, while its result is.
func kept[T any](f func() T) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result := f()
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(result)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}
