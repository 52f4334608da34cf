package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/engine"
	"github.com/millrace/millrace/pipeline/folder"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/jobs/release/texts"
	"github.com/millrace/millrace/pipeline/store"
)

// Params are what a training is asked for by: the parameters of its request.
type Params struct {
	Settings
	// Out is DIR: a path of the machine that commits, or a URL.
	Out string `json:"out"`
	// From is a release whose texts are trained on, and Split which of its splits: "" is the one to train on. Without From it is the corpus.
	From  string `json:"from,omitempty"`
	Split string `json:"split,omitempty"`
}

// body is what a plan says of a training. All of it is in the digest.
type body struct {
	Settings Settings `json:"settings"`
	Origin
	// Splits are the live documents, and Pieces the files of a release: one a task of pretokens. There is one of the two.
	Splits [][]ingest.LivePiece `json:"splits,omitempty"`
	Pieces [][]texts.Piece      `json:"pieces,omitempty"`
	// Partitions are those of the hashes of pre-tokens; one a task of pretokenmerge.
	Partitions int `json:"partitions"`
}

// Origin is where the texts are from: one of the two.
type Origin struct {
	Corpus  *State    `json:"corpus,omitempty"`
	Release *Released `json:"release,omitempty"`
}

// documents are how many it has.
func (o *Origin) documents() int64 {
	if o.Release != nil {
		return o.Release.Documents
	}
	return o.Corpus.Documents
}

// says is what it is, for people.
func (o *Origin) says() string {
	if r := o.Release; r != nil {
		return fmt.Sprintf("the split %s of the release %s", r.Split, r.Digest)
	}
	return fmt.Sprintf("version %d of a corpus", o.Corpus.Version)
}

// Released is what was read of a release.
type Released struct {
	Digest    string `json:"digest"`
	Name      string `json:"name,omitempty"` // that its recipe gave it
	Split     string `json:"split"`
	Format    string `json:"format"`    // that the texts were read from
	Documents int64  `json:"documents"` // of the split, each as often as it is repeated
}

// tasks is how many tasks read the texts.
func (b *body) tasks() int { return max(len(b.Splits), len(b.Pieces)) }

// State is what a corpus was like.
type State struct {
	Version   int    `json:"version"`   // the newest one
	Documents int64  `json:"documents"` // that were live
	Digest    string `json:"digest"`    // sha256 over the numbers and digests of the live versions
}

// local is what has no part in the result.
type local struct {
	Out  string `json:"out"`
	From string `json:"from,omitempty"` // where the release lies
}

// bodyOf returns what a plan says: see pipeline.BodyOf.
func bodyOf(p *pipeline.Plan) (*body, error) { return pipeline.BodyOf[body](p, Name) }

func localOf(p *pipeline.Plan) (l local, err error) {
	if err := json.Unmarshal(p.Local, &l); err != nil {
		return l, fmt.Errorf("decode what a plan says of this place: %w", err)
	}
	return l, nil
}

// How training is cut, unless options say otherwise.
const (
	splitBytes     = 64 << 20 // of shards, for a task of pretokens, and more where there were more than mostSplits
	mostSplits     = 512
	partitionBytes = 1 << 30 // of text
	mostPartitions = 256

	// pretokenShare is what counted pre-tokens take in the work folder: of the text, one byte in so many, about.
	pretokenShare = 8

	// filedText is how many bytes of text a byte of a file of a release is, about: nothing says it before it is read.
	filedText = 4
)

// plan plans a training. There is no plan where the tokenizer is there.
func (k *Kind) plan(ctx context.Context, s *engine.Site, p Params) (d engine.Draft, err error) {
	if err := p.settle(); err != nil {
		return d, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	b := body{Settings: p.Settings}
	var text int64
	if p.From != "" {
		text, err = k.ofRelease(ctx, &p, &b)
	} else {
		text, err = k.ofCorpus(ctx, s, &p, &b)
	}
	if err != nil {
		return d, err
	}
	b.Partitions = int(min(max(1, (text+partitionBytes-1)/partitionBytes), mostPartitions))
	if n := k.options.Partitions; n > 0 {
		b.Partitions = n
	}
	d.Room = 2 * text / pretokenShare
	if d.Plan, err = folder.PlanOf(Name, &b, local{p.Out, p.From}); err != nil {
		return d, err
	}
	return folder.Unmade(ctx, s, d, func(p *pipeline.Plan) (*engine.Outcome, error) { return k.look(ctx, s, p, true) })
}

// ofCorpus plans to read the live documents, and returns how many bytes of text these are.
func (k *Kind) ofCorpus(ctx context.Context, s *engine.Site, p *Params, b *body) (text int64, err error) {
	if p.Split != "" {
		return 0, fmt.Errorf("%w: a corpus has no splits: split %s is one of a release", pipeline.ErrUsage, p.Split)
	}
	c := k.Open(s)
	list, err := c.Versions(ctx)
	if err != nil {
		return 0, err
	}
	v := manifest.ViewOf(list)
	if v.Newest == nil {
		return 0, fmt.Errorf("%w: the corpus has no version", pipeline.ErrUsage)
	}
	if err := c.Present(ctx); err != nil {
		return 0, err
	}
	if err := c.CheckReadable(ctx, "nothing can be trained on them", corpus.WriteAnew); err != nil {
		return 0, err
	}
	b.Corpus = &State{Version: v.Newest.Version, Digest: manifest.DigestOf(v.Versions)}
	if text, err = c.LiveText(ctx); err != nil {
		return 0, err
	}
	if b.Splits, err = k.splits(ctx, c); err != nil {
		return 0, err
	}
	for _, pieces := range b.Splits {
		for i := range pieces {
			b.Corpus.Documents += pieces[i].Rows
		}
	}
	if b.Corpus.Documents == 0 {
		return 0, fmt.Errorf("%w: the corpus has no live document", pipeline.ErrUsage)
	}
	return text, nil
}

// ofRelease plans to read the texts of a release, and returns how many bytes of text these are, about.
func (k *Kind) ofRelease(ctx context.Context, p *Params, b *body) (text int64, err error) {
	if err := folder.Apart(p.Out, p.From, "release"); err != nil {
		return 0, err
	}
	from, err := store.Open(ctx, p.From, store.Options{Access: k.options.Access})
	if err != nil {
		return 0, fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	t, err := texts.Open(ctx, from, p.From, p.Split, k.options.Documents)
	if err != nil {
		return 0, err
	}
	b.Release = &Released{Digest: t.Digest, Name: t.Name, Split: t.Split, Format: t.Format, Documents: t.Documents}
	files, _ := dataset.Sum(t.Files)
	per := k.options.SplitBytes
	if per == 0 {
		per = max(splitBytes, files/mostSplits)
	}
	b.Pieces = t.Pieces(per)
	return filedText * files, nil
}

// splits are the live documents.
func (k *Kind) splits(ctx context.Context, c *corpus.Corpus) (splits [][]ingest.LivePiece, err error) {
	history, _, err := c.LineRuns(ctx)
	if err != nil {
		return nil, err
	}
	var versions []int
	for _, v := range history {
		if v.Documents > 0 {
			versions = append(versions, v.Version)
		}
	}
	per := k.options.SplitBytes
	if per == 0 {
		files, err := c.LiveFiles(ctx)
		if err != nil {
			return nil, err
		}
		bytes := int64(0)
		for _, f := range files {
			bytes += f.Bytes
		}
		per = max(splitBytes, bytes/mostSplits)
	}
	return c.LiveSplits(ctx, versions, per)
}
