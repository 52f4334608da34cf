package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline/pipelinetest"
)

// TestOperatorDeletes: whatever an operator deletes, or empties, of ours in NATS while a run is under way, the run ends right, later
// runs do too, and what is ready says so again. Nothing is restarted.
func TestOperatorDeletes(t *testing.T) {
	if testing.Short() {
		t.Skip("skip: it takes a minute")
	}
	t.Parallel()
	in := news(t, 41, 150)
	want := alone(t, in)
	purge := func(name string) func(context.Context, jetstream.JetStream) error {
		return func(ctx context.Context, js jetstream.JetStream) error {
			s, err := js.Stream(ctx, streamNamed(ctx, js, name))
			if err != nil {
				return err
			}
			return s.Purge(ctx)
		}
	}
	remove := func(name string) func(context.Context, jetstream.JetStream) error {
		return func(ctx context.Context, js jetstream.JetStream) error {
			return js.DeleteStream(ctx, streamNamed(ctx, js, name))
		}
	}
	for name, do := range map[string]func(context.Context, jetstream.JetStream) error{
		"bucket": remove("KV_"), "inbox": remove("MILLRACE_INBOX_"), "schedule": remove("MILLRACE_SCHED_"), "run": remove("RUN_"),
		"bucket emptied": purge("KV_"), "inbox emptied": purge("MILLRACE_INBOX_"), "run emptied": purge("RUN_"),
		"consumers": removeConsumers,
		"all": func(ctx context.Context, js jetstream.JetStream) error {
			return errors.Join(remove("KV_")(ctx, js), remove("MILLRACE_INBOX_")(ctx, js), remove("MILLRACE_SCHED_")(ctx, js), remove("RUN_")(ctx, js))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startNATS(t)
			f := newFleet(t, in, filepath.Join(t.TempDir(), "corpus"))
			address := net.JoinHostPort("127.0.0.1", strconv.Itoa(pipelinetest.FreePort(t)))
			f.configure(in, server.setting("corpus"), "schedule: {cron: '0 0 1 1 *'}")
			binary, err := built()
			if err != nil {
				t.Fatal(err)
			}
			serve := f.start("serve", nil, binary, "serve", "--config", f.config, "--log-format", "json", "--log-level", "info", "--http", address)
			serve.waitFor(`"leading"`)
			worker := f.child("worker", "STOP:worker:recorded#3")
			start := f.millrace("start", "--wait", "--json")
			worker.waitFor("reached worker:recorded")
			nc, err := nats.Connect("nats://127.0.0.1:" + server.port)
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			js, err := jetstream.New(nc)
			if err == nil {
				err = do(t.Context(), js)
			}
			if err != nil {
				t.Fatal(err)
			}
			worker.wake()
			end := time.Now().Add(2 * patienceOfTests)
			select {
			case <-start.ended:
			case <-time.After(time.Until(end)):
				t.Fatal("the run never ends")
			}
			f.finish(start, want)
			if e := f.do("start", "--wait", "--id", "later"); e.code != exitDone || !strings.Contains(e.stdout, "nothing new") {
				t.Errorf("a later run: exit %d\n%s", e.code, e.stdout)
			}
			untilReady(t, address)
			for _, p := range []*process{serve, worker} {
				if n := strings.Count(p.said(), "\n"); n > 60 {
					t.Errorf("%s says %d lines:\n%s", p.name, n, tail(p.said()))
				}
			}
			f.stop(worker, serve)
		})
	}
}

// streamNamed is the stream whose name begins so, "none" if there is none.
func streamNamed(ctx context.Context, js jetstream.JetStream, prefix string) string {
	for name := range js.StreamNames(ctx).Name() {
		if strings.HasPrefix(name, prefix) {
			return name
		}
	}
	return "none"
}

func removeConsumers(ctx context.Context, js jetstream.JetStream) error {
	s, err := js.Stream(ctx, streamNamed(ctx, js, "RUN_"))
	if err != nil {
		return err
	}
	for name := range s.ConsumerNames(ctx).Name() {
		if err := s.DeleteConsumer(ctx, name); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return err
		}
	}
	return nil
}

// untilReady waits until a process says that it can do its work.
func untilReady(t *testing.T, address string) {
	t.Helper()
	var said string
	for end := time.Now().Add(patienceOfTests); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		code, text := readyz(t, address)
		if said = fmt.Sprint(code, " ", text); code == http.StatusOK {
			return
		}
	}
	t.Errorf("never ready: %s", said)
}

func readyz(t *testing.T, address string) (code int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }() // read only
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(data)
}
