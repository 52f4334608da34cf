package show

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDifferences(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"", "", ""},
		{"一样的", "一样的", ""},
		{"山上有一棵树", "山上有两棵树", "3:一>两"},
		{"山上有一棵很老的树，山下有一条河。", "山上有一棵树，山下有一条小河。", "5:很老的> 15:>小"},
		{"", "都是新的", "0:>都是新的"},
		{"前面多了一段。其余的都没有变，一个字也没有。", "其余的都没有变，一个字也没有。", "0:前面多了一段。>"},
	} {
		list, left := differences(test.a, test.b)
		var got []string
		for _, d := range list {
			got = append(got, strings.Join([]string{strconv.Itoa(d.At), ":", d.This, ">", d.Other}, ""))
		}
		if s := strings.Join(got, " "); s != test.want || left != 0 {
			t.Errorf("%q and %q: %s, want %s", test.a, test.b, s, test.want)
		}
	}
}

// Putting the other side into every gap gives the other text: what is not marked is the same.
func TestDifferencesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("甲乙丙丁戊 a\n")), 0, 80, -1)
		a, b := []rune(text.Draw(t, "a")), []rune(text.Draw(t, "b"))
		if rapid.Bool().Draw(t, "near") { // two texts that share most of what they have
			b = append(append([]rune{}, a[:len(a)/2]...), append(b, a[len(a)/3:]...)...)
		}
		var gaps []gap
		compare(a, b, 0, 0, 16, &gaps)
		var back []rune
		at := 0
		for _, g := range gaps {
			if g.a < at || g.aEnd < g.a || g.bEnd < g.b {
				t.Fatalf("%v", gaps)
			}
			back = append(append(back, a[at:g.a]...), b[g.b:g.bEnd]...)
			at = g.aEnd
		}
		if back = append(back, a[at:]...); string(back) != string(b) {
			t.Fatalf("%q, want %q: %v", string(back), string(b), gaps)
		}
	})
}
