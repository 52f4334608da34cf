package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"millrace/cmd/millrace/config"
	"millrace/pipeline"
	"millrace/pipeline/cluster"
	"millrace/pipeline/corpus"
	"millrace/pipeline/queue"
	"millrace/pipeline/store"
)

// deadLetters are those of a corpus and of the run under way into it.
type deadLetters struct {
	app    *app
	config config.Config
	corpus *corpus.Corpus
	client *cluster.Client // nil without a cluster
	list   []deadLetter
}

// withDead reads them and calls do.
func (a *app) withDead(ctx context.Context, c config.Config, write bool, do func(*deadLetters) error) (err error) {
	if !store.IsRemote(c.Out) {
		if _, err := os.Stat(c.Out); errors.Is(err, fs.ErrNotExist) {
			return usageError("name the corpus by --out, or out in the config", "%s does not exist", c.Out)
		}
	}
	s, err := store.Open(ctx, c.Out, store.Options{Write: write, Sync: true, Access: access(c)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	d := &deadLetters{app: a, config: c, corpus: corpus.Open(s), list: []deadLetter{}}
	if hasCluster(c) {
		log, err := a.logger()
		if err != nil {
			return err
		}
		m, err := join(ctx, c, client, log)
		if err != nil && write {
			return err
		}
		if err != nil { // what the corpus holds can be looked at nevertheless
			log.Warn().Err(err).Msg("the run under way is not shown")
		} else {
			defer m.close()
			d.client = &cluster.Client{Control: m.control}
			if err := d.readRun(ctx); err != nil {
				return err
			}
		}
	}
	old, err := d.corpus.Dead(ctx)
	if err != nil {
		return err
	}
	for _, one := range old {
		d.list = append(d.list, deadLetter{Dead: one})
	}
	return do(d)
}

// readRun adds the dead letters of the run under way.
func (d *deadLetters) readRun(ctx context.Context) error {
	s, err := look(ctx, d.client)
	if err != nil {
		return err
	}
	for _, one := range s.DeadLetters {
		l := deadLetter{Run: s.Run.ID, Dead: corpus.Dead{
			ID: corpus.DeadID("run", one.Source, one.Path, one.Offset), Source: one.Source, Path: one.Path, FileBytes: one.FileBytes,
			ModTime: one.ModTime, Offset: one.Offset, Bytes: one.Bytes, Error: one.Error,
		}}
		if l.Attempts, err = d.client.Attempts(ctx, s.Run.Plan, one.Split); err != nil && !errors.Is(err, queue.ErrGone) {
			return err
		}
		d.list = append(d.list, l)
	}
	return nil
}

// find returns the dead letters of these ids, or of what they begin with.
func (d *deadLetters) find(ids []string) (found []*deadLetter, err error) {
	for _, id := range ids {
		var match []*deadLetter
		for i := range d.list {
			if strings.HasPrefix(d.list[i].ID, id) {
				match = append(match, &d.list[i])
			}
		}
		switch {
		case len(match) == 0:
			return nil, usageError("millrace dead list names them", "no dead letter is called %q", id)
		case len(match) > 1:
			return nil, usageError("give more of its letters; millrace dead list names them", "%q is how %d dead letters begin", id, len(match))
		}
		found = append(found, match[0])
	}
	return found, nil
}

// chosen is find for what is to be done to them: none of a run under way. Without ids it is all that are open.
func (d *deadLetters) chosen(ids []string) (found []*deadLetter, err error) {
	if len(ids) == 0 {
		for i := range d.list {
			if l := &d.list[i]; l.Run == "" && !l.Dropped {
				found = append(found, l)
			}
		}
		return found, nil
	}
	if found, err = d.find(ids); err != nil {
		return nil, err
	}
	for _, l := range found {
		if l.Run != "" {
			return nil, usageError("wait until it has ended, or cancel it", "%s is of run %s, which is under way", l.ID, l.Run)
		}
	}
	return found, nil
}

// retry puts the files on the queue and asks for a run.
func (d *deadLetters) retry(ctx context.Context, list []*deadLetter) error {
	if len(list) == 0 {
		if d.app.json {
			return writeJSON(d.app.out, map[string]any{"retried": []string{}, "published": 0})
		}
		_, err := fmt.Fprintln(d.app.out, "no dead letters")
		return err
	}
	for _, l := range list {
		if err := d.corpus.KeepDead(ctx, &l.Dead); err != nil {
			return err
		}
	}
	if d.client == nil {
		if d.app.json {
			return writeJSON(d.app.out, map[string]any{"retried": idsOf(list), "published": 0})
		}
		_, err := fmt.Fprintln(d.app.out, "no millrace serve runs: the next millrace run on the same sources reads these files again")
		return err
	}
	roots, err := absoluteRoots(d.config)
	if err != nil {
		return err
	}
	refs := []queue.FileRef{}
	seen := map[[2]string]bool{}
	for _, l := range list {
		file := [2]string{l.Source, l.Path}
		if seen[file] {
			continue
		}
		seen[file] = true
		known := false
		for _, r := range roots {
			if r.Name != l.Source {
				continue
			}
			known = true
			f, err := store.StatBelow(ctx, r.Root, l.Path, access(d.config))
			if err != nil {
				return err
			}
			if f.Reason != "" {
				return fmt.Errorf("%s/%s: %s", l.Source, l.Path, refusalText[f.Reason])
			}
			refs = append(refs, queue.FileRef{Source: l.Source, Path: l.Path, Bytes: f.Bytes, ModTime: f.ModTime})
		}
		if !known {
			return usageError("name it under sources, with its path", "%s/%s: the config has no path for source %q", l.Source, l.Path, l.Source)
		}
	}
	if err := d.client.Publish(ctx, refs...); err != nil {
		return err
	}
	request, err := requestOf(d.config, "", "", false)
	if err != nil {
		return err
	}
	if err := d.client.Start(ctx, request); err != nil {
		return err
	}
	if d.app.json {
		return writeJSON(d.app.out, map[string]any{"id": request.ID, "retried": idsOf(list), "published": len(refs)})
	}
	_, err = fmt.Fprintf(d.app.out, "published %s; run %s is asked for\n", pipeline.Counted(len(refs), "file"), request.ID)
	return err
}
