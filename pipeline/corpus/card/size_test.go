package card

import "testing"

func TestSizeCategory(t *testing.T) {
	for n, want := range map[int64]string{
		0: "n<1K", 999: "n<1K", 1000: "1K<n<10K", 123456: "100K<n<1M", 1e6: "1M<n<10M", 5e8: "100M<n<1B", 2e12: "n>1T",
	} {
		if got := sizeCategory(n); got != want {
			t.Errorf("%d: %s, not %s", n, got, want)
		}
	}
}
