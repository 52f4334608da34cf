package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Options are the choices of Corpus.
type Options struct {
	// Workers is how many files are read at the same time; 0: the CPUs.
	Workers int
	// Progress is called with the bytes that were read and are to be read in all, from several goroutines, one at a time.
	// It may be nil.
	Progress func(done, total int64)
	// IDs is how many document ids are held in memory, at 24 bytes each; 0: 8 million. Fewer mean more passes.
	IDs int
	// Purged has what is left of withdrawn documents found as well; nil has not.
	Purged *Purged
	// Recount has the texts read and their characters counted again, and words and n-grams where these are counted; nil has not. It is called with the
	// kind of tokens (chars, words, ngrams-2) and the name of a table, and returns what counts each part of all tokens, one part after the other.
	Recount func(ctx context.Context, s pipeline.Store, kind, table string) ([]Counter, error)
	// Table makes the tables for that which no version has written.
	Table corpus.Tabler
}

// Report is what Corpus found.
type Report struct {
	Versions []VersionReport `json:"versions"` // live ones, oldest first
	Files    int             `json:"files"`    // that were read
	Bytes    int64           `json:"bytes"`
	// Problems name every damaged file and every sum that is wrong. Without one the corpus is sound.
	Problems []string `json:"problems"`
	WayOut   string   `json:"way_out,omitempty"` // of them
	// Unexpected are files in the folders of the corpus that no manifest names: left by a crash, or not ours.
	Unexpected []string `json:"unexpected"`
	// CardBehind says that the card is the one of the version before: a crash came between the newest version and its card,
	// which whatever is done next to the corpus writes.
	CardBehind bool `json:"card_behind"`
	// Unsettled are files of documents that are not, or not only, where they belong: a crash came between the newest version and the end
	// of its settling, which whatever is done next to the corpus brings about. Versions of earlier programs retired nothing.
	Unsettled []string `json:"unsettled,omitempty"`
	// LogBehind says that the Delta log is not that of the manifests: see Unsettled. Versions of earlier programs have none.
	LogBehind bool `json:"log_behind,omitempty"`
	// LostWinners counts duplicates whose winner was in a version that is not live any more.
	LostWinners int64 `json:"lost_winners"`
	// RepeatedIDs counts the ids of live documents that several versions have, as their runs say that they may: of files that changed while
	// documents were added to those of their earlier states, as all code versions up to 7 did it.
	RepeatedIDs int64 `json:"repeated_ids"`
	// Recounted are the kinds of tokens of which all were counted again, in the live documents, if that was asked for. Uncounted says why there
	// was none.
	Recounted []string `json:"recounted,omitempty"`
	Uncounted string   `json:"uncounted,omitempty"`
	// NotPurged names what may be left of withdrawn documents, if that was looked for.
	NotPurged []string `json:"not_purged,omitempty"`
}

// VersionReport is what Corpus found of one version.
type VersionReport struct {
	Version   int    `json:"version"`
	Digest    string `json:"digest"`
	KeptIDs   string `json:"kept_ids"`
	Files     int    `json:"files"`
	Documents int64  `json:"documents"` // kept
	Withdrawn int64  `json:"withdrawn"` // of these, by later versions
}

// ErrNotPurged says that something may be left of documents that were withdrawn.
var ErrNotPurged = errors.New("corpus is not purged")

// Corpus recomputes everything that the manifests say of the live versions: checksums, sizes, digests and rows of all
// files, the run digests, every total, the sum of the vocabulary, the uniqueness of ids within a version, the existence of every winner,
// and how many documents each one stands for. With Recount it reads the texts too. An
// error that is corpus.ErrDamaged, or ErrNotPurged, names the first problem; the report has all of them. Memory is bounded by the options.
func Corpus(ctx context.Context, c *corpus.Corpus, opts Options) (*Report, error) {
	v := &verifier{corpus: c, store: c.Files(), opts: opts, report: &Report{Problems: []string{}, Unexpected: []string{}}, bad: map[string]bool{}}
	if v.opts.Workers <= 0 {
		v.opts.Workers = runtime.GOMAXPROCS(0)
	}
	if v.opts.IDs <= 0 {
		v.opts.IDs = 8 << 20
	}
	if err := v.run(ctx); err != nil {
		return v.report, err
	}
	if n := len(v.report.Problems); n > 1 {
		return v.report, fmt.Errorf("%w: %s (and %d more)", corpus.ErrDamaged, v.report.Problems[0], n-1)
	} else if n == 1 {
		return v.report, fmt.Errorf("%w: %s", corpus.ErrDamaged, v.report.Problems[0])
	}
	if n := len(v.report.NotPurged); n > 0 {
		return v.report, fmt.Errorf("%w: %s (%d in all)", ErrNotPurged, v.report.NotPurged[0], n)
	}
	return v.report, nil
}

// verifier collects findings. Findings about one file keep it from being read further.
type verifier struct {
	corpus *corpus.Corpus
	store  pipeline.Store
	opts   Options
	report *Report
	bad    map[string]bool       // files with a finding
	total  int64                 // bytes to be read
	kept   map[int]*corpus.Kept  // by the run
	gone   map[int][]corpus.Gone // likewise, ascending by rank; nothing of runs that are unsure
	unsure map[int]bool          // runs of which the tables of withdrawn documents are not sound

	mu   sync.Mutex
	done int64 // guarded by mu; bytes read
}

// find notes a problem.
func (v *verifier) find(format string, args ...any) {
	v.report.Problems = append(v.report.Problems, fmt.Sprintf(format, args...))
}

func (v *verifier) run(ctx context.Context) error {
	list, problems, err := corpus.Open(v.store, v.corpus.Formats()).Scan(ctx) // of what lies there now
	if err != nil {
		return err
	}
	for _, p := range problems {
		v.find("%v", p)
	}
	if len(list) == 0 {
		return nil
	}
	now := manifest.ViewOf(list)
	defer func() {
		if len(v.report.Problems) > 0 {
			v.report.WayOut = corpus.WayOut(&now, v.bad)
		}
	}()
	for _, p := range now.Check() {
		v.find("%v", p)
	}
	if err := v.files(ctx, now.Files()); err != nil {
		return err
	}
	if err := v.others(ctx, &now); err != nil {
		return err
	}
	if err := v.withdrawals(ctx, &now); err != nil {
		return err
	}
	if err := v.rebuild(ctx, &now); err != nil {
		return err
	}
	for i, m := range now.Live {
		if err := v.version(ctx, &now, m, now.Live[:i]); err != nil {
			return err
		}
		if err := v.removed(ctx, &now, m); err != nil {
			return err
		}
	}
	if err := v.counted(ctx, &now); err != nil {
		return err
	}
	if v.opts.Recount != nil {
		if err := v.recount(ctx, &now); err != nil {
			return err
		}
	}
	if err := v.identities(ctx, &now); err != nil {
		return err
	}
	if err := v.signals(ctx, &now); err != nil {
		return err
	}
	if err := v.lines(ctx, &now); err != nil {
		return err
	}
	for _, p := range now.CheckSources() {
		v.find("%v", p)
	}
	if len(problems) == 0 { // the card of a damaged chain says nothing
		if err := v.card(ctx, list); err != nil {
			return err
		}
	}
	if v.report.Unsettled, err = v.corpus.Unsettled(ctx, list); err != nil {
		return err
	}
	if v.report.LogBehind, err = v.corpus.LogBehind(ctx, list); err != nil {
		return err
	}
	if err := v.unexpected(ctx, list); err != nil || v.opts.Purged == nil {
		return err
	}
	return v.purged(ctx, list, &now)
}

// files reads every file and compares size and digest.
func (v *verifier) files(ctx context.Context, list []dataset.File) error {
	v.report.Files = len(list)
	v.report.Bytes, _ = dataset.Sum(list)
	v.total = v.report.Bytes
	findings := make([]error, len(list)) // in the order of the files, whoever is first
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(v.opts.Workers)
	for i, f := range list {
		g.Go(func() error {
			err := dataset.CheckFile(ctx, v.store, f, v.progress)
			if _, ok := errors.AsType[*dataset.DamageError](err); ok {
				findings[i] = err
				return nil
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for i, err := range findings {
		if err != nil {
			v.bad[list[i].Path] = true
			v.find("%v", err)
		}
	}
	return nil
}

func (v *verifier) progress(n int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done += n
	if v.opts.Progress != nil {
		v.opts.Progress(v.done, v.total)
	}
}

// card compares the card, and what lies beside it, with what the manifests give. A card without the other was written by an older program,
// which knew less to say.
func (v *verifier) card(ctx context.Context, list []*manifest.Manifest) error {
	newest := list[len(list)-1].Version
	var before []corpus.Described
	if len(list) > 1 {
		before = corpus.Describe(list[:len(list)-1])
	}
	older := false
	for i, d := range corpus.Describe(list) {
		data, err := pipeline.ReadAll(ctx, v.store, d.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist) && d.Name == croissant.Name:
			older, v.report.CardBehind = true, true
		case errors.Is(err, fs.ErrNotExist) && newest == 1:
			v.report.CardBehind = true
		case errors.Is(err, fs.ErrNotExist):
			v.find("%s is missing; the next run writes it again", d.Name)
		case err != nil:
			return err
		case string(data) == string(d.Data):
		case before != nil && string(data) == string(before[i].Data), older:
			v.report.CardBehind = true
		default:
			v.find("%s is not that of version %d; the next run writes it again", d.Name, newest)
		}
	}
	return nil
}

// unexpected lists what no manifest names.
func (v *verifier) unexpected(ctx context.Context, list []*manifest.Manifest) error {
	named := map[string]bool{}
	for _, m := range list {
		named[manifest.Name(m.Version)] = true
		for _, f := range m.Files {
			named[f.Path] = true
			named[dataset.RetiredFolder+"/"+f.Path] = v.corpus.Formats().Of(f.Path) != nil
		}
	}
	for _, folder := range append([]string{pipeline.ManifestsFolder, dataset.RetiredFolder}, v.corpus.Folders()...) {
		infos, err := v.store.List(ctx, folder)
		if err != nil {
			return err
		}
		for _, info := range infos {
			_, manifest := manifest.VersionOf(info.Name)
			if !named[info.Name] && !manifest {
				v.report.Unexpected = append(v.report.Unexpected, info.Name)
			}
		}
	}
	return nil
}

// isBad says whether a file is not what its manifest says, so that its content is not worth a look.
func (v *verifier) isBad(f dataset.File) bool { return v.bad[f.Path] }

// content runs a check of one file's content, whose error is a finding unless it is that of the context.
func (v *verifier) content(ctx context.Context, f dataset.File, check func() error) error {
	if v.isBad(f) {
		return nil
	}
	err := check()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		return nil
	}
	v.bad[f.Path] = true
	if text := err.Error(); strings.Contains(text, f.Path) {
		v.find("%s", text)
	} else {
		v.find("%s: %s", f.Path, text)
	}
	return nil
}
