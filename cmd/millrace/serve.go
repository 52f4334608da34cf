package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/views"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

func newServe(a *app) *cobra.Command {
	var f memberFlags
	var http string
	var slots int
	cmd := &cobra.Command{
		Use:   "serve [flags]",
		Short: "Coordinate the runs of a corpus",
		Long: `Plans the runs that millrace start asks for, watches over them and commits them; workers do the tasks. Two of them may
run for one corpus: one leads, the other takes over within seconds if it dies.

Without --nats it starts a NATS server of its own, on a free port of the loopback address, with a token in the work folder
that the other commands find. --source NAME=PATH names a source without a config: a run reads all of it. A page that shows
all of it, health and metrics are on serve.http, which is loopback unless set otherwise: http://127.0.0.1:8642/.

Where one machine does everything, --work-here N has it start a worker with N slots beside itself, which ends with it: no other process is
needed. Others may join.`,
		Example: "  millrace serve --out corpus --source news=data/news --work-here 4\n  millrace serve --out corpus --config configs/laptop.yaml\n  millrace serve --config configs/cluster.yaml",
		Args:    wantArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.config(a)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("http") {
				c.Serve.HTTP = http
			}
			if cmd.Flags().Changed("work-here") {
				c.Serve.WorkHere = slots
			}
			if c, err = configError(c, c.Validate()); err != nil {
				return err
			}
			if n, ok := worksHere(); ok {
				c.Workers = n
				return a.work(cmd.Context(), c)
			}
			log, err := a.logger()
			if err != nil {
				return err
			}
			return serve(cmd.Context(), c, a.err, log)
		},
	}
	f.add(cmd)
	f.addSources(cmd)
	cmd.Flags().IntVar(&slots, "work-here", 0, "`N` slots of a worker beside this coordinator (default none)")
	cmd.Flags().StringVar(&http, "http", "", "`ADDRESS` of the page, health and metrics; \"\" for none (default 127.0.0.1:8642)")
	return cmd
}

// serve runs one coordinator until ctx ends.
func serve(ctx context.Context, c config.Config, stderr io.Writer, log zerolog.Logger) (err error) {
	tally := &cluster.Tally{}
	open, err := openingOf(c)
	if err != nil {
		return err
	}
	options, err := open.clusterOptions(log)
	if err != nil {
		return err
	}
	if _, err := open.rules(); err != nil {
		return err
	}
	options.Observer, options.Planning = tally, &pipeline.Planning{}
	leader, shown := &cluster.Coordinator{}, views.New(stageNames())
	looks, err := pageOptions(c, log)
	if err != nil {
		return err
	}
	page := shown.Page(looks)
	defer page.Close()
	_, stop, err := views.Listen(ctx, c.Serve.HTTP, shown.Coordinator(leader.Leading, page), log)
	if err != nil {
		return err
	}
	defer stop()
	site, err := openSite(ctx, c, options.Access)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, site.close()) }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if len(c.NATS.URLs) == 0 {
		stop, err := ownServer(ctx, c, log, cancel)
		if err != nil {
			return err
		}
		defer stop()
	}
	m, err := join(ctx, c, coordinator, log)
	if err != nil {
		return err
	}
	defer m.close()
	leader.Schedule, leader.Control, leader.Log, leader.Progress = looks.Schedule, m.control, log, tally.Progress
	leader.Planning = options.Planning
	leader.Site = engine.NewSite(options.Engine(), site.out, site.work)
	leader.Queue = queue.Options{AckWait: c.NATS.AckWait, Replicas: c.NATS.Replicas}
	at := openCorpus(site.out)
	newest, err := at.Newest(ctx)
	if err != nil {
		return err
	}
	shown.Joined(&cluster.Client{Control: m.control}, at, views.CommitOf(newest))
	g, working := errgroup.WithContext(ctx)
	g.Go(func() error { return leader.Run(working) })
	if c.Serve.WorkHere > 0 {
		g.Go(func() error { return workHere(working, c, stderr, log) })
	}
	if err := g.Wait(); err != nil || errors.Is(context.Cause(ctx), errInterrupted) {
		return err // being told to stop is how it ends
	}
	return context.Cause(ctx)
}

// ownServer starts NATS in this process, and says in the work folder where it is: to this user alone. A lock keeps a second one off its
// folder; stop holds it, since the garbage collector closes a file that nobody holds, and then it is free.
func ownServer(ctx context.Context, c config.Config, log zerolog.Logger, fatal context.CancelCauseFunc) (stop func(), err error) {
	folder, ok := localWork(c)
	if !ok {
		return nil, usageError("name NATS by --nats", "a server of our own needs a work folder on this machine")
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return nil, err
	}
	lock, err := store.TryLock(filepath.Join(folder, "nats.lock"))
	if err != nil {
		if errors.Is(err, store.ErrLocked) {
			err = pipeline.WithHint(err, "another millrace serve runs here: stop it, or let both use one NATS by --nats")
		}
		return nil, err
	}
	port, token := listenedAt(ctx, c)
	at := filepath.Join(folder, "serve-nats")
	server, err := queue.StartEmbedded(ctx, at, queue.EmbeddedOptions{
		Logger: log, SyncAlways: c.NATS.Sync == config.SyncAlways, Listen: true, Port: port, Token: token, OnFatal: func(err error) { fatal(err) },
	})
	if errors.Is(err, queue.ErrDamaged) {
		err = pipeline.WithHint(err, "remove the folder "+at+": what was published and not run yet has to be published again")
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	file := serverFile{URL: server.URL(), Token: server.Token()}
	roots, err := absoluteRoots(c)
	for _, r := range roots {
		file.Sources = append(file.Sources, intake.NamedPath{Name: r.Name, Path: r.Root})
	}
	var data []byte
	if err == nil {
		data, err = json.Marshal(file)
	}
	if err == nil {
		err = writePrivate(filepath.Join(folder, serverName), data)
	}
	if err != nil {
		server.Close()
		return nil, errors.Join(fmt.Errorf("say where nats listens: %w", err), lock.Close())
	}
	return func() {
		server.Close()
		_ = lock.Close() // nothing was written
	}, nil
}

// listenedAt is where the server of the last millrace serve listened, if that port is free: its workers still look for it there.
// The caller holds the lock that serve has.
func listenedAt(ctx context.Context, c config.Config) (port int, token string) {
	last, err := findServer(c)
	if err != nil {
		return 0, ""
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", strings.TrimPrefix(last.URL, "nats://"))
	if err != nil {
		return 0, last.Token
	}
	at, ok := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil || !ok {
		return 0, last.Token
	}
	return at.Port, last.Token
}

// writePrivate replaces a file by one that only its owner reads.
func writePrivate(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".tmp-serve-") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
