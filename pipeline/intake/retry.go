package intake

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sort"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
)

// Retry stands behind parse, and lets through of a file that is taken again for its rejects what the version that read it
// had left out: the rest is in the corpus, and stays as it is even if these settings would read it otherwise, or its ids would
// name two documents. What is not let through is not read, so no sum counts it twice. Safe for concurrent use.
type Retry struct {
	left map[int32][]span         // by file, ascending
	kept map[int32]map[int64]bool // by file that is read anew: what is not let through, by offset
}

// span is bytes of a decoded file.
type span struct{ start, end int64 }

// Earlier is what versions of the corpus made of the files that they read: see corpus.Corpus.
type Earlier interface {
	// KeptOffsets calls yield with the place of every document of the files that stands in the corpus, or was removed from it, and may do
	// so with others.
	KeptOffsets(ctx context.Context, files []ingest.NamedFile, yield func(source, path []byte, offset int64)) error
	// LeftOut calls yield with what a version rejected or filtered: documents, and bytes of files that were not read.
	LeftOut(ctx context.Context, version int, yield func(source, path []byte, offset, bytes int64, document bool)) error
}

// NewRetry is that of a plan, nil if it takes no file again.
func NewRetry(ctx context.Context, plan *ingest.Plan, c Earlier) (*Retry, error) {
	want := map[int]map[fileName]int32{} // by version
	anew := map[fileName]int32{}
	r := &Retry{left: map[int32][]span{}, kept: map[int32]map[int64]bool{}}
	for i := range plan.Files {
		f := &plan.Files[i]
		if f.RetriedFrom == 0 {
			continue
		}
		name := fileName{plan.SourceName(int32(i)), f.Path}
		if f.Reread {
			anew[name] = int32(i)
			continue
		}
		if want[f.RetriedFrom] == nil {
			want[f.RetriedFrom] = map[fileName]int32{}
		}
		want[f.RetriedFrom][name] = int32(i)
		r.left[int32(i)] = []span{}
	}
	if len(want)+len(anew) == 0 {
		return nil, nil //nolint:nilnil // there is nothing to be let through alone
	}
	if len(anew) > 0 {
		var files []ingest.NamedFile
		for name := range anew {
			files = append(files, ingest.NamedFile{Source: name.source, Path: name.path})
		}
		err := c.KeptOffsets(ctx, files, func(source, path []byte, offset int64) {
			if i, ok := anew[fileName{string(source), string(path)}]; ok {
				if r.kept[i] == nil {
					r.kept[i] = map[int64]bool{}
				}
				r.kept[i][offset] = true
			}
		})
		if err != nil {
			return nil, err
		}
	}
	for version, of := range want {
		err := c.LeftOut(ctx, version, func(source, path []byte, offset, bytes int64, document bool) {
			i, ok := of[fileName{string(source), string(path)}]
			if !ok {
				return
			}
			s := span{offset, offset + max(bytes, 1)}
			switch f := &plan.Files[i]; {
			case !document && (f.Compression != "" || f.Encoding != ""):
				s.end = math.MaxInt64 // it was counted in other bytes
			case document && f.Numbered:
				s.end = s.start + 1 // so was it, but each document has a number of its own
			}
			r.left[i] = append(r.left[i], s)
		})
		if err != nil {
			return nil, err
		}
	}
	for _, left := range r.left {
		slices.SortFunc(left, func(a, b span) int { return cmp.Compare(a.start, b.start) })
		for k := 1; k < len(left); k++ { // so that the last that begins before an offset ends last as well
			left[k].end = max(left[k].end, left[k-1].end)
		}
	}
	return r, nil
}

// takes says whether something that begins at an offset of a file was left out.
func (r *Retry) takes(file int32, offset int64) bool {
	left, ok := r.left[file]
	if !ok {
		return !r.kept[file][offset]
	}
	k := sort.Search(len(left), func(k int) bool { return left[k].start > offset })
	return k > 0 && offset < left[k-1].end
}

// touches says whether bytes of a file hold something that was left out.
func (r *Retry) touches(reject *columnar.Reject) bool {
	left, some := r.left[reject.File]
	behind := !some || len(left) > 0 && left[len(left)-1].start > reject.Offset
	return reject.Scope == columnar.ScopeFile && behind || r.takes(reject.File, reject.Offset)
}

// Process implements pipeline.Stage.
func (r *Retry) Process(_ context.Context, b *columnar.Batch) (*columnar.Batch, error) {
	mask, all := make([]bool, b.Len()), true
	for i, file := range b.File {
		mask[i] = r.takes(file, b.Offset[i])
		all = all && mask[i]
	}
	if !all {
		b.Keep(mask)
	}
	b.Rejects = slices.DeleteFunc(b.Rejects, func(reject columnar.Reject) bool { return !r.touches(&reject) })
	r.keepPages(b)
	return b, nil
}

// keepPages leaves the pages of what is let through, and in the counters what is left of them.
func (r *Retry) keepPages(b *columnar.Batch) {
	b.Pages = slices.DeleteFunc(b.Pages, func(p columnar.Page) bool {
		if r.takes(p.File, p.Offset) {
			return false
		}
		name := ingest.CounterNoArticle
		if p.Article {
			name = ingest.CounterArticles
		}
		if b.Counters.Add(name, -1); b.Counters[name] == 0 {
			delete(b.Counters, name)
		}
		return true
	})
}
