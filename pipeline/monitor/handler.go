package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/millrace/millrace/pipeline"
)

// Views are what a process shows of itself over HTTP. Each is asked for every request, by several at once, and must end with
// its context. One that is nil is not there.
type Views struct {
	// Ready says what keeps the process from doing its work; nil is nothing.
	Ready   func(ctx context.Context) error
	Metrics func(ctx context.Context) ([]Metric, error)
	Status  func(ctx context.Context) (any, error) // shown as JSON
	// Page answers for all other paths. It bounds its answers itself, says how they may be kept, and has to close itself.
	Page http.Handler
}

const (
	viewTimeout  = 5 * time.Second
	readTimeout  = 5 * time.Second
	writeTimeout = viewTimeout + 10*time.Second
	closeTimeout = 2 * time.Second
	maxHeader    = 16 << 10
)

// Handler answers GET for /healthz (the process lives), /readyz (it can do its work, 503 otherwise), /metrics (for
// Prometheus) and /status. It changes nothing, whoever asks, but by the page, if there is one.
func Handler(v Views) http.Handler {
	own := map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true, "/status": true} // whatever the method
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive\n") })
	if v.Ready != nil {
		mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
			if err := v.Ready(r.Context()); err != nil {
				say(w, http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
				return
			}
			say(w, http.StatusOK, "ready\n")
		})
	}
	if v.Metrics != nil {
		mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
			list, err := v.Metrics(r.Context())
			if err != nil {
				say(w, http.StatusServiceUnavailable, err.Error()+"\n")
				return
			}
			w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
			_ = writeMetrics(w, list) // who asked has gone
		})
	}
	if v.Status != nil {
		mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
			status, err := v.Status(r.Context())
			if err != nil {
				say(w, http.StatusServiceUnavailable, err.Error()+"\n")
				return
			}
			data, err := json.Marshal(status)
			if err != nil {
				say(w, http.StatusInternalServerError, err.Error()+"\n")
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(append(data, '\n')) // who asked has gone
		})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "" && v.Page != nil && !own[r.URL.Path] {
			v.Page.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		ctx, cancel := context.WithTimeout(r.Context(), viewTimeout)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})
}

func say(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text)) // who asked has gone
}

// Listen opens the address for Serve. One that is in use, or no address, is a pipeline.ErrUsage.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, pipeline.WithHint(fmt.Errorf("%w: listen on %s for health and metrics: %w", pipeline.ErrUsage, address, err),
			`another process may listen there: set another address, 127.0.0.1:0 for any free port, or "" for none`)
	}
	return l, nil
}

// Serve answers what comes in at l until ctx ends, and closes l.
func Serve(ctx context.Context, l net.Listener, v Views) error {
	s := &http.Server{
		Handler: Handler(v), ReadTimeout: readTimeout, ReadHeaderTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: time.Minute, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
		defer cancel()
		if s.Shutdown(bounded) != nil {
			_ = s.Close() // nobody is left to be told
		}
	})
	err := s.Serve(l)
	if !stop() {
		<-stopped
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
