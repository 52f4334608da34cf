package jieba

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestFew(t *testing.T) {
	if got := strings.Join(words(few(t).Cutter(true), "中文文中"), "|"); got != "中文|文|中" {
		t.Error(got)
	}
}

// TestLn: logarithms are those of an arithmetic of far more digits, rounded: the exponential of the two nearest halfway points is above and below.
func TestLn(t *testing.T) {
	for _, n := range []uint64{1, 2, 3, 4, 5, 7, 100, 883634, 60101967, 1<<31 - 1, 1 << 31, 1<<53 + 1, math.MaxInt64} {
		got := ln(n)
		if d := math.Abs(got - math.Log(float64(n))); d > 1e-14*max(got, 1) {
			t.Errorf("ln %d is %v", n, got)
		}
		half := new(big.Float).SetPrec(300).SetFloat64(math.Nextafter(got, 100))
		half.Add(half, big.NewFloat(got)).Quo(half, big.NewFloat(2))
		if want := new(big.Float).SetInt(new(big.Int).SetUint64(n)); exp(half).Cmp(want) < 0 {
			t.Errorf("ln %d is above %v", n, got)
		}
		half.SetFloat64(math.Nextafter(got, -100))
		half.Add(half, big.NewFloat(got)).Quo(half, big.NewFloat(2))
		if want := new(big.Float).SetInt(new(big.Int).SetUint64(n)); exp(half).Cmp(want) > 0 {
			t.Errorf("ln %d is below %v", n, got)
		}
	}
	// As math.log of Python has them.
	for n, want := range map[uint64]float64{3: 0x1.193ea7aad030bp0, 5: 0x1.9c041f7ed8d33p0, 883634: 0x1.b6233609fb790p3, 60101967: 0x1.1e95b8bb84672p4} {
		if got := ln(n); got != want {
			t.Errorf("ln %d is %x, not %x", n, got, want)
		}
	}
}

// exp is e to the power of x in 300 bits.
func exp(x *big.Float) *big.Float {
	newFloat := func(f float64) *big.Float { return new(big.Float).SetPrec(300).SetFloat64(f) }
	sum, term := newFloat(1), newFloat(1)
	for k := 1.0; k < 400; k++ {
		term.Mul(term, x).Quo(term, newFloat(k))
		sum.Add(sum, term)
	}
	return sum
}

// TestConcurrent: cutters of one dictionary do not know of each other.
func TestConcurrent(t *testing.T) {
	const text = "小明硕士毕业于中国科学院计算所，后在日本京都大学深造"
	want := strings.Join(words(Default().Cutter(true), text), "|")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			c := Default().Cutter(true)
			for range 100 {
				if got := strings.Join(words(c, text), "|"); got != want {
					t.Errorf("%s, not %s", got, want)
				}
			}
		})
	}
	group.Wait()
}

// TestNothingAllocated: a text costs no memory once scratch has grown.
func TestNothingAllocated(t *testing.T) {
	text := []byte(strings.Repeat("国务院关于印发《乌鲁木齐市穆罕默德3.5%发展规划》的通知，abc。\r\n", 50))
	for _, hmm := range []bool{true, false} {
		c := Default().Cutter(hmm)
		ends := c.Cut(nil, text)
		if n := testing.AllocsPerRun(10, func() { ends = c.Cut(ends[:0], text) }); n != 0 {
			t.Errorf("HMM %t: %v allocations", hmm, n)
		}
	}
}

// TestWrongUser: errors name the line.
func TestWrongUser(t *testing.T) {
	pipelinetest.Long(t)
	for _, c := range []struct{ user, want string }{
		{"好\n\xff", "line 2: it is not valid UTF-8"},
		{"好\n\n好 2147483648 n", "line 3: the frequency 2147483648 is not below 2147483648"},
		{strings.Repeat("好", 65) + " 3", "line 1: a word of 65 characters: it may have 64"},
		{"好\n" + strings.Repeat("好", 4096), "line 2: it has more than 4096 bytes"},
		{strings.Repeat("好 3\n", maxUserWords+1), fmt.Sprintf("line %d: there are more than %d words", maxUserWords+1, maxUserWords)},
		{strings.Repeat("\n", maxUserBytes+1), fmt.Sprintf("it has more than %d bytes", maxUserBytes)},
	} {
		_, err := few(t).With(strings.NewReader(c.user))
		if err == nil || err.Error() != c.want {
			t.Errorf("%.20q: %v, not %s", c.user, err, c.want)
		}
	}
}
