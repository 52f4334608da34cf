package pipeline

import "testing"

func TestUnits(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 12: "12", 999: "999", 1000: "1,000", 1234567: "1,234,567", -123: "-123", -1234: "-1,234", -1234567: "-1,234,567",
	} {
		if got := Thousands(n); got != want {
			t.Errorf("%d is written %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 2: "2 files", 1000: "1,000 files"} {
		if got := Counted(n, "file"); got != want {
			t.Errorf("%d files are written %s, want %s", n, got, want)
		}
	}
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 123_456_789: "123.5 MB",
		1_234_567_890: "1.2 GB", 1 << 62: "4.6 EB",
	} {
		if got := ByteSize(n); got != want {
			t.Errorf("%d bytes are written %s, want %s", n, got, want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	if got := Excerpt("前半", 4); got != "前" {
		t.Errorf("excerpt %q", got)
	}
}

func TestFirstChars(t *testing.T) {
	for _, test := range []struct {
		text string
		n    int
		want string
	}{{"新闻 x", 2, "新闻"}, {"新闻", 2, "新闻"}, {"", 3, ""}, {"ab", 0, ""}, {"a\xffb", 2, "a\xff"}} {
		if got := FirstChars(test.text, test.n); got != test.want {
			t.Errorf("FirstChars(%q, %d) is %q, not %q", test.text, test.n, got, test.want)
		}
	}
}
