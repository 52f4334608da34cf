package lines

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/sorted"
)

// Stages of the package.
const (
	StageCollect = "lines"
	StageCount   = "linesindex"
)

// Folders of work files.
const (
	linesFolder    = "lines"
	frequentFolder = "frequent"
)

func linesName(split int) string        { return fmt.Sprintf(linesFolder+"/%06d.lines", split) }
func frequentName(partition int) string { return fmt.Sprintf(frequentFolder+"/%06d.idx", partition) }

// keysKind is the file of a split's keys, each with the number of its document in the split.
var keysKind = sorted.KeysKind("MRLINES1")

// mostKeys is the most keys that are sorted in memory, unless one document has more.
const mostKeys = 512 << 10

// CollectStage is the stage whose tasks, one a split, write the keys of its documents in sorted runs. The entry's rows are the documents, its
// bytes their text.
func CollectStage(of Of, tables pipeline.TableFormats) pipeline.StageSpec {
	return pipeline.StageSpec{
		Name: StageCollect, Work: []pipeline.WorkFiles{{Folder: linesFolder}}, Runner: &collector{tables: tables, grounds: grounds{of: of}, most: mostKeys},
	}
}

type collector struct {
	tables  pipeline.TableFormats
	grounds grounds
	most    int
}

// Run implements pipeline.Runner.
func (c *collector) Run(ctx context.Context, task pipeline.Task, job *pipeline.Job) (e pipeline.Entry, err error) {
	g, err := c.grounds.get(ctx, job)
	if err != nil {
		return e, err
	}
	if task.Index < 0 || task.Index >= len(g.Splits) {
		return e, pipeline.Permanent(fmt.Errorf("%s: there are %d splits", task, len(g.Splits)))
	}
	base, end := g.bases[task.Index], g.bases[task.Index+1]
	if end-base > math.MaxUint32 {
		return e, pipeline.Permanent(fmt.Errorf("%s has %d documents, more than %d", task, end-base, uint32(math.MaxUint32)))
	}
	file, err := pipeline.CreateWork(ctx, job, linesName(task.Index))
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	to := bufio.NewWriterSize(file, 64<<10)
	k := &collecting{runs: sorted.NewWriter(to, keysKind, g.Partitions), most: c.most}
	for i := range g.Splits[task.Index] {
		p := &g.Splits[task.Index][i]
		if err := c.piece(ctx, job, g, p, func(number uint64, text, meta []byte, source string) error {
			if number < base || number >= end {
				return pipeline.Permanent(fmt.Errorf("%s: document %d of version %d is none of the split", p.Path, number, p.Version))
			}
			k.document(uint32(number-base), text, meta, source)
			return k.runs.Err()
		}); err != nil {
			return e, err
		}
	}
	k.flush()
	if err := k.runs.Finish(int64(end - base)); err != nil {
		return e, err
	}
	if err := to.Flush(); err != nil {
		return e, err
	}
	out, err := file.Commit(k.keys)
	return pipeline.Entry{
		Stage: task.Stage, Index: task.Index, Verdict: pipeline.VerdictDone, Rows: k.documents, Bytes: k.bytes, Outputs: []pipeline.Output{out},
	}, err
}

// piece reads the documents of a piece.
func (c *collector) piece(ctx context.Context, job *pipeline.Job, g *ground, p *ingest.LivePiece, yield func(number uint64, text, meta []byte, source string) error) error {
	if p.Rows == 0 {
		return nil
	}
	first, err := g.all.First(p.Version)
	if err != nil {
		return err
	}
	return p.Read(ctx, job.Corpus, c.tables, func(i int64, text, meta []byte, source string) error {
		return yield(first+uint64(g.mask.Rank(p.Version, p.First+i)), text, meta, source)
	})
}

// collecting is one task.
type collecting struct {
	runs   *sorted.Writer
	most   int
	sorter sorted.Sorter[uint32]
	scan   Scanner
	group  []byte
	own    []uint64 // keys of one document

	keys, documents, bytes int64
}

// document adds the keys of a document, each once. A sorted run ends where they do not fit, so the cuts follow from the documents alone
// (invariant 1).
func (k *collecting) document(number uint32, text, meta []byte, source string) {
	k.group = AppendGroup(k.group[:0], meta, source)
	g := GroupOf(k.group)
	k.own = append(k.own[:0], g.Key())
	k.scan.Each(text, g, func(_ []byte, key uint64) {
		if key != 0 {
			k.own = append(k.own, key)
		}
	})
	slices.Sort(k.own)
	k.own = slices.Compact(k.own)
	if len(k.sorter.Items) > 0 && len(k.sorter.Items)+len(k.own) > k.most {
		k.flush()
	}
	for _, key := range k.own {
		k.sorter.Items = append(k.sorter.Items, sorted.Item[uint32]{Key: key, Value: number})
	}
	k.documents++
	k.bytes += int64(len(text))
}

// flush writes one sorted run.
func (k *collecting) flush() {
	k.sorter.Sort()
	k.runs.WriteKeys(k.sorter.Items)
	k.keys += int64(len(k.sorter.Items))
	k.sorter.Items = k.sorter.Items[:0]
}
