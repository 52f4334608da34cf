package s3

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

func TestLease(t *testing.T) {
	at, err := ParseURL(pipelinetest.StartS3(t).Bucket(t, "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	store := func(beat time.Duration) *Store {
		s, err := Open(t.Context(), at, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		s.c.beat = beat
		return s
	}
	quick, silent := store(40*time.Millisecond), store(time.Hour)
	never := func(err error) { t.Errorf("lost: %v", err) }

	first, err := quick.Lease(t.Context(), "lock", "first", "here", never)
	if err != nil {
		t.Fatal(err)
	}
	patient := store(4 * time.Second) // sees the first one's beats before its own patience ends
	if _, err := patient.Lease(t.Context(), "lock", "second", "there", never); !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), "first") {
		t.Errorf("a lease that is held: %v", err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	}

	// A holder that says nothing is waited for, and told if it comes back. A freed lease, and one of the same place, are
	// there at once.
	dead, err := silent.Lease(t.Context(), "lock", "dead", "there", never)
	if err != nil {
		t.Fatal(err)
	}
	again, err := silent.Lease(t.Context(), "lock", "again", "there", never)
	if err != nil {
		t.Fatalf("the same place: %v", err)
	}
	heir, err := quick.Lease(t.Context(), "lock", "heir", "here", func(error) {})
	if err != nil {
		t.Fatalf("the lease of a silent holder: %v", err)
	}
	for _, l := range []*Lease{dead, again} {
		if err := l.put(t.Context(), l.etag); !errors.Is(err, ErrHeld) {
			t.Errorf("a holder that lost the lease renewed it: %v", err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	lost := make(chan error, 1)
	take := func(s *Store, holder string, lost func(error)) *Lease {
		for {
			l, err := s.Lease(t.Context(), "lock", holder, "here", lost)
			if err == nil {
				return l
			}
			if !errors.Is(err, ErrHeld) { // by the one before, which is alive, and may have renewed it just now
				t.Fatal(err)
			}
		}
	}
	slow := take(quick, "slow", func(err error) { lost <- err })
	defer func() { _ = slow.Close() }()
	thief := take(silent, "thief", never)
	defer func() { _ = thief.Close() }()
	defer func() { _ = heir.Close() }()
	if err := <-lost; !errors.Is(err, ErrHeld) {
		t.Errorf("lost: %v", err)
	}
}

// A renewal that was done, though its answer never came, is the holder's own: it renews the lease again, and frees it.
func TestLeaseLostAnswer(t *testing.T) {
	at, err := ParseURL(pipelinetest.StartS3(t).Bucket(t, "corpus"))
	pipelinetest.Must(t, err)
	s, err := Open(t.Context(), at, Options{})
	pipelinetest.Must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	s.c.beat = time.Hour
	l, err := s.Lease(t.Context(), "lock", "holder", "here", func(err error) { t.Errorf("lost: %v", err) })
	pipelinetest.Must(t, err)
	loseAnswer := func() {
		etag := l.etag
		pipelinetest.Must(t, l.put(t.Context(), etag))
		l.etag = etag
	}
	loseAnswer()
	if err := l.put(t.Context(), l.etag); err != nil {
		t.Errorf("a lease that nobody else took was not renewed: %v", err)
	}
	loseAnswer()
	pipelinetest.Must(t, l.Close())
	if now, _, err := l.read(t.Context()); err != nil || !now.Free {
		t.Errorf("the lease is not freed: %+v, %v", now, err)
	}
}
