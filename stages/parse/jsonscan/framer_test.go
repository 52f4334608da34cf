package jsonscan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// values cuts a document into values, fed in chunks; bad says that it is none.
func values(data []byte, chunk int) (list []string, bad bool) {
	var f Framer
	var value []byte
	open := false
	for start := 0; start < len(data); start += chunk {
		rest := data[start:min(start+chunk, len(data))]
		for len(rest) > 0 {
			if !open {
				n := f.Seek(rest)
				if n < 0 {
					return list, true
				}
				if rest = rest[n:]; len(rest) == 0 {
					break
				}
				open = true
			}
			n, done := f.Skip(rest)
			value, rest = append(value, rest[:n]...), rest[n:]
			if done {
				list, value, open = append(list, string(value)), nil, false
			}
		}
	}
	ok, last := f.Complete()
	if ok && last {
		list = append(list, string(value))
	}
	return list, !ok
}

func TestFramer(t *testing.T) {
	tests := []struct {
		in   string
		want []string
		bad  bool
	}{
		{in: ""},
		{in: " \n"},
		{in: "[]"},
		{in: "[ ] [\t]"},
		{in: `[{"a":1} , {"b":[2,"]"]}]`, want: []string{`{"a":1}`, `{"b":[2,"]"]}`}},
		{in: `{"a":"\\"}{"b":"\""}` + "\n" + `{}`, want: []string{`{"a":"\\"}`, `{"b":"\""}`, `{}`}},
		{in: `[1,-2.5e+3,"x",true,null,[],[[]]]`, want: []string{"1", "-2.5e+3", `"x"`, "true", "null", "[]", "[[]]"}},
		{in: "[\"\x00\x00\x00\x00\x00\x00\x00\x00\n]\x1f#\xa2\",1]", want: []string{"\"\x00\x00\x00\x00\x00\x00\x00\x00\n]\x1f#\xa2\"", "1"}},
		{in: "12", want: []string{"12"}},
		{in: "{", bad: true},
		{in: `["`, bad: true},
		{in: `"\"`, bad: true},
		{in: `[{}`, want: []string{"{}"}, bad: true},
		{in: `[{},`, want: []string{"{}"}, bad: true},
		{in: `[{}{}]`, want: []string{"{}"}, bad: true},
		{in: `[,{}]`, bad: true},
		{in: `[{},]`, want: []string{"{}"}, bad: true},
		{in: `{},{}`, want: []string{"{}"}, bad: true},
		{in: `]`, bad: true},
		{in: "\x00", bad: true},
		{in: strings.Repeat("[", 100000) + strings.Repeat("]", 100000), want: []string{strings.Repeat("[", 99999) + strings.Repeat("]", 99999)}},
	}
	for _, tt := range tests {
		for _, chunk := range []int{1, 2, 3, 7, 1 << 20} {
			got, bad := values([]byte(tt.in), chunk)
			if diff := cmp.Diff(tt.want, got); diff != "" || bad != tt.bad {
				t.Errorf("%.40s in chunks of %d: bad %v, %s", tt.in, chunk, bad, diff)
			}
		}
	}
}

// FuzzFramer holds that chunks do not matter, and that what stands between values is nothing else.
func FuzzFramer(f *testing.F) {
	f.Add([]byte(`[{"a":"\\\""},1,[2]] "x" {}`), 3)
	f.Fuzz(func(t *testing.T, data []byte, chunk int) {
		want, wantBad := values(data, len(data)+1)
		got, bad := values(data, 1+max(0, chunk%64))
		if diff := cmp.Diff(want, got); diff != "" || bad != wantBad {
			t.Fatalf("bad %v, want %v, %s", bad, wantBad, diff)
		}
		rest := string(data)
		for _, v := range want {
			before, after, found := strings.Cut(rest, v)
			if !found || strings.Trim(before, " \t\r\n,[]") != "" {
				t.Fatalf("%q before %q", before, v)
			}
			rest = after
		}
	})
}
