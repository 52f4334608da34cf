package s3_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store/s3"
)

// faults is a proxy before the server that spoils what it is told to.
type faults struct {
	endpoint string
	// before may answer a request itself, by returning true.
	before atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]
	// after may lose the answer to a request that was done, by returning true.
	after atomic.Pointer[func(r *http.Request) bool]
}

func startFaults(t *testing.T, server *pipelinetest.S3) *faults {
	t.Helper()
	target, err := url.Parse(server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
	}
	f := &faults{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if before := f.before.Load(); before != nil && (*before)(w, r) {
			return
		}
		after := f.after.Load()
		if after == nil {
			proxy.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		if (*after)(r) {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = answer.Body.WriteTo(w) // the client may be gone
	}))
	t.Cleanup(s.Close)
	f.endpoint = s.URL
	return f
}

// loseFirst loses the answer to the first request that is of this kind.
func (f *faults) loseFirst(kind func(r *http.Request) bool) *atomic.Int64 {
	var seen atomic.Int64
	after := func(r *http.Request) bool { return kind(r) && seen.Add(1) == 1 }
	f.after.Store(&after)
	return &seen
}

func TestPassingFailures(t *testing.T) {
	server := pipelinetest.StartS3(t)
	f := startFaults(t, server)
	s := open(t, server.Bucket(t, "corpus")+"/a", s3.Options{Endpoint: f.endpoint})
	var requests atomic.Int64
	before := func(w http.ResponseWriter, _ *http.Request) bool {
		switch requests.Add(1) % 3 {
		case 0:
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		case 1:
			panic(http.ErrAbortHandler)
		}
		return false
	}
	f.before.Store(&before)
	content := make([]byte, 9<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content) // it never fails
	if err := pipeline.WriteAll(t.Context(), s, "large", content); err != nil {
		t.Fatal(err)
	}
	got, err := pipeline.ReadAll(t.Context(), s, "large")
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes that differ, or %v", len(got), err)
	}
	if l, err := s.List(t.Context(), ""); err != nil || len(l) != 1 {
		t.Errorf("listed %v, %v", l, err)
	}
	if err := s.Probe(t.Context()); err != nil {
		t.Errorf("probe: %v", err)
	}
	if err := s.Remove(t.Context(), "large"); err != nil {
		t.Error(err)
	}
	if l, err := s.List(t.Context(), ""); err != nil || len(l) != 0 {
		t.Errorf("listed %v, %v", l, err)
	}
}

// TestBrokenReads ends each answer early once.
func TestBrokenReads(t *testing.T) {
	server := pipelinetest.StartS3(t)
	f := startFaults(t, server)
	bucket := server.Bucket(t, "corpus")
	content := bytes.Repeat([]byte("荆楚大地"), 50_000)
	if err := pipeline.WriteAll(t.Context(), open(t, bucket, s3.Options{}), "f", content); err != nil {
		t.Fatal(err)
	}
	s := open(t, bucket, s3.Options{Endpoint: f.endpoint})
	var gets atomic.Int64
	before := func(w http.ResponseWriter, _ *http.Request) bool {
		if gets.Add(1)%2 == 0 {
			return false
		}
		w.Header().Set("Content-Range", "bytes 0-65535/600000")
		w.Header().Set("Content-Length", "65536")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(make([]byte, 1000)) // a lie, and too short
		panic(http.ErrAbortHandler)
	}
	f.before.Store(&before)
	got, err := pipeline.ReadAll(t.Context(), s, "f")
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes that differ, or %v", len(got), err)
	}
}

// TestLostAnswers: what was done is not done again, and who did it knows.
func TestLostAnswers(t *testing.T) {
	server := pipelinetest.StartS3(t)
	f := startFaults(t, server)
	s := open(t, server.Bucket(t, "corpus")+"/a", s3.Options{Endpoint: f.endpoint})
	ctx := t.Context()

	conditional := func(r *http.Request) bool { return r.Header.Get("If-None-Match") != "" }
	seen := f.loseFirst(conditional)
	if err := s.PutNew(ctx, "manifests/1", []byte("ours")); err != nil {
		t.Errorf("the winner was told %v", err)
	}
	if seen.Load() < 2 {
		t.Error("no answer was lost")
	}
	f.loseFirst(conditional)
	if err := s.PutNew(ctx, "manifests/1", []byte("theirs")); !errors.Is(err, pipeline.ErrExists) {
		t.Errorf("the loser was told %v", err)
	}

	seen = f.loseFirst(func(r *http.Request) bool { return r.Method == http.MethodPost && r.URL.Query().Has("uploadId") })
	if err := pipeline.WriteAll(ctx, s, "large", make([]byte, 9<<20)); err != nil {
		t.Errorf("a lost answer to the end of an upload: %v", err)
	}
	if seen.Load() < 2 {
		t.Error("no answer was lost")
	}
}

func TestProbeRefusesWhatIgnoresConditions(t *testing.T) {
	server := pipelinetest.StartS3(t)
	f := startFaults(t, server)
	s := open(t, server.Bucket(t, "corpus"), s3.Options{Endpoint: f.endpoint})
	if err := s.Probe(t.Context()); err != nil {
		t.Fatalf("a store that honours If-None-Match: %v", err)
	}
	before := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("If-None-Match") == "" {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("ETag", `"0"`)
		return true
	}
	f.before.Store(&before)
	if err := s.Probe(t.Context()); !errors.Is(err, pipeline.ErrUsage) || !strings.Contains(err.Error(), "If-None-Match") {
		t.Errorf("a store that ignores it: %v", err)
	}
	if l, err := s.List(t.Context(), ""); err != nil || len(l) != 0 {
		t.Errorf("the probe left %v, %v", l, err)
	}
}

func TestReplacedWhileRead(t *testing.T) {
	s := open(t, pipelinetest.StartS3(t).Bucket(t, "corpus"), s3.Options{})
	if err := pipeline.WriteAll(t.Context(), s, "f", make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	if err := pipeline.WriteAll(t.Context(), s, "f", bytes.Repeat([]byte{1}, 1<<20)); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 10)
	if _, err := o.ReadAt(p, 1<<19); !errors.Is(err, s3.ErrReplaced) {
		t.Errorf("read of another object: %v", err)
	}
}

// TestRefused says why, and never with what.
func TestRefused(t *testing.T) {
	server := pipelinetest.StartS3(t)
	bucket := server.Bucket(t, "corpus")
	const secret = "a-wrong-secret-0af3"
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	at, err := s3.ParseURL(bucket)
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]s3.Options{
		"wrong secret": {},
		"no service":   {Endpoint: "http://127.0.0.1:1", Attempts: 2},
	} {
		_, err := s3.Open(t.Context(), at, o)
		if !errors.Is(err, pipeline.ErrUnreachable) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "millrace-test") {
			t.Errorf("%s: %v", name, err)
		}
	}
	at.Bucket = "no-such-bucket"
	t.Setenv("AWS_SECRET_ACCESS_KEY", server.Secret)
	if _, err := s3.Open(t.Context(), at, s3.Options{}); !errors.Is(err, pipeline.ErrUnreachable) || !strings.Contains(err.Error(), "no-such-bucket") {
		t.Errorf("no bucket: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s3.Open(ctx, at, s3.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]s3.Location{
		"s3://b":         {Bucket: "b"},
		"s3://b/":        {Bucket: "b"},
		"s3://b/a/b/":    {Bucket: "b", Prefix: "a/b"},
		"s3://b.c/新闻":    {Bucket: "b.c", Prefix: "新闻"},
		"s3://":          {},
		"s3:///a":        {},
		"s3://b//a":      {},
		"s3://b/../a":    {},
		"s3://k:s@b/a":   {},
		"s3://b?x=1":     {},
		"http://b":       {},
		"s3://b/\xff/no": {},
	} {
		got, err := s3.ParseURL(text)
		if got != want || (err == nil) != (want != s3.Location{}) {
			t.Errorf("%s: %+v, %v, want %+v", text, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "k:s") {
			t.Errorf("credentials are repeated: %v", err)
		}
	}
	for _, endpoint := range []string{"https://k:s@host", "ftp://host", "https://host/path", "https://", "http://%zz"} {
		if err := (s3.Options{Endpoint: endpoint}).Validate(); err == nil || strings.Contains(err.Error(), "k:s") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}
