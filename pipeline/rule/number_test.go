package rule

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		unit Unit
		in   string
		want Number
		bad  string
	}{
		{unit: Share, in: "0", want: 0},
		{unit: Share, in: "1", want: 1_000_000},
		{unit: Share, in: "0.3", want: 300_000},
		{unit: Share, in: ".287", want: 287_000},
		{unit: Share, in: "3e-1", want: 300_000},
		{unit: Share, in: "0.000001", want: 1},
		{unit: Share, in: "0.10000000", want: 100_000},
		{unit: Share, in: "0.0000001", bad: "more than six decimals"},
		{unit: Share, in: "0.3333333", bad: "more than six decimals"},
		{unit: Share, in: "0.30000000000000000001", bad: "more than six decimals"},
		{unit: Share, in: "1/2", bad: "no number from 0 to 1"},
		{unit: Share, in: "1.1", bad: "no number from 0 to 1"},
		{unit: Share, in: "-0.1", bad: "no number from 0 to 1"},
		{unit: Share, in: "NaN", bad: "no number from 0 to 1"},
		{unit: Share, in: "30%", bad: "no number from 0 to 1"},
		{unit: Share, in: "", bad: "no number from 0 to 1"},
		{unit: Mean, in: "7.25", want: 7_250_000},
		{unit: Mean, in: "0", want: 0},
		{unit: Mean, in: "-0.1", bad: "no number from 0 on"},
		{unit: Mean, in: "1.0000001", bad: "more than six decimals"},
		{unit: Count, in: "50", want: 50 * One},
		{unit: Count, in: "-1", want: -One},
		{unit: Count, in: "1_000_000", want: 1_000_000 * One},
		{unit: Count, in: "1e6", want: 1_000_000 * One},
		{unit: Count, in: "0x32", want: 50 * One},
		{unit: Count, in: "062", want: 50 * One},
		{unit: Count, in: "50.0", want: 50 * One},
		{unit: Count, in: "50.5", bad: "not a whole number in range"},
		{unit: Count, in: "9223372036854775807", bad: "not a whole number in range"},
		{unit: Count, in: "1e999999999", bad: "not a whole number in range"},
		{unit: Count, in: "few", bad: "not a whole number in range"},
	} {
		got, err := c.unit.Parse(c.in)
		if (err == nil) != (c.bad == "") || err != nil && !strings.Contains(err.Error(), c.bad) {
			t.Errorf("%q: error %v, want %q", c.in, err, c.bad)
		}
		if err == nil && got != c.want {
			t.Errorf("%q: %d, want %d", c.in, got, c.want)
		}
	}
}

func TestNumberRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Number(rapid.Int64().Draw(t, "number"))
		var got Number
		if err := got.UnmarshalText([]byte(n.String())); err != nil || got != n {
			t.Fatalf("%v: %v, %v", n, got, err)
		}
	})
}

func TestNumberString(t *testing.T) {
	for n, want := range map[Number]string{
		0: "0", One: "1", 100 * One: "100", 500_001: "0.500001", -300_000: "-0.3", math.MaxInt64: "9223372036854.775807",
	} {
		if got := n.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(n), got, want)
		}
	}
}

// Files hold whole numbers as such and decimals as text; both are read.
func TestNumberAsJSON(t *testing.T) {
	for want, n := range map[string]any{`50`: Count.Plain(50 * One), `"0.3"`: Share.Plain(300_000), `"1"`: Share.Plain(One)} {
		data, err := json.Marshal(n)
		if err != nil || string(data) != want {
			t.Errorf("%s, %v, want %s", data, err, want)
		}
	}
	for in, want := range map[string]Number{`50`: 50 * One, `"0.3"`: 300_000, `0.3`: 300_000} {
		var got Number
		if err := json.Unmarshal([]byte(in), &got); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", in, got, err, want)
		}
	}
	if data, err := json.Marshal(map[string]Number{"a": 300_000}); err != nil || string(data) != `{"a":"0.3"}` {
		t.Errorf("%s, %v", data, err)
	}
	for _, bad := range []string{`null`, `true`, `"few"`, `[1]`} {
		if err := json.Unmarshal([]byte(bad), new(Number)); err == nil {
			t.Errorf("%s is a number", bad)
		}
	}
}
