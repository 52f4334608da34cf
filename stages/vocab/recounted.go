package vocab

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/vocab/tokens"
)

// Counter counts documents again, or what they have of one part of all tokens.
type Counter interface {
	// Count adds the documents of a shard that some pieces of it hold, which ascend. It is safe for concurrent use.
	Count(ctx context.Context, s pipeline.Store, format *pipeline.TableFormat, path string, pieces []ingest.LivePiece) error
	// Compare returns an error that says where a table does not count what was added.
	Compare(ctx context.Context, s pipeline.Store, table string) error
}

// checkedTokens is how many different tokens are held in memory at once, at some 150 bytes each.
const checkedTokens = 2 << 20

// Checks are what counts again what a table counts: one for characters; of tokens of another kind one for each part of them, all of which have to
// be gone through.
func Checks(ctx context.Context, s pipeline.Store, kind, table string) ([]Counter, error) {
	if kind == CountChars {
		return []Counter{NewCheck()}, nil
	}
	said, err := tokens.Footer(ctx, s, table)
	if err != nil {
		return nil, err
	}
	const most = 1 << 40
	if said.Tokens < 0 || said.Tokens > most {
		return nil, fmt.Errorf("%s says that there are %d tokens, which cannot be", table, said.Tokens)
	}
	list := make([]Counter, said.Tokens/checkedTokens+1)
	for i := range list {
		list[i] = tokens.NewCheck(kind, uint64(i), uint64(len(list)))
	}
	return list, nil
}
