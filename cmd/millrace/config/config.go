// Package config composes the settings of all packages into one file: defaults, then strict YAML, then MILLRACE_…
// variables; the flags of a command come last, in the command. It finds every problem at once, each with its place.
//
// It knows no stage but by its Config, and does nothing with the settings.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/queue"
	"github.com/millrace/millrace/pipeline/store"
	"github.com/millrace/millrace/pipeline/store/s3"
	"github.com/millrace/millrace/pipeline/strict"
	"github.com/millrace/millrace/sinks/arrowipc"
	"github.com/millrace/millrace/sinks/jsonl"
	"github.com/millrace/millrace/sinks/parquet"
	"github.com/millrace/millrace/stages/dedupe"
	"github.com/millrace/millrace/stages/filter"
	"github.com/millrace/millrace/stages/normalize"
	"github.com/millrace/millrace/stages/parse"
	"github.com/millrace/millrace/stages/signal"
	"github.com/millrace/millrace/stages/vocab"
)

// Config is everything that can be set. What has json:"-" has no part in what comes out of a run.
type Config struct {
	// Sources are those that are special; all others are read as Parse says, with priority 0 and in order of their paths.
	Sources   []Source         `yaml:"sources" json:"sources"`
	Parse     parse.Config     `yaml:"parse" json:"parse"`
	Normalize normalize.Config `yaml:"normalize" json:"normalize"`
	Signals   signal.List      `yaml:"signals" json:"signals"`
	Filters   filter.List      `yaml:"filter" json:"filter"`
	// Removed says which of the documents that filters drop are kept for people to read.
	Removed ingest.Removed `yaml:"removed" json:"removed"`
	Dedupe  dedupe.Config  `yaml:"dedupe" json:"dedupe"`
	Vocab   vocab.Config   `yaml:"vocab" json:"vocab"`
	Sinks   Sinks          `yaml:"sinks" json:"sinks"`
	Plan    Plan           `yaml:"plan" json:"plan"`
	// Limits and Alarms stop a run before it commits; they have no part in what comes out.
	Limits Limits `yaml:"limits" json:"-"`
	Alarms Alarms `yaml:"alarms" json:"-"`
	// Card is what people say of the corpus; it has no part in what comes out either.
	Card Card `yaml:"card" json:"-"`
	// Workers is how many goroutines hold a batch at once; 0 is one a CPU.
	Workers int `yaml:"workers" json:"-"`
	// Out and Work are what --out and --work say otherwise.
	Out  string `yaml:"out" json:"-"`
	Work string `yaml:"work" json:"-"`
	// Store says how stores beyond this machine are reached.
	Store Store `yaml:"store" json:"-"`
	// NATS, Serve and Worker are about many processes.
	NATS     NATS     `yaml:"nats" json:"-"`
	Schedule Schedule `yaml:"schedule" json:"-"`
	Serve    Serve    `yaml:"serve" json:"-"`
	Worker   Worker   `yaml:"worker" json:"-"`
	// File is what the config was read from. It is set by who reads it.
	File File `yaml:"-" json:"-"`
}

// File is a file of settings, for the lines of problems that show when it was read.
type File struct {
	Name string // "" if there is none
	Data []byte
}

// Sinks says in what form the corpus is written. The settings of a sink stand under its name; what is named and checked here follows
// from the fields.
type Sinks struct {
	// Use names the sinks that write every shard.
	Use     []string        `yaml:"use" json:"use"`
	Parquet parquet.Config  `yaml:"parquet" json:"parquet"`
	Arrow   arrowipc.Config `yaml:"arrow" json:"arrow"`
	JSONL   jsonl.Config    `yaml:"jsonl" json:"jsonl"`
}

// Limits say when a run is going wrong. The share is from 0 to 1; 1 never stops a run.
type Limits struct {
	// MaxRejectRatio is the largest share of documents, and of input bytes, that may be rejected in a run.
	MaxRejectRatio float64 `yaml:"max_reject_ratio"`
	// MaxFileRejectRatio is the same for every single file.
	MaxFileRejectRatio float64 `yaml:"max_file_reject_ratio"`
}

func (l Limits) validate() error {
	return errors.Join(checkShare("max_reject_ratio", l.MaxRejectRatio), checkShare("max_file_reject_ratio", l.MaxFileRejectRatio))
}

// Plan says how a run is cut.
type Plan struct {
	// SplitBytes is the input of one map task; 0 leaves it to the planner.
	SplitBytes int64 `yaml:"split_bytes" json:"split_bytes"`
	// ShardBytes is how much kept text one output file holds at most.
	ShardBytes int64 `yaml:"shard_bytes" json:"shard_bytes"`
	// KnownBy says by what a file is known to be in the corpus, beside source, path and size: its modification time, or, where
	// that is another, the digest of its content. It has a part in which files are taken, not in what comes of them.
	KnownBy string `yaml:"known_by" json:"-"`
	// ChangedFiles says what becomes of documents of earlier states of a file that changed: replaced where the new state has them no
	// more, or kept. VanishedFiles says it for files that their source does not hold any more. Both stand in the plan, file by file.
	ChangedFiles  string `yaml:"changed_files" json:"-"`
	VanishedFiles string `yaml:"vanished_files" json:"-"`
}

// By what a file is known.
const (
	KnownByTime   = "time"
	KnownByDigest = "digest"
)

// What becomes of documents whose file changed, or vanished.
const (
	ChangedReplace   = "replace"
	ChangedAdd       = "add"
	VanishedKeep     = "keep"
	VanishedWithdraw = "withdraw"
)

// Default is the config of a run that sets nothing.
func Default() Config {
	return Config{
		Sources:   []Source{},
		Parse:     parse.Default(),
		Normalize: normalize.Default(),
		Signals:   signal.List{},
		Filters:   filter.List{},
		Removed:   ingest.RemovedNone,
		Dedupe:    dedupe.Default(),
		Vocab:     vocab.Default(),
		Sinks: Sinks{
			Use: []string{parquet.Format.Name}, Parquet: parquet.Default(), Arrow: arrowipc.Default(), JSONL: jsonl.Default(),
		},
		Plan:   Plan{ShardBytes: 128 << 20, KnownBy: KnownByTime, ChangedFiles: ChangedReplace, VanishedFiles: VanishedKeep},
		Limits: Limits{MaxRejectRatio: 1, MaxFileRejectRatio: 1},
		Alarms: Alarms{Versions: alarmVersions},
		Card:   Card{Languages: languages{}, Tags: []string{}},
		NATS:   NATS{URLs: []string{}, Replicas: 1, AckWait: queue.AckWait, Sync: SyncInterval},
		Store:  Store{S3: S3{PartBytes: s3.PartBytes}},
		Serve:  Serve{HTTP: "127.0.0.1:8642", Hosts: []string{}},
		Worker: Worker{Stages: []string{}, ShutdownTimeout: cluster.ShutdownTimeout},
	}
}

// Validate returns all that is wrong, each with its path.
func (c Config) Validate() error {
	var errs []error
	add := func(section string, err error) {
		for _, e := range flatten(err) {
			if strings.HasPrefix(e.Error(), section) { // says its whole path itself
				errs = append(errs, e)
			} else {
				errs = append(errs, fmt.Errorf("%s.%w", section, e))
			}
		}
	}
	add("parse", c.Parse.Validate())
	add("normalize", c.Normalize.Validate())
	add("filter", c.Filters.Validate())
	add("dedupe", c.Dedupe.Validate())
	add("vocab", c.Vocab.Validate())
	add("sinks", c.Sinks.validate())
	for name, sink := range c.Sinks.each {
		add("sinks."+name, sink.Validate())
	}
	errs = append(errs, flatten(validateSources(c.Sources))...)
	add("plan", c.Plan.validate())
	add("limits", c.Limits.validate())
	add("alarms", c.Alarms.validate())
	add("card", c.Card.validate())
	add("store.s3", c.Store.S3.Options().Validate())
	add("nats", c.NATS.validate())
	add("schedule", c.Schedule.validate())
	add("serve", c.Serve.validate())
	add("worker", c.Worker.validate())
	for _, place := range []struct{ key, at string }{{"out", c.Out}, {"work", c.Work}} {
		if err := checkPlace(place.at); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", place.key, err))
		}
	}
	if c.Workers < 0 {
		errs = append(errs, fmt.Errorf("workers: %d is negative", c.Workers))
	}
	return errors.Join(errs...)
}

// checkPlace is store.CheckPlace with the way out in the text, as a list of problems has no other place for it.
func checkPlace(at string) error {
	err := store.CheckPlace(at)
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", pipeline.Plain(err), pipeline.Hint(err))
}

// each yields the settings of every sink, by its name.
func (s Sinks) each(yield func(name string, settings interface{ Validate() error }) bool) {
	for _, f := range strict.Fields(reflect.TypeFor[Sinks]()) {
		settings, ok := reflect.TypeAssert[interface{ Validate() error }](reflect.ValueOf(s).FieldByIndex(f.Index))
		if ok && !yield(f.Key, settings) {
			return
		}
	}
}

func (s Sinks) validate() error {
	var names []string
	for name := range s.each {
		names = append(names, name)
	}
	if len(s.Use) == 0 {
		return fmt.Errorf("use: nothing would be written: name %s or several", strings.Join(names, ", "))
	}
	var errs []error
	for i, name := range s.Use {
		switch {
		case !slices.Contains(names, name):
			errs = append(errs, fmt.Errorf("use: unknown sink %q: known are %s", name, strings.Join(names, ", ")))
		case slices.Contains(s.Use[:i], name):
			errs = append(errs, fmt.Errorf("use: %s is there twice", name))
		}
	}
	return errors.Join(errs...)
}

const (
	minSplit = 64 << 10
	minShard = 1 << 20
)

func (p Plan) validate() error {
	var errs []error
	if p.SplitBytes != 0 && p.SplitBytes < minSplit {
		errs = append(errs, fmt.Errorf("split_bytes: %s is less than %s, which only makes tasks", strict.FormatSize(p.SplitBytes),
			strict.FormatSize(minSplit)))
	}
	for _, choice := range []struct{ key, value, one, other string }{
		{"known_by", p.KnownBy, KnownByTime, KnownByDigest},
		{"changed_files", p.ChangedFiles, ChangedReplace, ChangedAdd},
		{"vanished_files", p.VanishedFiles, VanishedKeep, VanishedWithdraw},
	} {
		if choice.value != choice.one && choice.value != choice.other {
			errs = append(errs, fmt.Errorf("%s: unknown value %q: known are %s, %s", choice.key, choice.value, choice.one, choice.other))
		}
	}
	if p.ShardBytes < minShard {
		errs = append(errs, fmt.Errorf("shard_bytes: %s is less than %s, which only makes files", strict.FormatSize(p.ShardBytes),
			strict.FormatSize(minShard)))
	}
	return errors.Join(errs...)
}

// flatten lists the errors that errors.Join joined.
func flatten(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || strings.Count(err.Error(), "\n")+1 != len(joined.Unwrap()) {
		return []error{err}
	}
	var list []error
	for _, e := range joined.Unwrap() {
		list = append(list, flatten(e)...)
	}
	return list
}

// Slots is Workers, or the number of CPUs that this process may use.
func (c Config) Slots() int {
	return cmp.Or(c.Workers, runtime.GOMAXPROCS(0))
}

// Fixed lists the settings that the first version of a corpus fixes for all later ones: with another value, tonight's
// documents would be compared with the earlier ones by another measure.
func Fixed() []string {
	return []string{"normalize", "dedupe.threshold", "dedupe.min_shingles"}
}

// Sections are those of the settings that have a part in what comes out of a run, by name.
func Sections() (names []string) {
	for f := range reflect.TypeFor[Config]().Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// Keys are those of all sections.
func Keys() (keys []string) {
	for _, f := range strict.Fields(reflect.TypeFor[Config]()) {
		keys = append(keys, f.Key)
	}
	return keys
}
