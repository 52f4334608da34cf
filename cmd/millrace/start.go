package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/jobs/ingest"
	"github.com/millrace/millrace/pipeline/jobs/purge"
	"github.com/millrace/millrace/pipeline/jobs/reindex"
	"github.com/millrace/millrace/pipeline/jobs/release"
	"github.com/millrace/millrace/pipeline/jobs/remove"
	"github.com/millrace/millrace/pipeline/jobs/train"
	"github.com/millrace/millrace/pipeline/store"
)

// answerTimeout is how long a command waits for the coordinator to do what it asked for.
const answerTimeout = 30 * time.Second

// newMember makes a command that talks to the control plane.
func newMember(a *app, use, short, long, example string, do func(ctx context.Context, c config.Config, client *cluster.Client) error) *cobra.Command {
	var f memberFlags
	cmd := &cobra.Command{
		Use:     use,
		Short:   short,
		Long:    long,
		Example: example,
		Args:    wantArgs(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.asClient(cmd.Context(), &f, func(c config.Config, client *cluster.Client) error { return do(cmd.Context(), c, client) })
		},
	}
	f.add(cmd)
	return cmd
}

// asClient connects, and calls do.
func (a *app) asClient(ctx context.Context, f *memberFlags, do func(config.Config, *cluster.Client) error) error {
	c, err := f.config(a)
	if err != nil {
		return err
	}
	log, err := a.logger()
	if err != nil {
		return err
	}
	m, err := join(ctx, c, client, log)
	if err != nil {
		return err
	}
	defer m.close()
	return do(c, &cluster.Client{Control: m.control})
}

func newStart(a *app) *cobra.Command {
	var id, date, kind string
	var wait, restart, force, retry bool
	var moved []string
	var removal removeFlags
	var removes remove.Params
	var reindexes reindex.Params
	var purges purge.Params
	var trains train.Params
	var releases startedRelease
	cmd := newMember(a, "start [flags]", "Ask millrace serve for a run",
		`Asks the coordinator for a run: it takes the files that were published, and all of the sources that it scans, and
commits a version. One run follows the other. With --wait the command ends when the run has, with the exit status that
millrace run would have. With --job compact the run is a compaction, with --job purge a purge (--removed as of millrace purge), with --job remove a removal, which takes
the flags of millrace remove: see there. With --job reindex the index is made anew by the settings that coordinator and
workers have; --dedupe and --reason are as of millrace reindex. With --job tokenizer a tokenizer is trained by the flags of millrace tokenizer
train, and the coordinator makes the folder that --tokenizer-out names: on its machine, or in a bucket; with --tokenizer-from it is trained on
a release. With --job release a release
is made by --recipe in the folder that --release-out names, likewise. The recipe is read by this command; files that it names have to lie where coordinator
and workers find them.`,
		"  millrace start --out corpus --wait\n  millrace start --config configs/cluster.yaml --date 2026-11-23\n"+
			"  millrace start --config configs/cluster.yaml --job compact",
		func(ctx context.Context, c config.Config, client *cluster.Client) error {
			request, err := requestOf(c, id, date)
			if err != nil {
				return err
			}
			if !slices.Contains(kindNames(), kind) {
				return usageError("known are "+strings.Join(kindNames(), ", "), "unknown kind of job %q", kind)
			}
			if kind == remove.Name {
				if err := removal.read(ctx, c, os.Stdin, &removes); err != nil {
					return err
				}
				if request.Params, err = json.Marshal(&removes); err != nil {
					return fmt.Errorf("encode the removal: %w", err)
				}
			}
			if kind == purge.Name {
				if request.Params, err = json.Marshal(&purges); err != nil {
					return fmt.Errorf("encode the purge: %w", err)
				}
			}
			if kind == train.Name {
				if err := trainOut(&trains, "--tokenizer-out"); err != nil {
					return err
				}
				if trains.From != "" {
					if trains.From, err = store.Absolute(trains.From); err != nil {
						return err
					}
				}
				if request.Params, err = json.Marshal(&trains); err != nil {
					return fmt.Errorf("encode the training: %w", err)
				}
			}
			if kind == release.Name {
				p, err := releases.params(c.Out)
				if err != nil {
					return err
				}
				if request.Params, err = json.Marshal(p); err != nil {
					return fmt.Errorf("encode what is asked of a release: %w", err)
				}
			}
			if kind == reindex.Name {
				if i := slices.IndexFunc(a.set, corpus.Reindexable); i >= 0 {
					return usageError("set it in the config of serve and of the workers, start them again, and give the command without it",
						"--set %s says nothing to a coordinator: a job goes by the settings that it and the workers have", a.set[i])
				}
				reindexes.Reason = removes.Reason
				if request.Params, err = json.Marshal(&reindexes); err != nil {
					return fmt.Errorf("encode the reindex: %w", err)
				}
			}
			request.Kind, request.Restart, request.Force, request.RetryRejected, request.Moved = kind, restart, force, retry, moved
			id := request.ID
			if !wait {
				if err := client.Start(ctx, request); err != nil {
					return err
				}
				return a.say(map[string]string{"id": id}, "run %s is asked for; millrace status says how far it is\n", id)
			}
			if err := a.aside(asidePlain, "waiting for run %s to end", id); err != nil {
				return err
			}
			stop, err := a.showWaiting(ctx, client, id)
			if err != nil {
				return err
			}
			r, err := client.StartAndWait(ctx, request, func(err error) {
				_ = a.aside(asideWarning, "asking for run %s again: %s", id, pipeline.Plain(err))
			})
			stop()
			if errors.Is(context.Cause(ctx), errInterrupted) {
				return pipeline.WithHint(fmt.Errorf("%w: run %s goes on without this command", errInterrupted, id),
					"millrace status says how far it is, millrace start --wait --id "+id+" waits for it again, millrace cancel ends it")
			}
			if err != nil {
				return err
			}
			return a.printRecord(c, &r)
		})
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error { // before anybody is asked
		if cmd.Flags().Changed("date") && date == "" {
			return errNoDate()
		}
		return nil
	}
	f := cmd.Flags()
	f.StringVar(&id, "id", "", "`NAME` of the run (default: the time); asked for again it is not done again")
	f.StringVar(&date, "date", "", "logical `DATE` of the run, 2026-11-23 or with a time: runs again what did not end well that night")
	f.StringVar(&kind, "job", ingest.Name, "`KIND` of job that the run is: "+strings.Join(kindNames(), " or "))
	completes(cmd, "job", kindNames())
	f.BoolVar(&wait, "wait", false, "end when the run has ended")
	f.BoolVar(&force, "force", false, "commit also what the alarms of the config would stop")
	f.BoolVar(&retry, "retry-rejected", false, "take files again that were rejected, wholly or in part, though they did not change")
	f.StringArrayVar(&moved, "moved", nil, movedUsage)
	removal.add(f, &removes)
	addReindexFlags(f, &reindexes)
	addPurgeFlags(f, &purges)
	addTrainFlags(f, &trains.Settings)
	f.StringVar(&trains.Out, "tokenizer-out", "", "`DIR` that a training makes")
	f.StringVar(&trains.From, "tokenizer-from", "", "a training is on the release in `DIR`, which coordinator and workers find there (default: on the corpus)")
	f.StringVar(&trains.Split, "split", "", splitUsage)
	releases.add(f)
	f.BoolVar(&restart, "restart", false, "throw away what a failed run has done instead of taking it up")
	return cmd
}

// requestOf is the request for a run: of a date, of a name, or of now.
func requestOf(c config.Config, id, date string) (cluster.Request, error) {
	r := cluster.Request{ID: id}
	switch {
	case id != "" && date != "":
		return r, usageError("the id of a dated run is its date", "--id and --date exclude each other")
	case date != "":
		schedule, err := c.Schedule.Times()
		if err != nil {
			return r, err
		}
		at, err := schedule.ParseDate(date)
		if err != nil {
			return r, err
		}
		r.ID, r.Date = cluster.DateID(at), at.Format(time.RFC3339)
	case id == "":
		r.ID = "manual-" + strings.Replace(time.Now().UTC().Format("20060102T150405.000Z"), ".", "-", 1)
	}
	return r, nil
}

// printRecord prints how a run has ended; its error becomes the command's.
func (a *app) printRecord(c config.Config, r *cluster.Record) error {
	switch {
	case r.State == cluster.Failed:
		err := errors.New(r.Error)
		if r.Usage {
			err = fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
		}
		if r.Hint != "" {
			err = pipeline.WithHint(err, r.Hint)
		}
		return err
	case r.State == cluster.Cancelled:
		return fmt.Errorf("run %s was cancelled", r.ID)
	case r.Result == nil && a.json:
		return output.JSON(a.out, r)
	}
	v, err := viewOf(r)
	if err != nil {
		return err
	}
	if r.Result == nil {
		_, err := fmt.Fprintln(a.out, v.nothing(r.Skipped, c.Out))
		return err
	}
	return v.print(a, c, r.Result)
}

func newPause(a *app) *cobra.Command {
	return newMember(a, "pause [flags]", "Stop handing out tasks of the run under way",
		`Workers finish what they have in hand and get nothing more until millrace resume. A pause outlives every process.`,
		"  millrace pause --out corpus",
		a.control((*cluster.Client).Pause))
}

func newResume(a *app) *cobra.Command {
	return newMember(a, "resume [flags]", "End a pause", `Lets the workers have tasks of the paused run again.`,
		"  millrace resume --out corpus", a.control((*cluster.Client).Resume))
}

func newCancel(a *app) *cobra.Command {
	var id string
	cmd := newMember(a, "cancel [flags]", "End the run under way and throw away what it has done",
		`No version is made. The files of the run, published ones too, are taken by the next one. Requests for other runs stand;
--id withdraws one of them.`,
		"  millrace cancel --out corpus\n  millrace cancel --out corpus --id manual-20261123T020000-000Z",
		a.control(func(client *cluster.Client, ctx context.Context) (cluster.Record, error) {
			return client.Cancel(ctx, id)
		}))
	cmd.Flags().StringVar(&id, "id", "", "`NAME` of a run that may also wait for its turn; millrace status names those")
	return cmd
}

// control makes what a command does that asks something of the coordinator, and says what became of the run.
func (a *app) control(do func(*cluster.Client, context.Context) (cluster.Record, error)) func(context.Context, config.Config, *cluster.Client) error {
	return func(ctx context.Context, _ config.Config, client *cluster.Client) error {
		ctx, cancel := context.WithTimeout(ctx, answerTimeout)
		defer cancel()
		r, err := do(client, ctx)
		if err != nil {
			return err
		}
		return a.say(r, "run %s %s\n", r.ID, r.State.Says())
	}
}
