package engine

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/rs/zerolog"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// workspace is where the disposable files of jobs lie. All of it may be lost: that costs time, nothing else. It is one corpus's
// alone: a folder that the user names for work holds one for each corpus, named after the corpus's identity.
//
//	lock               held while a run, drop, compact or gc has the corpus
//	boot               the boot of the machine that wrote the rest
//	nats/              the embedded queue
//	barren.json        the last run that kept nothing: see barren
//	runs/<plan>/       plan.json, run.json (see ticket), spills, phase files of the unfinished run
type workspace struct {
	folder   string // on this host
	identity identity
	store    *store.Local
	locks    []*store.Lock
	log      zerolog.Logger
}

const (
	runsFolder = "runs"
	natsFolder = "nats"
	// BarrenName is the work file in which a kind of job may note, for the next one of it, that the last one came to nothing.
	BarrenName = "barren.json"
	bootName   = "boot"
	lockName   = "lock"
)

// settleWork settles the folder for work files: the one asked for, in which every corpus has a folder of its own, that of a
// corpus in a folder, or one of this user's, named after the corpus, for a corpus elsewhere.
func (o *Options) settleWork() error {
	if store.IsRemote(o.Work) {
		return pipeline.WithHint(fmt.Errorf("%w: work %s: a run in one process keeps its work on this machine", pipeline.ErrUsage, o.Work),
			"name a folder by --work")
	}
	own := ""
	if !store.IsRemote(o.Out) {
		own = filepath.Join(o.Out, pipeline.WorkFolder)
	}
	if o.Work != "" {
		var err error
		o.Work, err = store.Absolute(o.Work)
		o.workIsShared = o.Work != own
		return err
	}
	if own != "" {
		o.Work = own
		return nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return pipeline.WithHint(fmt.Errorf("%w: no folder for work files: %w", pipeline.ErrUsage, err), "name one by --work")
	}
	digest := xxh3.HashString128(o.Out).Bytes()
	o.Work = filepath.Join(cache, "millrace", path.Base(o.Out)+"-"+hex.EncodeToString(digest[:4]))
	o.Log.Info().Str("work", o.Work).Msg("work files lie on this machine")
	return nil
}

// openWorkspace takes the corpus for this process and prepares its work folder: work, or one for the corpus below it, where
// work is not the corpus's own.
func openWorkspace(ctx context.Context, o *Options, out pipeline.Store) (w *workspace, err error) {
	w = &workspace{folder: o.Work, log: o.Log}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if !store.IsRemote(o.Out) {
		if err := w.lock(filepath.Join(o.Out, pipeline.WorkFolder)); err != nil {
			return w, err
		}
	}
	if w.identity, err = identify(ctx, out, o.Out, o.Access); err != nil {
		return w, err
	}
	if w.folder = w.identity.workFolder(o); len(w.locks) == 0 || w.folder != filepath.Join(o.Out, pipeline.WorkFolder) {
		if err := w.lock(w.folder); err != nil {
			return w, err
		}
	}
	return w, w.open(ctx)
}

func (w *workspace) lock(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	lock, err := store.TryLock(filepath.Join(folder, lockName))
	if err != nil {
		return waitHint(err)
	}
	w.locks = append(w.locks, lock)
	return nil
}

// open opens the folder, and throws away what the machine may have lost since it was written.
func (w *workspace) open(ctx context.Context) (err error) {
	// Work files of a killed process are whole: the kernel has them. A reboot may lose them, so they are synced only where
	// a reboot cannot be noticed, and thrown away where one is.
	boot := store.BootID()
	if w.store, err = store.NewLocal(w.folder, store.LocalOptions{Sync: boot == ""}); err != nil {
		return err
	}
	was, err := pipeline.ReadAll(ctx, w.store, bootName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil && string(was) != boot {
		w.log.Info().Msg("the machine was restarted: unfinished work is done again")
		if err := errors.Join(w.store.Remove(ctx, runsFolder), w.store.Remove(ctx, natsFolder)); err != nil {
			return err
		}
	}
	if string(was) != boot {
		if err := pipeline.WriteAll(ctx, w.store, bootName, []byte(boot)); err != nil {
			return err
		}
	}
	return w.store.RemoveTemporaries(ctx)
}

func (w *workspace) close() (err error) {
	if w.store != nil {
		err = w.store.Close()
	}
	for _, l := range w.locks {
		err = errors.Join(err, l.Close())
	}
	return err
}

func runFolder(digest string) string { return runsFolder + "/" + digest }

// forget removes every run and the queue with it. The plans go first: one whose work is half gone must not be found again.
func (w *workspace) forget(ctx context.Context) error {
	infos, err := w.store.List(ctx, runsFolder)
	if err != nil {
		return err
	}
	for _, info := range infos {
		if path.Base(info.Name) == pipeline.PlanName {
			if err := w.store.Remove(ctx, info.Name); err != nil {
				return err
			}
		}
	}
	// The kernel frees the memory of a file as it is removed, which takes it a millisecond for some megabytes: not one after the other.
	g, removing := errgroup.WithContext(ctx)
	g.SetLimit(removers)
	g.Go(func() error { return w.store.Remove(removing, natsFolder) })
	for _, info := range infos {
		if info.Bytes >= largeFile {
			g.Go(func() error { return w.store.Remove(removing, info.Name) })
		}
	}
	return errors.Join(g.Wait(), w.store.Remove(ctx, runsFolder))
}

const (
	removers  = 4
	largeFile = 1 << 20
)
