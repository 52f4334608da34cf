package parse

import (
	"context"
	"errors"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
)

// aheadFiles is how many files of a bucket are open, or on the way, for one reader.
const aheadFiles = 8

// ahead is the Sources of a reader. Files of a bucket are opened before their turn: to open one brings its beginning along and takes as long as
// the way there and back, which for small files is nearly all that they take.
type ahead struct {
	pipeline.Sources
	opening []*opening // in the order in which they are wanted
}

// opening is a file that is being opened.
type opening struct {
	file   pipeline.SourceFile
	done   chan struct{}
	object pipeline.Object // set before done is closed, as err
	err    error
}

// begin opens the files of the pieces that come next, as far as that has not begun. Those that were begun before are of the first of them.
func (a *ahead) begin(ctx context.Context, plan *ingest.Plan, pieces []ingest.Piece) {
	for i := len(a.opening); i < min(len(pieces), aheadFiles); i++ {
		file := plan.Files[pieces[i].File].Planned()
		if file.ETag == "" {
			return // on a disk; or it comes in a moment
		}
		o := &opening{file: file, done: make(chan struct{})}
		a.opening = append(a.opening, o)
		go func() {
			defer close(o.done)
			o.object, o.err = a.Sources.Open(ctx, file)
		}()
	}
}

// Open implements pipeline.Sources for one goroutine. The caller closes what it gets.
func (a *ahead) Open(ctx context.Context, file pipeline.SourceFile) (pipeline.Object, error) {
	if len(a.opening) == 0 || a.opening[0].file != file {
		return a.Sources.Open(ctx, file)
	}
	o := a.opening[0]
	a.opening = a.opening[1:]
	<-o.done
	return o.object, o.err
}

// close closes what was opened and not asked for.
func (a *ahead) close() (err error) {
	for _, o := range a.opening {
		if <-o.done; o.err == nil {
			err = errors.Join(err, o.object.Close())
		}
	}
	a.opening = nil
	return err
}
