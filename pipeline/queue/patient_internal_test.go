package queue

import (
	"testing"
	"time"
)

// A process that stands still has not waited, and what fails quickly has been waited for as long as it took.
func TestPatient(t *testing.T) {
	p := patient{limit: 30 * time.Second}
	for range 10 {
		p.add(75*time.Second, tryTimeout) // stopped in the middle of a try
		if p.out() != (p.spent > p.limit) {
			t.Fatalf("%v spent in %d steps: out is %v", p.spent, p.steps, p.out())
		}
	}
	if p.spent != 10*tryTimeout || !p.out() {
		t.Errorf("ten tries without an answer: %v spent", p.spent)
	}
	p = patient{limit: time.Second}
	p.add(time.Minute, tryTimeout)
	if p.out() {
		t.Error("patience ended with the first try, in which the process stood still")
	}
	p.add(time.Millisecond, tryTimeout)
	p.add(time.Millisecond, tryTimeout)
	if !p.out() {
		t.Error("patience never ends")
	}
}
