package engine

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"
	"github.com/zeebo/xxh3"

	"millrace/pipeline"
	"millrace/pipeline/store"
)

// workspace is where a run's disposable files lie. All of it may be lost: that costs time, nothing else.
//
//	lock               held while a run, drop, compact or gc has the corpus
//	boot               the boot of the machine that wrote the rest
//	nats/              the embedded queue
//	runs/<plan>/       plan.json, spills, phase files of the unfinished run
type workspace struct {
	folder string // on this host
	store  *store.Local
	locks  []*store.Lock
	log    zerolog.Logger
}

const (
	runsFolder = "runs"
	natsFolder = "nats"
	bootName   = "boot"
	lockName   = "lock"
)

// workFolder is the folder for work files: the one asked for, that of a corpus in a folder, or one of this user's, named
// after the corpus, for a corpus elsewhere.
func workFolder(out, asked string, log zerolog.Logger) (string, error) {
	if store.IsRemote(asked) {
		return "", pipeline.WithHint(fmt.Errorf("%w: work %s: a run in one process keeps its work on this machine", pipeline.ErrUsage, asked),
			"name a folder by --work")
	}
	if asked != "" {
		return store.Absolute(asked)
	}
	if !store.IsRemote(out) {
		return filepath.Join(out, pipeline.WorkFolder), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", pipeline.WithHint(fmt.Errorf("%w: no folder for work files: %w", pipeline.ErrUsage, err), "name one by --work")
	}
	digest := xxh3.HashString128(out).Bytes()
	work := filepath.Join(cache, "millrace", path.Base(out)+"-"+hex.EncodeToString(digest[:4]))
	log.Info().Str("work", work).Msg("work files lie on this machine")
	return work, nil
}

// openWorkspace takes the corpus for this process and prepares its work folder.
func openWorkspace(ctx context.Context, out, work string, log zerolog.Logger) (w *workspace, err error) {
	w = &workspace{folder: work, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	folders := []string{work}
	if at := filepath.Join(out, pipeline.WorkFolder); !store.IsRemote(out) && at != work {
		folders = []string{at, work}
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return w, err
		}
		lock, err := store.TryLock(filepath.Join(folder, lockName))
		if err != nil {
			return w, waitHint(err)
		}
		w.locks = append(w.locks, lock)
	}
	// Work files of a killed process are whole: the kernel has them. A reboot may lose them, so they are synced only where
	// a reboot cannot be noticed, and thrown away where one is.
	boot := store.BootID()
	if w.store, err = store.NewLocal(work, store.LocalOptions{Sync: boot == ""}); err != nil {
		return w, err
	}
	was, err := pipeline.ReadAll(ctx, w.store, bootName)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return w, err
	}
	if err == nil && string(was) != boot {
		log.Info().Msg("the machine was restarted: unfinished work is done again")
		if err := errors.Join(w.store.Remove(ctx, runsFolder), w.store.Remove(ctx, natsFolder)); err != nil {
			return w, err
		}
	}
	if string(was) != boot {
		if err := pipeline.WriteAll(ctx, w.store, bootName, []byte(boot)); err != nil {
			return w, err
		}
	}
	return w, w.store.RemoveTemporaries(ctx)
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

// unfinished finds the plan of an unfinished run, nil if there is none, and changes nothing. damaged names one that cannot
// be read.
func (w *workspace) unfinished(ctx context.Context) (plan *pipeline.Plan, damaged string, err error) {
	infos, err := w.store.List(ctx, runsFolder)
	if err != nil {
		return nil, "", err
	}
	for _, info := range infos {
		folder, ok := strings.CutSuffix(info.Name, "/"+pipeline.PlanName)
		if !ok {
			continue
		}
		data, err := pipeline.ReadAll(ctx, w.store, info.Name)
		if err != nil {
			return nil, "", err
		}
		var p pipeline.Plan
		if json.Unmarshal(data, &p) == nil && runFolder(p.Digest()) == folder {
			return &p, "", nil
		}
		damaged = info.Name
	}
	return nil, damaged, nil
}

// stored returns the plan of an unfinished run, nil if there is none. A damaged one is removed.
func (w *workspace) stored(ctx context.Context) (*pipeline.Plan, error) {
	plan, damaged, err := w.unfinished(ctx)
	if err != nil || plan != nil {
		return plan, err
	}
	if damaged != "" {
		w.log.Warn().Str("plan", damaged).Msg("the stored plan is damaged: planning anew")
	}
	return nil, w.forget(ctx)
}

// keep stores the plan: from now on the run can be resumed.
func (w *workspace) keep(ctx context.Context, p *pipeline.Plan) error {
	data, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	return pipeline.WriteAll(ctx, w.store.Sub(runFolder(p.Digest())), pipeline.PlanName, data)
}

// forget removes every run and the queue with it.
func (w *workspace) forget(ctx context.Context) error {
	return errors.Join(w.store.Remove(ctx, runsFolder), w.store.Remove(ctx, natsFolder))
}
