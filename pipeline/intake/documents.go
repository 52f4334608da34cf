package intake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"math/bits"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// Document is one that was read from its source.
type Document struct {
	ID           string
	Source, Path string
	Offset       int64
	Chars        int
	Text, Meta   []byte

	key [16]byte
}

// What is read for a sample: of files of more bytes some are read, and of a large one a part.
const (
	sampleInput = 64 << 20
	samplePart  = 2 << 20 // that is read in a row
	sampleText  = 256 << 20
)

// Documents reads documents of the files below the paths, through the stages that make texts of them, and returns those whose ids have the
// smallest hashes, at most so many: all of them if there are no more, in the order of a plan. all says whether every file was read to its end. The
// same files give the same documents. Memory is bounded: of texts of more than 256 MiB some are left out. It makes no folder and takes no
// lock.
func Documents(ctx context.Context, o Options, most int) (list []Document, all bool, err error) {
	found, err := o.listPaths(ctx)
	if err != nil {
		return nil, false, err
	}
	if err := found.detect(ctx, o.Formats); err != nil {
		return nil, false, err
	}
	plan := &ingest.Plan{Sources: found.sources, Files: found.files}
	sources, err := store.OpenSources(plan.Sources, o.Access)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, sources.Close()) }()
	s := &documentSample{in: ingest.Input{Plan: plan, Sources: sources}, most: most}
	if s.stages, err = o.Text(ctx, s.in.Job()); err != nil {
		return nil, false, err
	}
	pieces, all := samplePieces(plan, found.cut)
	read := int64(0)
	for _, p := range pieces {
		if !all && read >= sampleInput {
			break
		}
		n, ended, err := s.read(ctx, o.Formats, p.Piece, p.most)
		if err != nil {
			return nil, false, err
		}
		read += n
		all = all && ended
	}
	s.trim()
	slices.SortFunc(s.list, func(a, b sampledDocument) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.Offset, b.Offset))
	})
	for i := range s.list {
		list = append(list, s.list[i].Document)
	}
	return list, all && !s.left, nil
}

// samplePiece is a piece of a file of which so many bytes are read, from its start on.
type samplePiece struct {
	ingest.Piece
	most int64
}

// samplePieces are the files in plan order, if they are few, or else in the order of their hashes, so much of each that all come to their
// turn: from several places of those that can be entered in the middle.
func samplePieces(plan *ingest.Plan, cut []bool) (pieces []samplePiece, all bool) {
	total := int64(0)
	keys := make([][16]byte, len(plan.Files))
	for i := range plan.Files {
		f := &plan.Files[i]
		if f.Reject != "" {
			continue
		}
		total += f.Bytes
		keys[i], _ = ingest.FileKey(nil, plan.SourceName(int32(i)), f.Path)
		pieces = append(pieces, samplePiece{ingest.Piece{File: i, End: f.Bytes}, math.MaxInt64})
	}
	if total <= sampleInput {
		return pieces, true
	}
	slices.SortFunc(pieces, func(a, b samplePiece) int { return bytes.Compare(keys[a.File][:], keys[b.File][:]) })
	files := pieces
	pieces = nil
	each := max(sampleInput/int64(len(files)), samplePart)
	for _, p := range files {
		f := &plan.Files[p.File]
		p.most = each
		if f.Bytes <= each || !cut[p.File] || f.Compression != "" || f.Encoding != "" {
			pieces = append(pieces, p)
			continue
		}
		parts := each / samplePart
		room := uint64(f.Bytes/parts - samplePart + 1)
		seed := binary.LittleEndian.Uint64(keys[p.File][8:])
		for k := range parts {
			p.Start, p.most = f.Bytes*k/parts+int64(bits.RotateLeft64(seed, int(k))%room), math.MaxInt64
			p.End = p.Start + samplePart
			pieces = append(pieces, p)
		}
	}
	return pieces, false
}

type sampledDocument struct {
	Document
	file int32
}

// documentSample keeps the documents of the smallest hashes.
type documentSample struct {
	in     ingest.Input
	stages []pipeline.Stage
	most   int
	list   []sampledDocument
	bytes  int64
	left   bool // some documents are not in it
}

// read takes the documents of a piece, at most so many bytes. n is what was read of the file.
func (s *documentSample) read(ctx context.Context, formats Formats, p ingest.Piece, most int64) (n int64, ended bool, err error) {
	reader, err := openPiece(ctx, formats, s.in, p)
	if err != nil {
		return 0, false, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	for n < most {
		b := &columnar.Batch{}
		if err := reader.Read(ctx, b); errors.Is(err, io.EOF) {
			return n, true, nil
		} else if err != nil {
			return n, false, err
		}
		n += max(b.Raw, 1)
		if b, err = pipeline.ProcessAll(ctx, s.stages, b); err != nil {
			return n, false, err
		}
		s.add(b)
	}
	return n, false, nil
}

func (s *documentSample) add(b *columnar.Batch) {
	for i := range b.Len() {
		d := sampledDocument{file: b.File[i], Document: Document{
			Source: s.in.Plan.SourceName(b.File[i]), Path: s.in.Plan.Files[b.File[i]].Path, Offset: b.Offset[i], Chars: int(b.Chars[i]),
			Text: b.Text.At(i), Meta: b.Meta.At(i), // the batch is not used again
		}}
		d.key, _ = ingest.DocumentID(nil, d.Source, d.Path, d.Offset)
		d.ID = hex.EncodeToString(d.key[:])
		s.list = append(s.list, d)
		s.bytes += int64(len(d.Text) + len(d.Meta))
	}
	if len(s.list) > 2*s.most || s.bytes > 2*sampleText {
		s.trim()
	}
}

// trim leaves the documents of the greatest hashes out.
func (s *documentSample) trim() {
	slices.SortFunc(s.list, func(a, b sampledDocument) int { return bytes.Compare(a.key[:], b.key[:]) })
	s.list = slices.CompactFunc(s.list, func(a, b sampledDocument) bool { return a.key == b.key })
	kept, sum := 0, int64(0)
	for kept < len(s.list) && kept < s.most {
		d := &s.list[kept]
		if sum += int64(len(d.Text) + len(d.Meta)); sum > sampleText && kept > 0 {
			break
		}
		// Copied: the rest of its batch is let go.
		d.Text, d.Meta = bytes.Clone(d.Text), bytes.Clone(d.Meta)
		kept++
	}
	s.left = s.left || kept < len(s.list)
	clear(s.list[kept:])
	s.list, s.bytes = s.list[:kept], sum
}
