package terminal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTerminal(t *testing.T) {
	tests := []struct {
		name, write string
		want        string
		row, column int
		wrapped     int
	}{
		{"lines", "one\ntwo", "one\ntwo\n", 1, 3, 0},
		{"over", "one\rtw", "twe\n", 0, 2, 0},
		{"up", "one\ntwo\n\x1b[2Anew\x1b[K\n", "new\ntwo\n", 1, 0, 0},
		{"clear", "one\ntwo\nthree\n\x1b[2A\x1b[J", "one\n", 1, 0, 0},
		{"scrolls", "1\n2\n3\n4\n5\n6", "1\n2\n3\n4\n5\n6\n", 5, 1, 0},
		{"wide", "中文a", "中文a\n", 0, 5, 0},
		{"wraps", "0123456789ab", "0123456789\nab\n", 1, 2, 1},
		{"just fits", "0123456789\nab", "0123456789\nab\n", 1, 2, 0},
		{"wide wraps", "012345678中", "012345678\n中\n", 1, 2, 1},
		{"bars are narrow", "━━──", "━━──\n", 0, 4, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			one := New(10, 4)
			for _, b := range []byte(tt.write) { // however it is cut
				if _, err := one.Write([]byte{b}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, one.String()); diff != "" {
				t.Errorf("screen (-want +got):\n%s", diff)
			}
			if row, column := one.Cursor(); row != tt.row || column != tt.column {
				t.Errorf("cursor at %d, %d", row, column)
			}
			if n := len(one.Wrapped()); n != tt.wrapped {
				t.Errorf("%d lines wrapped", n)
			}
		})
	}
	one := New(10, 4)
	if _, err := one.Write([]byte("\x1b[5;5r")); err == nil {
		t.Error("a sequence that nobody knows is obeyed")
	}
}
