package live

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/look"
)

// Source is what a page looks with. Each function is asked by several at once and must end with its context. One that is nil is not
// there, and neither is its part of the page.
type Source struct {
	Picture func(ctx context.Context) (Picture, error)
	// Versions, Ended and Dead are whole lists, newest first. They are asked for again when Picture.Edition is another.
	Versions func(ctx context.Context) ([]Version, error)
	Ended    func(ctx context.Context) ([]Ended, error)
	Dead     func(ctx context.Context) ([]DeadLetter, error)
	// Report is the report of a version as HTML that needs nothing else; version 0 is the newest.
	Report func(ctx context.Context, version int) ([]byte, error)
}

// Options say what a page shows beside, and to whom.
type Options struct {
	// Hosts are names that the page answers under, beside the address that it is reached at: names, or names with a port.
	Hosts []string
	// ShowText allows what quotes documents.
	ShowText bool
	// Silence is how long a worker may be silent.
	Silence time.Duration
	// Control is what can be done; nil: nothing.
	Control *Control
}

const (
	// maxClients bounds how many browsers are told of what happens at once.
	maxClients = 64
	pollEvery  = time.Second
	// heartbeatEvery is how often a browser hears that the connection is there though nothing has happened.
	heartbeatEvery = 15 * time.Second
	// writeTimeout is how long a browser may take nothing of what it is sent.
	writeTimeout = 10 * time.Second
	lookTimeout  = 5 * time.Second
	// listTimeout is how long a list may take to read; those who ask for it wait for lookTimeout, and ask again.
	listTimeout = 5 * time.Minute
	// reportTimeout is how long a report may take to be made, and how long somebody waits for those before it.
	reportTimeout = 2 * time.Minute
	// controlTimeout is how long an action may take.
	controlTimeout = 30 * time.Second
)

// Page answers for the page and all that it asks for. It is an http.Handler.
type Page struct {
	source  Source
	options Options
	mux     *http.ServeMux
	hub     hub
	tokens  attempts

	versions, ended, dead list
	reports               reports
	reading               sync.WaitGroup
	life                  context.Context //nolint:containedctx // lists are read on when who asked first has gone
	end                   context.CancelFunc
}

//go:embed web/index.html
var indexHTML []byte

//go:embed web/app.js
var appJS []byte

//go:embed web/page.css
var pageCSS []byte

// New is the page of a source. Close ends what it has begun.
func New(s Source, o Options) *Page {
	p := &Page{source: s, options: o, mux: http.NewServeMux()}
	p.reports.making = make(chan struct{}, 1)
	p.life, p.end = context.WithCancel(context.Background())
	p.hub = hub{
		picture: s.Picture, watch: watch{silence: o.Silence}, clean: p.clean, limit: maxClients, poll: pollEvery, heartbeat: heartbeatEvery,
		patience: writeTimeout,
	}
	file := func(kind string, data ...[]byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind+"; charset=utf-8")
			for _, d := range data {
				_, _ = w.Write(d) // who asked has gone
			}
		}
	}
	p.mux.HandleFunc("GET /{$}", file("text/html", indexHTML))
	p.mux.HandleFunc("GET /live/app.js", file("text/javascript", appJS))
	p.mux.HandleFunc("GET /live/page.css", file("text/css", look.CSS, pageCSS))
	p.mux.HandleFunc("GET /live/settings", p.own(p.settings))
	p.mux.HandleFunc("GET /events", p.own(p.hub.events))
	p.mux.HandleFunc("GET /live/workers", p.own(p.workers))
	if s.Versions != nil {
		p.mux.HandleFunc("GET /live/versions", p.own(p.pages(&p.versions, rowsOf(s.Versions))))
	}
	if s.Ended != nil {
		p.mux.HandleFunc("GET /live/ended", p.own(p.pages(&p.ended, rowsOf(s.Ended))))
	}
	if s.Dead != nil {
		p.mux.HandleFunc("GET /live/dead", p.own(p.pages(&p.dead, rowsOf(p.cleanDead(s.Dead)))))
	}
	if s.Report != nil {
		p.mux.HandleFunc("GET /report", p.report)
		p.mux.HandleFunc("GET /report/{version}", p.report)
	}
	if o.Control != nil {
		p.mux.HandleFunc("POST /live/control", p.control)
	}
	return p
}

// Close ends the reading of lists, and waits. Those who are told of what happens go with their requests.
func (p *Page) Close() {
	p.end()
	p.reading.Wait()
}

// ServeHTTP implements http.Handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	harden(w.Header())
	if !p.knows(r) {
		say(w, http.StatusMisdirectedRequest, "millrace does not answer under the name "+strconv.Quote(shortened(r.Host))+
			": reach it at the address that it listens on, or add the name to serve.hosts in the config")
		return
	}
	p.mux.ServeHTTP(w, r)
}

// settings is what the page shows, so that it leaves out what is not there.
func (p *Page) settings(w http.ResponseWriter, _ *http.Request) {
	s := p.source
	reply(w, map[string]bool{
		"versions": s.Versions != nil, "ended": s.Ended != nil, "dead": s.Dead != nil, "report": s.Report != nil,
		"control": p.options.Control != nil, "show_text": p.options.ShowText,
	})
}

// report answers with the report of a version.
func (p *Page) report(w http.ResponseWriter, r *http.Request) {
	version := 0
	if text := r.PathValue("version"); text != "" {
		var err error
		if version, err = strconv.Atoi(text); err != nil || version < 1 {
			say(w, http.StatusNotFound, "there is no such version")
			return
		}
	}
	if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(reportTimeout + writeTimeout)); err != nil {
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), reportTimeout)
	defer cancel()
	data, err := p.reports.get(ctx, p, version)
	switch {
	case errors.Is(err, ErrNoReport):
		say(w, http.StatusNotFound, pipeline.Plain(err))
		return
	case err != nil:
		say(w, http.StatusServiceUnavailable, pipeline.Plain(err))
		return
	}
	// A report is one file with its style in it, and runs nothing.
	w.Header().Set("Content-Security-Policy", reportPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(data) // who asked has gone
}

// ErrNoReport says that there is no report of a version.
var ErrNoReport = errors.New("there is no report of that version")

// say answers with a line of text.
func say(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text + "\n")) // who asked has gone
}

// reply answers with JSON. Letters that mean something in HTML are escaped in it.
func reply(w http.ResponseWriter, value any) {
	data, err := json.Marshal(value)
	if err != nil {
		say(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(data, '\n')) // who asked has gone
}
