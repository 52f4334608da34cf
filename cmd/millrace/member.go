package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
)

// memberFlags are those that every command of a cluster has.
type memberFlags struct {
	out  string
	work string
	nats []string
	// sources are those that the command line names, where a command has a flag for that.
	sources []string
}

// addSources adds that flag.
func (f *memberFlags) addSources(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.sources, "source", nil, "`NAME=PATH`: where a source lies on this host, in place of its path in the config; may be repeated")
}

func (f *memberFlags) add(cmd *cobra.Command) {
	s := cmd.Flags()
	s.StringVar(&f.out, "out", "", "`URL` of the corpus: a folder, or s3://bucket/prefix (required, unless the config says out)")
	s.StringVar(&f.work, "work", "", "`URL` for what can be thrown away (default OUT/"+pipeline.WorkFolder+"); the same for all processes")
	s.StringSliceVar(&f.nats, "nats", nil, "`URL` of NATS, nats://host:4222, one or several (default: the server that millrace serve started)")
}

// config is the config with what the flags say.
func (f *memberFlags) config(a *app) (config.Config, error) {
	c, err := a.load()
	if err == nil {
		c, err = c.WithSources(f.sources)
	}
	if err != nil {
		return c, err
	}
	c.Out, c.Work = cmp.Or(f.out, c.Out), cmp.Or(f.work, c.Work)
	if len(f.nats) > 0 {
		c.NATS.URLs = f.nats
		if c, err = configError(c, c.Validate()); err != nil {
			return c, err
		}
	}
	if c.Out == "" {
		return c, usageError("name the corpus, such as --out corpus, or set out in the config", "--out is missing")
	}
	if c.Out, err = store.Absolute(c.Out); err == nil && c.Work != "" {
		c.Work, err = store.Absolute(c.Work)
	}
	return c, err
}

// serverName is the file in the work folder that says where the server of millrace serve listens, for its owner alone.
const serverName = "serve.json"

// serverFile is what it holds.
type serverFile struct {
	URL   string `json:"url"`
	Token string `json:"token"`
	// Sources are those of the coordinator, with their places, for who publishes files of them on its machine.
	Sources []intake.NamedPath `json:"sources,omitempty"`
}

// member is a process's connection to the control plane of a corpus.
type member struct {
	control *queue.Control
	close   func()
}

// join connects to NATS: the one of the config, or the one that millrace serve runs for the same corpus on this machine.
func join(ctx context.Context, c config.Config, as role, log zerolog.Logger) (*member, error) {
	o, err := c.NATS.Connection()
	if err != nil {
		return nil, err
	}
	hint := "check that the servers run, and nats in the config or --nats"
	if len(o.URLs) == 0 {
		hint = "millrace serve for this corpus has ended, it seems: start it again"
		var server serverFile
		err := waiting(ctx, as, log, func() (err error) {
			server, err = findServer(c)
			return err
		})
		if err != nil {
			return nil, err
		}
		o.URLs, o.Token = []string{server.URL}, server.Token
	}
	o.Name, o.Logger = "millrace "+cluster.NewID(), log
	conn, err := queue.Connect(ctx, o)
	if err != nil {
		return nil, pipeline.WithHint(err, hint)
	}
	m := &member{close: conn.Close}
	control := queue.ControlOptions{Replicas: c.NATS.Replicas, Patience: patience, BindOnly: as != coordinator, Logger: log}
	err = waiting(ctx, as, log, func() (err error) {
		m.control, err = queue.OpenControl(ctx, conn, corpusName(c), control)
		return err
	})
	if err == nil {
		return m, nil
	}
	conn.Close()
	if errors.Is(err, queue.ErrNoControl) {
		err = pipeline.WithHint(fmt.Errorf("%w: %w", pipeline.ErrUnreachable, err), "start millrace serve for this corpus")
	}
	return nil, err
}

// errNoServer says that no millrace serve runs a server for the corpus.
var errNoServer = errors.New("there is no --nats, and no millrace serve runs")

// waiting does try, again and again for a worker that has nobody to work for yet.
func waiting(ctx context.Context, as role, log zerolog.Logger, try func() error) error {
	for said := false; ; said = true {
		err := try()
		if as != worker || !errors.Is(err, queue.ErrNoControl) && !errors.Is(err, errNoServer) {
			return err
		}
		if !said {
			log.Info().Str("because", pipeline.Plain(err)).Msg("waiting for a coordinator")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// role is what a process does in a cluster.
type role int

const (
	client      role = iota // asks and looks
	worker                  // waits for a coordinator that makes the control plane
	coordinator             // makes it
)

// patience is how long NATS may be away before a process of a cluster gives up.
const patience = 2 * time.Minute

// findServer reads where the server of millrace serve listens.
func findServer(c config.Config) (s serverFile, err error) {
	const hint = "start millrace serve for this corpus on this machine, or name NATS by --nats"
	folder, ok := localWork(c)
	if !ok {
		return s, usageError(hint, "--nats is missing")
	}
	data, err := os.ReadFile(filepath.Join(folder, serverName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, usageError(hint, "%w for %s", errNoServer, c.Out)
	}
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil {
		return s, fmt.Errorf("find the server of millrace serve: %w", err)
	}
	return s, nil
}

// localWork is the work folder of a cluster, if it is one.
func localWork(c config.Config) (string, bool) {
	work := workOf(c)
	if work == "" || store.IsRemote(work) {
		return "", false
	}
	return work, true
}

// workOf is where the work files of a cluster lie: all its processes find them there. In a place that is named for work each corpus
// has a folder of its own: by its name in NATS, which all processes know it by, or by where it lies, if all are on this machine.
func workOf(c config.Config) string {
	if c.Work == "" {
		return store.Join(c.Out, pipeline.WorkFolder)
	}
	name := corpusName(c)
	if len(c.NATS.URLs) == 0 {
		sum := xxh3.HashString128(c.Out).Bytes()
		name += "-" + hex.EncodeToString(sum[:])
	}
	return store.Join(c.Work, "cluster-"+name)
}

// corpusName is what the corpus is called in the queue.
func corpusName(c config.Config) string {
	return cmp.Or(c.NATS.Corpus, cluster.SafeName(path.Base(filepath.ToSlash(c.Out))))
}

// site is where the processes of a cluster meet, opened.
type site struct {
	out, work store.Opened
}

// openSite opens the corpus and the work files. Others write there too, perhaps from other machines, so what is written is
// on the disk before it is named.
func openSite(ctx context.Context, c config.Config, access store.Access) (s *site, err error) {
	s = &site{}
	o := store.Options{Write: true, Sync: true, Access: access}
	if s.out, err = store.Open(ctx, c.Out, o); err != nil {
		return nil, err
	}
	if s.work, err = store.Open(ctx, workOf(c), o); err != nil {
		return nil, errors.Join(err, s.out.Close())
	}
	return s, nil
}

func (s *site) close() error { return errors.Join(s.work.Close(), s.out.Close()) }

// clusterOptions are the options of a process that takes part in runs.
func clusterOptions(c config.Config, log zerolog.Logger) (ingest.Options, error) {
	open, err := openingOf(c)
	if err != nil {
		return ingest.Options{}, err
	}
	return open.clusterOptions(log)
}

// clusterOptions are those of clusterOptions.
func (open *opening) clusterOptions(log zerolog.Logger) (ingest.Options, error) {
	c := open.config
	o, err := open.options()
	if err != nil {
		return o, err
	}
	o.Out, o.Log, o.AckWait = c.Out, log, c.NATS.AckWait
	if work, ok := localWork(c); ok {
		o.Work = work
	}
	o.Roots, err = absoluteRoots(c)
	return o, err
}

// absoluteRoots are the sources of the config whose place is known.
func absoluteRoots(c config.Config) ([]intake.Root, error) {
	roots := c.Roots()
	for i := range roots {
		var err error
		if roots[i].Root, err = store.Absolute(roots[i].Root); err != nil {
			return nil, fmt.Errorf("source %s: %w", roots[i].Name, err)
		}
	}
	return roots, nil
}

// knownRoots are absoluteRoots, and the sources that millrace serve has which runs a server for the corpus on this machine.
func knownRoots(c config.Config) ([]intake.Root, error) {
	roots, err := absoluteRoots(c)
	if len(c.NATS.URLs) > 0 || err != nil {
		return roots, err
	}
	server, err := findServer(c)
	for _, s := range server.Sources {
		if !slices.ContainsFunc(roots, func(r intake.Root) bool { return r.Name == s.Name }) {
			roots = append(roots, intake.Root{Name: s.Name, Root: s.Path})
		}
	}
	return roots, err
}
