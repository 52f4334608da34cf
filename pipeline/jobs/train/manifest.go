package train

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
)

// manifestFormat is the layout of DIR.
const manifestFormat = 1

// Manifest is manifest.json. There is nothing of time or place in it.
type Manifest struct {
	Format   int            `json:"format"`
	Name     string         `json:"name,omitempty"` // what people call the tokenizer
	Code     string         `json:"code"`           // code version of the program
	Plan     string         `json:"plan"`           // digest
	Settings Settings       `json:"settings"`
	Origin                  // that it was trained on
	Files    []dataset.File `json:"files"`  // by path
	Digest   string         `json:"digest"` // over the files: see dataset.Digest
	Checksum string         `json:"checksum"`
}

// Made implements folder.Manifest.
func (m *Manifest) Made() (plan string, files []dataset.File) { return m.Plan, m.Files }

// result is what a training came to, whose tokenizer lies in a folder.
func (m *Manifest) result(ctx context.Context, s pipeline.Store, at string) (Result, error) {
	var r Report
	data, err := pipeline.ReadAll(ctx, s, reportName)
	if err != nil {
		return Result{}, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return Result{}, fmt.Errorf("%s: %w", reportName, err)
	}
	return Result{
		Out: at, Kind: r.Kind, Size: r.Size, Documents: r.Documents, Pretokens: r.Pretokens.Different, LeftOut: r.Pretokens.leftOut(),
		BytesPerToken: r.BytesPerToken, Digest: m.Digest,
	}, nil
}
