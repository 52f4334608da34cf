package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/cluster/dead"
	"github.com/millrace/millrace/pipeline/intake"
	"github.com/millrace/millrace/pipeline/store"
)

func newDead(a *app) *cobra.Command {
	return parent("dead", "List what was given up, try it again, or leave it alone",
		newDeadList(a), newDeadShow(a), newDeadRetry(a), newDeadDrop(a))
}

// deadCommand makes one of them.
func deadCommand(a *app, use, short, long, example string, args cobra.PositionalArgs, write bool, do func(ctx context.Context, d *deadLetters, ids []string) error) *cobra.Command {
	var f memberFlags
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, Args: args,
		RunE: func(cmd *cobra.Command, ids []string) error {
			c, err := f.config(a)
			if err != nil {
				return err
			}
			return a.withDead(cmd.Context(), c, write, func(d *deadLetters) error { return do(cmd.Context(), d, ids) })
		},
	}
	f.add(cmd)
	return cmd
}

func newDeadList(a *app) *cobra.Command {
	return deadCommand(a, "list [flags]", "List the parts of files that were given up",
		`Lists what no worker could read: of the run under way, if there is a cluster, and of the versions of the corpus, unless a
later version has read it. A file with a dead letter is tried again by the next run that takes it, from its source or from the
queue, until it is dropped.`,
		"  millrace dead list --out corpus",
		wantArgs(0, 0, ""), false,
		func(_ context.Context, d *deadLetters, _ []string) error {
			list := d.All()
			if a.json || len(list) == 0 {
				return a.say(map[string]any{"dead": list}, "no dead letters\n")
			}
			return output.Dead(a.out, list)
		})
}

func newDeadShow(a *app) *cobra.Command {
	return deadCommand(a, "show ID [flags]", "Show all that is known of a dead letter", "", "  millrace dead show 3f2a91c07d5e4b68 --out corpus",
		wantArgs(1, 1, "ID"), false,
		func(_ context.Context, d *deadLetters, ids []string) error {
			list, err := d.Find(ids...)
			if err != nil {
				return err
			}
			l := list[0]
			if a.json {
				return output.JSON(a.out, l)
			}
			return output.DeadLetter(a.out, l)
		})
}

func newDeadRetry(a *app) *cobra.Command {
	var all bool
	cmd := deadCommand(a, "retry [ID...] [flags]", "Read files with dead letters again",
		`Puts the files on the queue again and asks for a run. It reads each file as a whole: what of it the corpus holds already is
found to be a duplicate of itself, so every document is there once. Without a cluster the next millrace run does the same.`,
		"  millrace dead retry 3f2a91c07d5e4b68 --out corpus\n  millrace dead retry --all --out corpus",
		wantArgs(0, -1, ""), true,
		func(ctx context.Context, d *deadLetters, ids []string) error {
			switch {
			case all && len(ids) > 0:
				return usageError("name some, or say --all", "--all and an ID exclude each other")
			case !all && len(ids) == 0:
				return usageError("millrace dead list names them; --all is all of them", "ID is missing")
			}
			list, err := d.Choose(ids...)
			if err != nil {
				return err
			}
			return a.retryDead(ctx, d, list)
		})
	cmd.Flags().BoolVar(&all, "all", false, "all but those that were dropped")
	return cmd
}

func newDeadDrop(a *app) *cobra.Command {
	return deadCommand(a, "drop ID... [flags]", "Leave files with dead letters alone until they change",
		`No run tries the files again until their size or modification time changes. What the corpus holds of them stays. It is
kept in the corpus, in the folder dropped; millrace dead retry takes it back.`,
		"  millrace dead drop 3f2a91c07d5e4b68 --out corpus",
		wantArgs(1, -1, "ID"), true,
		func(ctx context.Context, d *deadLetters, ids []string) error {
			list, err := d.Choose(ids...)
			if err != nil {
				return err
			}
			if err := d.Drop(ctx, list); err != nil {
				return err
			}
			return a.say(map[string]any{"dropped": idsOf(list)}, "dropped %s\n", pipeline.Counted(len(list), "dead letter"))
		})
}

func idsOf(list []*dead.Letter) []string {
	ids := make([]string, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	return ids
}

// deadLetters are those of a corpus, and what is known of where they are from.
type deadLetters struct {
	*dead.Letters
	config    config.Config
	clustered bool // there is somebody to ask for a run
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
	var asked *cluster.Client
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
			asked = &cluster.Client{Control: m.control}
		}
	}
	letters, err := dead.Read(ctx, openCorpus(s), asked)
	if err != nil {
		return err
	}
	return do(&deadLetters{letters, c, asked != nil})
}

// retryDead puts the files of dead letters on the queue, asks for a run, and says so.
func (a *app) retryDead(ctx context.Context, d *deadLetters, list []*dead.Letter) error {
	roots := []intake.Root{}
	if d.clustered { // else nobody asks where they lie
		var err error
		if roots, err = knownRoots(d.config); err != nil {
			return err
		}
	}
	request, err := requestOf(d.config, "", "")
	if err != nil {
		return err
	}
	published, err := d.Retry(ctx, list, dead.Again{Roots: roots, Access: access(d.config), Request: request})
	if err != nil {
		return err
	}
	result := map[string]any{"retried": idsOf(list), "published": 0}
	switch {
	case len(list) == 0:
		return a.say(result, "no dead letters\n")
	case !d.clustered:
		return a.say(result, "no millrace serve runs: the next millrace run on the same sources reads these files again\n")
	}
	result["id"], result["published"] = request.ID, published
	return a.say(result, "published %s; run %s is asked for\n", pipeline.Counted(published, "file"), request.ID)
}

// hasCluster says whether there is a cluster to talk to.
func hasCluster(c config.Config) bool {
	if len(c.NATS.URLs) > 0 {
		return true
	}
	_, err := findServer(c)
	return err == nil
}
