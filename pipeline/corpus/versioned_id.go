package corpus

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// VersionedID is an id in a version: the same file may be read again by a later version, so the id alone can name several
// documents.
type VersionedID struct {
	ID      [16]byte
	Version int32
}

// Digits is the id as it is written.
func (v VersionedID) Digits() string { return hex.EncodeToString(v.ID[:]) }

// Part is which of several passes an id belongs to. Ids are hashes, so any of their bits will do.
func (v VersionedID) Part(parts int) int {
	return int(binary.BigEndian.Uint64(v.ID[:]) % uint64(parts))
}

// CompareIDs orders ids, and versions of one id.
func CompareIDs(a, b VersionedID) int {
	return cmp.Or(bytes.Compare(a.ID[:], b.ID[:]), cmp.Compare(a.Version, b.Version))
}

// EachID calls yield with the documents of a shard, row by row.
func (c *Corpus) EachID(ctx context.Context, shard dataset.File, yield func(VersionedID) error) error {
	columns := columnar.Selection{Text: []string{"id"}, Int: []string{"version"}}
	return c.formats.Of(shard.Path).ReadTable(ctx, c.files, shard.Path, columns, nil, func(d *columnar.Frame) error {
		ids := d.Text("id")
		for i, version := range d.Int("version") {
			id, err := ingest.ParseDocumentID(ids.At(i))
			if err == nil {
				err = yield(VersionedID{id, int32(version)})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}
