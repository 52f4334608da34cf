package fasttext

import (
	"math"
	"sync"
)

// least is what fastText adds to each probability before it takes the logarithm, and so has in what it prints; a label whose product of
// decisions is below it is not given at all.
const least = 1e-5

// Values of the table that fastText takes the logistic function from where labels stand each for itself.
const (
	sigmoidSize = 512
	sigmoidMost = 8
)

var sigmoids = sync.OnceValue(func() *[sigmoidSize + 1]float32 {
	t := new([sigmoidSize + 1]float32)
	for i := range t {
		x := float32(float32(i*2*sigmoidMost)/sigmoidSize) - sigmoidMost
		t[i] = float32(1 / (1 + exp(-float64(x))))
	}
	return t
})

func sigmoid(x float32) float32 {
	switch {
	case x < -sigmoidMost:
		return 0
	case x > sigmoidMost:
		return 1
	case x != x:
		return 0
	}
	return sigmoids()[int(float32(float32(x+sigmoidMost)*sigmoidSize)/sigmoidMost/2)]
}

// logistic is the function itself, which hierarchical softmax takes.
func logistic(x float32) float32 {
	return float32(1 / float64(float32(1+float32(exp(-float64(x))))))
}

// nothing is the logarithm of what adds nothing to a float32 of 1, and no millionth.
const nothing = -20

// outputs puts the probability of each label into out, for all losses but the hierarchical.
func (m *Model) outputs(hidden, out []float32) {
	m.output.timesAll(hidden, out)
	if m.args.loss != softmax {
		for i, x := range out {
			out[i] = sigmoid(x)
		}
		return
	}
	most, sum := out[0], float32(0)
	for _, x := range out {
		most = max(most, x)
	}
	for i, x := range out {
		out[i] = 0
		if x -= most; x > nothing {
			out[i] = float32(exp(float64(x)))
			sum += out[i]
		}
	}
	for i, x := range out {
		out[i] = x / sum
	}
}

// millionths rounds a probability, to which fastText adds least a few times.
func millionths(p float64) int64 {
	if !(p > 0) { // no number, too: sums of a hostile model
		return 0
	}
	return int64(math.Floor(float64(min(p, 2)*1e6) + 0.5))
}
