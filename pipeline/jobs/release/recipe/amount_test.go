package recipe

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAmount(t *testing.T) {
	for text, want := range map[string]Amount{
		"0": 0, "20e9": 20e9, "2E9": 2e9, "1_000_000": 1e6, "20B": 20e9, "1.5T": 1.5e12, "3M": 3e6, "10k": 1e4, "10K": 1e4, "0x10": 16, "1.25e2": 125,
		"9223372036854775807": math.MaxInt64, "9.223372036854775807e18": math.MaxInt64, "+5": 5,
	} {
		if got, err := ParseAmount(text); got != want || err != nil {
			t.Errorf("%s is %d, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "B", "-1", "-1e3", "1.5", "1e-3", "1/2", "4/2B", "9223372036854775808", "10000000T", "1e999999999", "1e-999999999", "NaN", "Inf", "1 B", "twenty", "1e5e5", "0x1Bx",
	} {
		if got, err := ParseAmount(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		want := Amount(rapid.Int64Min(0).Draw(t, "amount"))
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Amount
		if err := json.Unmarshal(data, &got); err != nil || got != want {
			t.Fatalf("%s is %d, %v", data, got, err)
		}
	})
}
