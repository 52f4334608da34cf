package live

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"

	"github.com/millrace/millrace/pipeline"
)

// maxPage bounds how much of a list is handed out at once.
const maxPage = 100

// page is a part of a list.
type page struct {
	Total  int               `json:"total"`
	Offset int               `json:"offset"`
	Rows   []json.RawMessage `json:"rows"`
}

// list is a list as it was read last, a row as JSON each. It is read for one edition at a time, once, whoever asks.
type list struct {
	mu      sync.Mutex
	edition string            // guarded by mu: of rows
	rows    []json.RawMessage // guarded by mu
	err     error             // guarded by mu: of the last reading
	reading chan struct{}     // guarded by mu: closed when the reading under way has ended; nil without one
	begun   string            // guarded by mu: the edition that is being read
}

// get is the rows of an edition. If they are not read before ctx ends it is an error, and who asks again gets them.
func (l *list) get(ctx context.Context, p *Page, edition string, read func(context.Context) ([]json.RawMessage, error)) ([]json.RawMessage, error) {
	for asked := false; ; asked = true {
		l.mu.Lock()
		if l.rows != nil && l.edition == edition {
			defer l.mu.Unlock()
			return l.rows, nil
		}
		if asked && l.reading == nil && l.begun == edition && l.err != nil {
			defer l.mu.Unlock()
			return nil, l.err
		}
		if l.reading == nil {
			done := make(chan struct{})
			l.reading, l.begun = done, edition
			p.reading.Go(func() { l.read(p.life, edition, done, read) })
		}
		reading := l.reading
		l.mu.Unlock()
		select {
		case <-reading:
		case <-ctx.Done():
			return nil, errReading
		}
	}
}

var errReading = errors.New("the list is still being read: ask again")

func (l *list) read(ctx context.Context, edition string, done chan struct{}, read func(context.Context) ([]json.RawMessage, error)) {
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	rows, err := read(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err = err; err == nil {
		l.rows, l.edition = rows, edition
	}
	l.reading = nil
	close(done)
}

// forget has the list read again when it is asked for.
func (l *list) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = nil
}

// rowsOf reads a list as rows of JSON.
func rowsOf[T any](read func(context.Context) ([]T, error)) func(context.Context) ([]json.RawMessage, error) {
	return func(ctx context.Context) ([]json.RawMessage, error) {
		values, err := read(ctx)
		if err != nil {
			return nil, err
		}
		rows := make([]json.RawMessage, len(values))
		for i := range values {
			if rows[i], err = json.Marshal(&values[i]); err != nil {
				return nil, err
			}
		}
		return rows, nil
	}
}

// cleanDead is dead letters with reasons that may be shown.
func (p *Page) cleanDead(read func(context.Context) ([]DeadLetter, error)) func(context.Context) ([]DeadLetter, error) {
	return func(ctx context.Context) ([]DeadLetter, error) {
		values, err := read(ctx)
		for i := range values {
			values[i].Reason = p.clean(values[i].Reason)
		}
		return values, err
	}
}

// pages hands out a list.
func (p *Page) pages(l *list, read func(context.Context) ([]json.RawMessage, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		offset, limit, ok := asked(w, r)
		if !ok {
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), lookTimeout)
		defer cancel()
		now, err := p.hub.newest(ctx)
		var rows []json.RawMessage
		if err == nil {
			rows, err = l.get(ctx, p, now.edition, read)
		}
		if err != nil {
			say(w, http.StatusServiceUnavailable, pipeline.Plain(err))
			return
		}
		reply(w, page{len(rows), offset, rows[min(offset, len(rows)):min(offset+limit, len(rows))]})
	}
}

// workers hands out the workers, those that something is wrong with first.
func (p *Page) workers(w http.ResponseWriter, r *http.Request) {
	offset, limit, ok := asked(w, r)
	if !ok {
		return
	}
	now, err := p.hub.newest(r.Context())
	if err != nil {
		say(w, http.StatusServiceUnavailable, pipeline.Plain(err))
		return
	}
	crew := now.workers
	part := crew[min(offset, len(crew)):min(offset+limit, len(crew))]
	reply(w, map[string]any{"total": len(crew), "offset": offset, "rows": append([]Worker{}, part...)})
}

// asked is which part of a list is asked for.
func asked(w http.ResponseWriter, r *http.Request) (offset, limit int, ok bool) {
	q := r.URL.Query()
	number := func(name string, value int) int {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return -1
			}
			return n
		}
		return value
	}
	offset, limit = number("offset", 0), min(number("limit", maxPage), maxPage)
	if offset < 0 || limit < 1 {
		say(w, http.StatusBadRequest, "offset and limit are numbers")
		return 0, 0, false
	}
	return offset, limit, true
}
