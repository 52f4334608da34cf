package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

func TestHandler(t *testing.T) {
	var notReady error
	h := Handler(Views{
		Ready: func(context.Context) error { return notReady },
		Metrics: func(context.Context) ([]Metric, error) {
			return []Metric{
				{Name: "millrace_leader", Help: "It leads.", Samples: []Sample{{Value: 1}}},
				{Name: "millrace_tasks_total", Help: "Tasks\nby \\ stage.", Counter: true, Samples: []Sample{
					{Value: 1e15 / 3, Labels: []string{"stage", "parse", "text", "a\"b\\c\nd"}}, {Value: 0, Labels: []string{"stage", "sink"}},
				}},
			}, nil
		},
		Status: func(context.Context) (any, error) { return map[string]int{"n": 1}, nil },
	})
	ask := func(method, path string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody))
		return w.Code, w.Body.String()
	}
	const metrics = `# HELP millrace_leader It leads.
# TYPE millrace_leader gauge
millrace_leader 1
# HELP millrace_tasks_total Tasks\nby \\ stage.
# TYPE millrace_tasks_total counter
millrace_tasks_total{stage="parse",text="a\"b\\c\nd"} 3.333333333333333e+14
millrace_tasks_total{stage="sink"} 0
`
	for _, c := range []struct {
		method, path string
		code         int
		body         string
	}{
		{"GET", "/healthz", 200, "alive\n"},
		{"GET", "/readyz", 200, "ready\n"},
		{"GET", "/metrics", 200, metrics},
		{"GET", "/status", 200, "{\"n\":1}\n"},
		{"HEAD", "/healthz", 200, ""},
		{"POST", "/status", 405, ""},
		{"DELETE", "/metrics", 405, ""},
		{"GET", "/", 404, ""},
		{"GET", "/debug/pprof/", 404, ""},
	} {
		code, body := ask(c.method, c.path)
		if code != c.code || c.body != "" && body != c.body {
			t.Errorf("%s %s: %d\n%s\nwant %d\n%s", c.method, c.path, code, body, c.code, c.body)
		}
	}
	notReady = errors.New("nats is away")
	if code, body := ask("GET", "/readyz"); code != 503 || body != "not ready: nats is away\n" {
		t.Errorf("not ready: %d %s", code, body)
	}
	if code, _ := ask("GET", "/healthz"); code != 200 {
		t.Errorf("alive, but not ready: %d", code)
	}
}

func TestServe(t *testing.T) {
	l, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(t.Context(), l.Addr().String()); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("the same port again: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- Serve(ctx, l, Views{}) }()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/healthz", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil || string(body) != "alive\n" {
		t.Errorf("%q, %v", body, err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("stopped: %v", err)
	}
}

// TestPage: a page answers for what is nobody else's, and sees no bound of the views.
func TestPage(t *testing.T) {
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, bounded := r.Context().Deadline()
		_, _ = fmt.Fprintf(w, "the page: %s %s %v", r.Method, r.URL.Path, bounded)
	})
	h := Handler(Views{Page: page, Status: func(context.Context) (any, error) { return "status", nil }})
	for request, want := range map[string]string{
		"GET /": "the page: GET / false", "POST /live/control": "the page: POST /live/control false", "GET /healthz": "alive\n", "GET /status": "\"status\"\n",
		"POST /status": "Method Not Allowed\n", "GET /metrics": "404 page not found\n", "GET /readyz": "404 page not found\n",
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody))
		if got := w.Body.String(); got != want {
			t.Errorf("%s: %q, want %q", request, got, want)
		}
	}
}
