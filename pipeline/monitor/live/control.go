package live

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// Control is what can be done by who has the token.
type Control struct {
	Token string
	// Do does it, and says in a line what it has done. An error of the user's is a pipeline.ErrUsage.
	Do func(ctx context.Context, a Action) (string, error)
}

// What can be done.
const (
	Start  = "start"
	Pause  = "pause"
	Resume = "resume"
	Cancel = "cancel"
	Retry  = "retry" // a dead letter
)

// Action is what is to be done. ID is that of the run that is under way, or of the dead letter: nothing is done to another one.
type Action struct {
	Do string `json:"do"`
	ID string `json:"id,omitempty"`
}

// maxAction bounds what is read of a request.
const maxAction = 4 << 10

func (p *Page) control(w http.ResponseWriter, r *http.Request) {
	if !sameOrigin(r) {
		say(w, http.StatusForbidden, "this is for the page of millrace alone, not for those of other sites")
		return
	}
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		from = r.RemoteAddr
	}
	if !p.tokens.may(from, time.Now()) {
		w.Header().Set("Retry-After", "60")
		say(w, http.StatusTooManyRequests, "too many wrong tokens: wait a minute")
		return
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	// The digests have one length, so nothing is told by the time of the comparison.
	got, want := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(p.options.Control.Token))
	if subtle.ConstantTimeCompare(got[:], want[:]) != 1 || !ok || p.options.Control.Token == "" {
		p.tokens.wrong(from, time.Now())
		w.Header().Set("WWW-Authenticate", `Bearer realm="millrace"`)
		say(w, http.StatusUnauthorized, "this takes the token of serve.control_token_file")
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		say(w, http.StatusUnsupportedMediaType, "what is to be done is JSON")
		return
	}
	var a Action
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAction))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil || d.Decode(&struct{}{}) != io.EOF {
		say(w, http.StatusBadRequest, `what is to be done looks like {"do":"pause","id":"…"}`)
		return
	}
	switch a.Do {
	case Start, Pause, Resume, Cancel, Retry:
	default:
		say(w, http.StatusBadRequest, "what can be done is "+strings.Join([]string{Start, Pause, Resume, Cancel, Retry}, ", "))
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), controlTimeout)
	defer cancel()
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(controlTimeout + writeTimeout)); err != nil {
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	done, err := p.options.Control.Do(ctx, a)
	p.dead.forget()
	switch {
	case errors.Is(err, pipeline.ErrUsage):
		say(w, http.StatusConflict, pipeline.Plain(err))
	case err != nil:
		say(w, http.StatusServiceUnavailable, pipeline.Plain(err))
	default:
		reply(w, map[string]string{"done": done})
	}
}

const (
	wrongTokens = 10 // that an address may send in wrongWithin
	wrongWithin = time.Minute
	// wrongPlaces bounds how many addresses are remembered. When there are as many, others wait too.
	wrongPlaces = 256
)

// attempts remembers where wrong tokens came from.
type attempts struct {
	mu   sync.Mutex
	from map[string]*wrongs // guarded by mu
}

type wrongs struct {
	since time.Time
	n     int
}

// may says whether an address may send a token.
func (a *attempts) may(from string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for at, w := range a.from {
		if now.Sub(w.since) > wrongWithin {
			delete(a.from, at)
		}
	}
	if w := a.from[from]; w != nil {
		return w.n < wrongTokens
	}
	return len(a.from) < wrongPlaces
}

// wrong takes note of a wrong token.
func (a *attempts) wrong(from string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.from == nil {
		a.from = map[string]*wrongs{}
	}
	w := a.from[from]
	if w == nil {
		w = &wrongs{since: now}
		a.from[from] = w
	}
	w.n++
}
