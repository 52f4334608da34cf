package queue_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// What the roles may publish; docs/nats.md has the same lists. Each may subscribe to its own inbox only. A run's stream has
// a name of its own every night, and NATS matches whole words: so their names are stars.
var (
	readerSubjects = []string{
		"$JS.API.INFO",
		"$JS.API.STREAM.INFO.*",
		"$JS.API.STREAM.MSG.GET.*",
		"$JS.API.CONSUMER.INFO.*.*",
		"$JS.API.CONSUMER.CREATE.KV_millrace_news.>",
		"$JS.API.CONSUMER.DELETE.KV_millrace_news.*",
		"$JS.API.CONSUMER.MSG.NEXT.KV_millrace_news.*",
		"$KV.millrace_news.>",
	}
	workerSubjects = append([]string{
		"$JS.API.DIRECT.GET.*.>",
		"$JS.API.CONSUMER.MSG.NEXT.*.*",
		"$JS.ACK.>",
		"millrace.*.task.>",
		"millrace.*.done.>",
		"millrace.*.att.>",
	}, readerSubjects...)
	clientSubjects = append([]string{
		"$JS.API.CONSUMER.NAMES.*",
		"$JS.API.CONSUMER.PAUSE.*.*",
		"millrace.inbox.news.*",
	}, readerSubjects...)
	coordinatorSubjects = append([]string{
		"$JS.API.STREAM.CREATE.*",
		"$JS.API.STREAM.DELETE.*",
		"$JS.API.STREAM.PURGE.*",
		"$JS.API.CONSUMER.CREATE.>",
		"$JS.API.CONSUMER.DELETE.*.*",
		"$JS.API.CONSUMER.NAMES.*",
		"$JS.API.CONSUMER.PAUSE.*.*",
		"millrace.*.state",
		"millrace.inbox.news.*",
		"millrace.sched.news",
	}, workerSubjects...)
)

// TestPermissions does all that a run needs with users who may do no more than what is documented.
func TestPermissions(t *testing.T) {
	roles := map[string][]string{"worker": workerSubjects, "client": clientSubjects, "coordinator": coordinatorSubjects}
	n := startNode(t, func(o *server.Options) {
		for name, subjects := range roles {
			o.Users = append(o.Users, &server.User{Username: name, Password: "p", Permissions: &server.Permissions{
				Publish:   &server.SubjectPermission{Allow: subjects},
				Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX_" + name + ".>"}},
			}})
		}
	})
	as := func(name string) *nats.Conn {
		nc := connect(t, queue.ConnectOptions{User: name, Password: "p", InboxPrefix: "_INBOX_" + name}, n)
		t.Cleanup(func() {
			if err := nc.LastError(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
		return nc
	}
	ctx := t.Context()
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}

	coordinator := as("coordinator")
	control := openControl(t, coordinator, queue.ControlOptions{})
	lease := lead(t, control, "a", time.Minute)
	client := openControl(t, as("client"), queue.ControlOptions{BindOnly: true})
	check("publish", client.Publish(ctx, queue.FileRef{Source: "s", Path: "p"}))
	set(t, client, "start", "now", 0)
	_, upTo, err := control.Inbox(ctx)
	check("read the inbox", err)
	check("clear the inbox", control.ClearInbox(ctx, upTo))

	_, err = control.SetSchedule(ctx, &queue.Schedule{Cron: "* * * * * *"}, 1)
	check("schedule", err)
	fired := errors.New("fired")
	err = control.Fires(ctx, 1, func(_ time.Time, upTo uint64) error { return errors.Join(fired, control.ClearFires(ctx, upTo)) })
	if !errors.Is(err, fired) {
		t.Errorf("fires: %v", err)
	}
	_, err = control.SetSchedule(ctx, nil, 1)
	check("no schedule", err)

	o := queue.Options{Exclusive: true}
	r := create(t, coordinator, "r", o)
	enqueue(t, r, 0, 3)
	workerConn := as("worker")
	heart := openControl(t, workerConn, queue.ControlOptions{BindOnly: true})
	check("heartbeat", heart.Put(ctx, "workers.w", []byte("{}"), time.Minute))
	watch(t, heart, "workers", func(queue.ControlEntry) bool { return true })
	w, err := queue.Bind(ctx, workerConn, "r", queue.BindOptions{})
	check("bind", err)
	defer w.Close()
	check("look whether the run is there", w.Lives(ctx))
	_, err = heart.Missing(ctx)
	check("look whether the streams are there", err)
	for range 3 {
		d := receive(t, w)
		check("working", d.Working())
		_, err := w.Attempt(ctx, d.Task(), 1)
		check("attempt", err)
		_, _, err = w.Lookup(ctx, d.Task())
		check("look up", err)
		for range 2 {
			_, err = w.Record(ctx, d.Task(), entry(d.Task().Index))
			check("record", err)
		}
		check("hand over", w.Enqueue(ctx, pipeline.Task{Stage: "sign", Index: d.Task().Index}))
		check("ack", d.Ack(ctx))
	}
	stop := errors.New("stop")
	if err := r.Watch(ctx, func(pipeline.Entry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("watch: %v", err)
	}
	_, err = r.SetState(ctx, []byte("map"), 0)
	check("set state", err)

	status, err := queue.Bind(ctx, as("client"), "r", queue.BindOptions{})
	check("bind as client", err)
	defer status.Close()
	stages, err := status.Stages(ctx)
	check("stages", err)
	if len(stages) != 3 || !slices.Contains(stages, queue.StageBacklog{Stage: "sign", Waiting: 3}) {
		t.Errorf("stages: %+v", stages)
	}
	_, _, err = status.State(ctx)
	check("state", err)
	_, err = client.List(ctx, "workers")
	check("list", err)
	check("pause", status.Pause(ctx))
	check("resume", status.Resume(ctx))

	_, err = r.Stuck(ctx, "cut")
	check("stuck", err)
	check("revive", r.Revive(ctx, "cut"))
	create(t, coordinator, "r", o)
	check("check the lease", lease.Check(ctx))
	check("delete", r.Delete(ctx))
	lease.Resign()
	for _, nc := range []*nats.Conn{coordinator, workerConn} {
		if err := nc.LastError(); err != nil {
			t.Error(err)
		}
	}
}

// TestDenied checks that a worker cannot make or remove streams, or read what other users are told.
func TestDenied(t *testing.T) {
	n := startNode(t, func(o *server.Options) {
		o.Users = []*server.User{
			{Username: "coordinator", Password: "p"},
			{Username: "worker", Password: "p", Permissions: &server.Permissions{
				Publish:   &server.SubjectPermission{Allow: workerSubjects},
				Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX_worker.>"}},
			}},
		}
	})
	create(t, connect(t, queue.ConnectOptions{User: "coordinator", Password: "p"}, n), "r", queue.Options{})
	denied := make(chan error, 9)
	nc, err := nats.Connect(n.url(), nats.UserInfo("worker", "p"), nats.CustomInboxPrefix("_INBOX_worker"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { denied <- err }))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	for what, try := range map[string]func(context.Context) error{
		"create a stream": func(ctx context.Context) error {
			_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "X", Subjects: []string{"x"}})
			return err
		},
		"delete a stream":   func(ctx context.Context) error { return js.DeleteStream(ctx, "RUN_r") },
		"delete a consumer": func(ctx context.Context) error { return js.DeleteConsumer(ctx, "RUN_r", "cut") },
		"set the state":     func(context.Context) error { return nc.Publish("millrace.r.state", nil) },
		"read other inboxes": func(context.Context) error {
			_, err := nc.SubscribeSync("_INBOX.>")
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- try(ctx) }()
		if err := <-denied; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v, want a permission violation", what, err)
		}
		cancel() // no answer will come
		if err := <-done; err == nil {
			continue // a plain publish is not answered
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestPermissionsDocumented compares the lists with the page that operators copy them from.
func TestPermissionsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/nats.md")
	if err != nil {
		t.Fatal(err)
	}
	for role, subjects := range map[string][]string{
		"worker": workerSubjects, "client": clientSubjects, "coordinator": coordinatorSubjects,
	} {
		_, block, found := bytes.Cut(page, []byte("# "+role+"\n"))
		block, _, _ = bytes.Cut(block, []byte("```"))
		if !found {
			t.Errorf("no permissions of a %s", role)
		}
		var documented int
		for line := range strings.Lines(string(block)) {
			if strings.HasPrefix(strings.TrimSpace(line), `"`) {
				documented++
			}
		}
		for _, s := range subjects {
			if !bytes.Contains(block, []byte(`"`+s+`"`)) {
				t.Errorf("%s: %s is not documented", role, s)
			}
		}
		if documented != len(subjects) {
			t.Errorf("%s: %d subjects are documented, %d are needed", role, documented, len(subjects))
		}
	}
}
