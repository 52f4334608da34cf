package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/cmd/millrace/config"
	"github.com/millrace/millrace/cmd/millrace/output"
	"github.com/millrace/millrace/cmd/millrace/views"
	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/cluster/dead"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/monitor"
	livepage "github.com/millrace/millrace/pipeline/monitor/live"
	"github.com/millrace/millrace/pipeline/report/corpusreport"
	"github.com/millrace/millrace/pipeline/report/page"
	"github.com/millrace/millrace/pipeline/store"
)

// controlName is the file in the work folder that holds the token for control by the page, for its owner alone.
const controlName = "serve-control"

// pageOptions are what the page of millrace serve shows.
func pageOptions(c config.Config, log zerolog.Logger) (o views.PageOptions, err error) {
	o = views.PageOptions{Name: c.Out, Hosts: c.Serve.Hosts, ShowText: c.Serve.ShowText, Line: endLine, Report: reportsOf(c)}
	if o.Schedule, err = c.Schedule.Times(); err != nil || !c.Serve.Control || c.Serve.HTTP == "" {
		return o, err
	}
	if o.Token, err = c.Serve.ControlToken(); err != nil {
		return o, err
	}
	at := c.Serve.ControlTokenFile
	if o.Token == "" {
		folder, ok := localWork(c)
		if !ok {
			return o, usageError("name a file that holds one by serve.control_token_file", "a token for serve.control needs a work folder on this machine")
		}
		at = filepath.Join(folder, controlName)
		if o.Token, err = madeToken(at); err != nil {
			return o, err
		}
	}
	log.Info().Str("token_file", at).Msg("the page can be told to do things by who has the token")
	o.Do = func(ctx context.Context, client *cluster.Client, in *corpus.Corpus, a livepage.Action) (string, error) {
		return obey(ctx, c, client, in, a)
	}
	return o, nil
}

// reportsOf makes the reports that the page links to: without texts, unless these may be shown.
func reportsOf(c config.Config) func(context.Context, *corpus.Corpus, int) ([]byte, error) {
	return func(ctx context.Context, of *corpus.Corpus, version int) ([]byte, error) {
		lists, err := (&reportFlags{}).rules(c)
		if err != nil {
			return nil, err
		}
		r, err := corpusreport.Of(ctx, of, corpusreport.Options{
			Name: nameOf(c.Out), Version: version, Presets: lists, Alarms: c.Alarms.Limits(), NoText: !c.Serve.ShowText,
		})
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		err = page.Write(&b, r)
		return b.Bytes(), err
	}
}

// madeToken is the token in a file, which is made if need be: of several processes that make it at once one does.
func madeToken(name string) (token string, err error) {
	token, err = readToken(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return "", err
	}
	made, err := os.CreateTemp(filepath.Dir(name), ".tmp-control-") // mode 0600
	if err != nil {
		return "", err
	}
	_, err = made.WriteString(rand.Text() + "\n")
	if err = errors.Join(err, made.Close()); err == nil {
		if err = os.Link(made.Name(), name); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err = errors.Join(err, os.Remove(made.Name())); err != nil {
		return "", fmt.Errorf("make a token for control: %w", err)
	}
	return readToken(name)
}

func readToken(name string) (string, error) {
	data, err := os.ReadFile(name)
	token := strings.TrimSpace(string(data))
	if err == nil && token == "" {
		err = fmt.Errorf("%w: %s is empty: remove it, and another token is made", pipeline.ErrUsage, name)
	}
	return token, err
}

// endLine is what a run came to, in a line.
func endLine(r *cluster.Record) string {
	if r.Result == nil {
		return ""
	}
	var b strings.Builder
	p := output.NewPrinter(&b)
	if err := lineOf(p, r); err != nil {
		return err.Error()
	}
	// A line of status begins with what it is about, in a column of its own.
	return strings.Join(strings.Fields(b.String()), " ")
}

// obey does what somebody with the token has the page do.
func obey(ctx context.Context, c config.Config, client *cluster.Client, in *corpus.Corpus, a livepage.Action) (string, error) {
	said := func(r cluster.Record, err error) (string, error) {
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("run %s %s", r.ID, r.State.Says()), nil
	}
	switch a.Do {
	case livepage.Start:
		request, err := requestOf(c, "", "")
		if err == nil {
			err = client.Start(ctx, request)
		}
		return "run " + request.ID + " is asked for", err
	case livepage.Retry:
		return retryOne(ctx, c, client, in, a.ID)
	case livepage.Cancel:
		if a.ID == "" {
			return "", usageError("", "there is no run to cancel")
		}
		return said(client.Cancel(ctx, a.ID))
	}
	s, err := client.Look(ctx)
	if err != nil {
		return "", err
	}
	if s.Run.ID != a.ID {
		return "", usageError("", "run %s is not the newest any more: nothing to %s", a.ID, a.Do)
	}
	if a.Do == livepage.Pause {
		return said(client.Pause(ctx))
	}
	return said(client.Resume(ctx))
}

// retryOne has a dead letter tried again.
func retryOne(ctx context.Context, c config.Config, client *cluster.Client, in *corpus.Corpus, id string) (string, error) {
	if id == "" {
		return "", usageError("", "which dead letter is to be tried again is not said")
	}
	letters, err := dead.Read(ctx, in, client)
	if err != nil {
		return "", err
	}
	list, err := letters.Choose(id)
	if err != nil {
		return "", err
	}
	roots, err := knownRoots(c)
	if err != nil {
		return "", err
	}
	request, err := requestOf(c, "", "")
	if err != nil {
		return "", err
	}
	published, err := letters.Retry(ctx, list, dead.Again{Roots: roots, Access: access(c), Request: request})
	return fmt.Sprintf("published %s; run %s is asked for", pipeline.Counted(published, "file"), request.ID), err
}

// showRun shows a run of this process at an address until stop.
func (a *app) showRun(ctx context.Context, address string, c config.Config, out string, tracker *monitor.Tracker, log zerolog.Logger) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	place, err := store.Absolute(out)
	if err != nil {
		return nil, err
	}
	c.Out = place
	host, err := os.Hostname()
	if err != nil {
		host = "" // it is only for people to read
	}
	shown := views.ProcessPage(views.PageOptions{Name: place, Hosts: c.Serve.Hosts, ShowText: c.Serve.ShowText, Report: reportsOf(c)}, tracker,
		livepage.Worker{ID: fmt.Sprintf("process %d", os.Getpid()), Host: host, PID: os.Getpid(), Slots: c.Slots()},
		func(ctx context.Context) (*corpus.Corpus, func(), error) {
			if _, err := os.Stat(place); !store.IsRemote(place) && errors.Is(err, fs.ErrNotExist) {
				return nil, nil, nil // the run makes it
			}
			s, err := store.Open(ctx, place, store.Options{Access: access(c)})
			if err != nil {
				return nil, nil, err
			}
			return openCorpus(s), func() { _ = s.Close() }, nil // nothing was written
		})
	at, stopped, err := views.Listen(ctx, address, views.Process(tracker, shown), log)
	if err != nil {
		shown.Close()
		return nil, err
	}
	if a.errTerminal { // where the log says only what is wrong
		_, _ = fmt.Fprintf(a.err, "the run is shown at http://%s/\n", at)
	}
	return func() {
		stopped()
		shown.Close()
	}, nil
}
