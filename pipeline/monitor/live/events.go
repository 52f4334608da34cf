package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// hub tells browsers of what happens: one of its goroutines takes the pictures for all of them, while there is one.
type hub struct {
	picture   func(context.Context) (Picture, error)
	clean     func(reason string) string
	limit     int
	poll      time.Duration
	heartbeat time.Duration
	patience  time.Duration

	mu      sync.Mutex
	clients map[*client]struct{} // guarded by mu
	last    event                // guarded by mu: the last one, none at first
	latest  latest               // guarded by mu
	end     context.CancelFunc   // guarded by mu: ends the goroutine
	polling chan struct{}        // guarded by mu: closed when it has ended

	looking sync.Mutex // held by who takes a picture
	watch   watch      // guarded by looking
}

// latest is what the last picture has that is not sent with it.
type latest struct {
	taken   time.Time
	edition string
	workers []Worker // those that something is wrong with first
}

// client is a browser. What it has not taken yet when something else happens is out of date, and is left out.
type client struct {
	next chan event // room for one
}

// event is what a browser is told: a picture, or why there is none.
type event struct {
	kind string
	data []byte // JSON
}

// text is the event as it is sent. What it says of times is by the clock that it tells.
func (e *event) text(now time.Time) []byte {
	b := append([]byte("event: "), e.kind...)
	b = strconv.AppendInt(append(b, "\ndata: {\"now\":"...), now.UnixMilli(), 10)
	b = append(append(b, ",\"is\":"...), e.data...)
	return append(b, "}\n\n"...)
}

func (c *client) offer(e event) {
	for {
		select {
		case c.next <- e:
			return
		default:
		}
		select {
		case <-c.next:
		default:
		}
	}
}

// join adds a browser. It is false if there are as many as there may be.
func (h *hub) join() (*client, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.clients) >= h.limit {
		return nil, false
	}
	c := &client{next: make(chan event, 1)}
	if h.clients == nil {
		h.clients = map[*client]struct{}{}
	}
	h.clients[c] = struct{}{}
	if h.end != nil {
		if h.last.kind != "" {
			c.offer(h.last)
		}
		return c, true
	}
	ctx, end := context.WithCancel(context.Background()) // it is there for all of them, and ends with the last
	ended := make(chan struct{})
	h.end, h.polling = end, ended
	go func() {
		defer close(ended)
		h.run(ctx)
	}()
	return c, true
}

// leave takes a browser away. With the last one it waits until no more pictures are taken.
func (h *hub) leave(c *client) {
	h.mu.Lock()
	delete(h.clients, c)
	var ended chan struct{}
	if len(h.clients) == 0 {
		h.end()
		ended = h.polling
		h.end, h.polling, h.last = nil, nil, event{}
	}
	h.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// run takes pictures until ctx ends.
func (h *hub) run(ctx context.Context) {
	tick := time.NewTicker(h.poll)
	defer tick.Stop()
	var before event
	for {
		e := h.event(ctx)
		if ctx.Err() != nil {
			return
		}
		if e.kind != before.kind || !bytes.Equal(e.data, before.data) {
			before = e
			h.mu.Lock()
			h.last = e
			for c := range h.clients {
				c.offer(e)
			}
			h.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// event takes a picture.
func (h *hub) event(ctx context.Context) (e event) {
	shown, err := h.look(ctx)
	if err == nil {
		e.kind = "picture"
		e.data, err = json.Marshal(shown)
	}
	if err != nil {
		e.kind = "trouble"
		e.data, _ = json.Marshal(map[string]string{"error": pipeline.Plain(err)}) // a text is always encoded
	}
	return e
}

// shownPicture is a picture as it is sent.
type shownPicture struct {
	Picture
	Crew Crew `json:"crew"`
}

// look takes a picture.
func (h *hub) look(ctx context.Context) (s shownPicture, err error) {
	h.looking.Lock()
	defer h.looking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if s.Picture, err = h.picture(ctx); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = errors.New("the control plane does not answer")
		}
		return s, err
	}
	now := time.Now()
	workers := h.watch.see(now, s.Workers)
	s.Crew = crewOf(workers)
	s.DeadLetters = shortList(s.DeadLetters)
	for i := range s.DeadLetters {
		s.DeadLetters[i].Reason = h.clean(s.DeadLetters[i].Reason)
	}
	h.mu.Lock()
	h.latest = latest{now, s.Edition, workers}
	h.mu.Unlock()
	return s, nil
}

// newest is what the last picture has. While nobody is told of what happens there is none, and one is taken.
func (h *hub) newest(ctx context.Context) (latest, error) {
	h.mu.Lock()
	l := h.latest
	h.mu.Unlock()
	if time.Since(l.taken) <= 2*h.poll {
		return l, nil
	}
	if _, err := h.look(ctx); err != nil {
		return l, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.latest, nil
}

// events sends a browser what happens until it goes.
func (h *hub) events(w http.ResponseWriter, r *http.Request) {
	c, ok := h.join() //nolint:contextcheck // who listens first begins what is there for all
	if !ok {
		w.Header().Set("Retry-After", "10")
		say(w, http.StatusServiceUnavailable, "as many browsers as can be are connected")
		return
	}
	defer h.leave(c)
	// The server's bounds are for answers that end.
	connection := http.NewResponseController(w)
	if err := connection.SetReadDeadline(time.Time{}); err != nil {
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	send := func(data []byte) bool {
		if connection.SetWriteDeadline(time.Now().Add(h.patience)) != nil {
			return false
		}
		_, err := w.Write(data)
		return err == nil && connection.Flush() == nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // a proxy hands it on as it comes
	if !send([]byte("retry: 2000\n\n")) {
		return
	}
	beat := time.NewTicker(h.heartbeat)
	defer beat.Stop()
	for {
		data := []byte(": here\n\n")
		select {
		case <-r.Context().Done():
			return
		case e := <-c.next:
			data = e.text(time.Now())
		case <-beat.C:
		}
		if !send(data) {
			return
		}
	}
}
