package mds

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/tokens"
)

const version = 2

// config is how samples are laid out. It stands in every chunk, and in the index for every chunk.
func (l layout) config(spec tokens.Spec) map[string]any {
	width := 8 * spec.TokenBytes()
	encoding, size := fmt.Sprintf("ndarray:uint%d", width), any(nil)
	if spec.Length > 0 {
		encoding, size = fmt.Sprintf("%s:%d", encoding, spec.Length), spec.Length*spec.TokenBytes()
	}
	return map[string]any{
		"version": version, "format": "mds", "compression": nil, "hashes": []string{"sha256"}, "size_limit": l.limit,
		"column_names":     []string{"cu_seqlens", "ids", "tokens"},
		"column_encodings": []string{"ndarray:int32", "str", encoding},
		"column_sizes":     []any{nil, nil, size},
	}
}

// index writes the index.json of a split: what every chunk is, by its output.
func (l layout) index(ctx context.Context, job *pipeline.Job, folder, split string, shards [][]pipeline.Output, spec tokens.Spec) ([]pipeline.Output, error) {
	list := []any{}
	for _, outputs := range shards {
		for _, o := range outputs {
			if !strings.HasSuffix(o.Name, ending) {
				continue
			}
			info := map[string]any{
				"samples": o.Rows, "zip_data": nil,
				"raw_data": map[string]any{"basename": path.Base(o.Name), "bytes": o.Bytes, "hashes": map[string]string{"sha256": o.Digest}},
			}
			maps.Copy(info, l.config(spec))
			list = append(list, info)
		}
	}
	data, err := encode(map[string]any{"version": version, "shards": list})
	if err != nil {
		return nil, err
	}
	return tokens.WriteFile(ctx, job, folder+"/"+split+"/index.json", data, int64(len(list)))
}

// encode is the JSON of MDSWriter: keys in order, a space behind commas and colons.
func encode(v any) ([]byte, error) {
	packed, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var data []byte
	text := false
	for _, c := range packed { // no string here has an escape
		data = append(data, c)
		switch {
		case c == '"':
			text = !text
		case !text && (c == ',' || c == ':'):
			data = append(data, ' ')
		}
	}
	return data, nil
}
