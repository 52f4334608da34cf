package cluster

import (
	"sync"
	"time"
)

// sayAgain is how often something that goes on failing is said again.
const sayAgain = time.Minute

// seldom keeps what fails again and again from filling the log: it is said at once, and then every now and then.
type seldom struct {
	mu   sync.Mutex
	what string    // guarded by mu
	said time.Time // guarded by mu
}

// now reports whether what is to be said now. Other words are said at once.
func (s *seldom) now(what string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.what == what && time.Since(s.said) < sayAgain {
		return false
	}
	s.what, s.said = what, time.Now()
	return true
}

// over says that it fails no more.
func (s *seldom) over() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.what = ""
}
