package s3

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// beat is how often a holder renews its lease.
	beat = 10 * time.Second
	// silentBeats are how many beats a holder may miss before it is taken for dead, by the clock of the one who waits.
	silentBeats = 3
)

// ErrHeld says that somebody else has the lease.
var ErrHeld = errors.New("held")

// Lease is an object that says who may work here. It is renewed until Close; a holder that dies loses it to the first one
// that has waited long enough. It keeps runs from working in vain and from tidying each other away; that a version has one
// maker is the exclusive create's affair alone, so nothing depends on clocks.
type Lease struct {
	s    *Store
	key  string
	note note
	sent note               // the last one that a request was made with, whatever became of it
	etag string             // of the object that holds note
	stop context.CancelFunc // no more renewals are begun
	quit context.CancelFunc // one that is under way is given up
	done sync.WaitGroup
}

// note is the content of a lease.
type note struct {
	Holder string `json:"holder"` // for people
	Place  string `json:"place"`  // has one holder at a time: the same one again means that the holder died
	Beat   int64  `json:"beat"`   // another content each time, so another etag
	Free   bool   `json:"free"`
}

// Lease takes the lease of this name, if need be after waiting for a holder that says nothing, or fails with ErrHeld. If
// somebody takes it over nevertheless, lost is called, once: what is done under the lease must stop.
func (s *Store) Lease(ctx context.Context, name, holder, place string, lost func(error)) (*Lease, error) {
	key, err := s.key(name)
	if err != nil {
		return nil, err
	}
	l := &Lease{s: s, key: key, note: note{Holder: holder, Place: place}}
	if err := l.take(ctx); err != nil {
		return nil, s.c.wrap("lease", key, err)
	}
	requests, quit := context.WithCancel(context.WithoutCancel(ctx)) // who stops still has to put things in order
	beats, stop := context.WithCancel(requests)
	l.stop, l.quit = stop, quit
	l.done.Go(func() { l.keep(beats, requests, lost) })
	return l, nil
}

// take makes the object, or replaces one that is free, of the same place, or silent.
func (l *Lease) take(ctx context.Context) error {
	tick := time.NewTicker(l.s.c.beat / 4)
	defer tick.Stop()
	first, since := "", time.Now()
	for {
		err := l.put(ctx, "")
		if !errors.Is(err, ErrHeld) {
			return err
		}
		now, etag, err := l.read(ctx)
		if err != nil {
			return err
		}
		if first == "" {
			first = etag
		}
		switch {
		case now.Free, now.Place == l.note.Place, etag == first && time.Since(since) >= silentBeats*l.s.c.beat:
			l.note.Beat = now.Beat
			return l.put(ctx, etag)
		case etag != first:
			return fmt.Errorf("%w by %s", ErrHeld, now.Holder)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// keep renews the lease until beats ends or somebody else has it. A service that does not answer is asked again, until requests ends: as long as
// nobody took the lease it is ours.
func (l *Lease) keep(beats, requests context.Context, lost func(error)) {
	tick := time.NewTicker(l.s.c.beat)
	defer tick.Stop()
	for {
		select {
		case <-beats.Done():
			return
		case <-tick.C:
		}
		if err := l.put(requests, l.etag); errors.Is(err, ErrHeld) && beats.Err() == nil {
			lost(l.s.c.wrap("lease", l.key, fmt.Errorf("%w by somebody else now", ErrHeld)))
			return
		}
	}
}

func (l *Lease) read(ctx context.Context) (n note, etag string, err error) {
	o, err := l.s.c.open(ctx, l.key, "")
	if err != nil {
		return n, "", err
	}
	defer func() { _ = o.Close() }() // read only
	data := make([]byte, o.Size())
	if _, err := o.ReadAt(data, 0); err != nil {
		return n, "", err
	}
	return n, o.etag, json.Unmarshal(data, &n)
}

// put writes the next note in place of the object with this etag, or of none for "". Otherwise it is ErrHeld.
func (l *Lease) put(ctx context.Context, etag string) error {
	l.note.Beat++
	before := l.sent
	l.sent = l.note
	data, err := json.Marshal(l.note)
	if err != nil {
		return err
	}
	var options minio.PutObjectOptions
	if etag == "" {
		options.SetMatchETagExcept("*")
	} else {
		options.SetMatchETag(etag)
	}
	refused := false
	err = l.s.c.do(ctx, func(ctx context.Context) error {
		made, err := l.s.c.put(ctx, l.key, data, options)
		if s := status(err); s == http.StatusPreconditionFailed || s == http.StatusNotFound {
			refused = true
			return nil
		}
		l.etag = made
		return err
	})
	if err != nil || !refused {
		return err
	}
	// An earlier try may have been done, and its answer lost: of this note, or of the one before.
	switch now, at, err := l.read(ctx); {
	case err != nil || now == note{}:
	case now == l.note:
		l.etag = at
		return nil
	case now == before:
		return l.put(ctx, at)
	}
	return ErrHeld
}

// Close frees the lease, if it is still ours. It may be called again. A renewal that is under way is waited for as long as the service may take
// for what comes then: one that is given up may still be done, and a service that compares and writes in two steps would then have it behind
// the word that the lease is free.
func (l *Lease) Close() error {
	l.stop()
	patience := time.AfterFunc(cleaning, l.quit)
	l.done.Wait()
	patience.Stop()
	l.quit()
	if l.note.Free {
		return nil
	}
	l.note.Free = true
	ctx, cancel := context.WithTimeout(context.Background(), cleaning)
	defer cancel()
	if err := l.put(ctx, l.etag); err != nil && !errors.Is(err, ErrHeld) {
		return l.s.c.wrap("free the lease", l.key, err)
	}
	return nil
}
