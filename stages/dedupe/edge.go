package dedupe

import (
	"cmp"
	"encoding/binary"
	"io"
	"slices"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/sorted"
)

// edge says that a document of the run resembles an earlier one: of the run, where version is the plan's, or of an earlier
// version, where number is its place among the kept ones.
type edge struct {
	later   uint64
	number  uint64
	version uint32
	score   uint16 // equal signature bytes
	kind    uint8
}

// kindMember says that a document of the run is in a large group: number is the key, and version is memberVersion, so that
// these come behind a document's other edges.
const (
	kindMember    = uint8(4)
	memberVersion = ^uint32(0)
)

func memberOf(document, key uint64) edge {
	return edge{later: document, number: key, version: memberVersion, kind: kindMember}
}

// edgesKind is the file of a partition's edges: later uint64, version uint32, number uint64, score uint16, kind, 0.
var edgesKind = sorted.Kind{Magic: "MREDGES1", Width: 24}

func (e edge) encode(b []byte) {
	_ = b[23]
	binary.LittleEndian.PutUint64(b, e.later)
	binary.LittleEndian.PutUint32(b[8:], e.version)
	binary.LittleEndian.PutUint64(b[12:], e.number)
	binary.LittleEndian.PutUint16(b[20:], e.score)
	b[22], b[23] = e.kind, 0
}

func decodeEdge(b []byte) edge {
	_ = b[23]
	return edge{
		later: binary.LittleEndian.Uint64(b), version: binary.LittleEndian.Uint32(b[8:]),
		number: binary.LittleEndian.Uint64(b[12:]), score: binary.LittleEndian.Uint16(b[20:]), kind: b[22],
	}
}

// compare orders edges by the later document, then by the earlier one (earlier versions first), then the stronger first.
func (e edge) compare(f edge) int {
	return cmp.Or(cmp.Compare(e.later, f.later), cmp.Compare(e.version, f.version), cmp.Compare(e.number, f.number),
		cmp.Compare(e.kind, f.kind), cmp.Compare(f.score, e.score))
}

// edgesWriter writes edges in sorted runs, each without repeats.
type edgesWriter struct {
	runs  *sorted.Writer
	most  int // edges of a sorted run
	edges []edge
	total int64
}

// mostEdges is the most edges that are sorted in memory: 12 MiB.
const mostEdges = 512 << 10

func newEdgesWriter(w io.Writer) *edgesWriter {
	return &edgesWriter{runs: sorted.NewWriter(w, edgesKind, 1), most: mostEdges}
}

func (w *edgesWriter) add(e edge) error {
	if len(w.edges) == w.most {
		w.flush()
	}
	w.edges = append(w.edges, e)
	return w.runs.Err()
}

func (w *edgesWriter) flush() {
	if len(w.edges) == 0 {
		return
	}
	slices.SortFunc(w.edges, edge.compare)
	w.edges = slices.Compact(w.edges)
	w.runs.Start()
	for _, e := range w.edges {
		e.encode(w.runs.Add(0))
	}
	w.runs.End()
	w.total += int64(len(w.edges))
	w.edges = w.edges[:0]
}

// finish writes what is left and returns the first error.
func (w *edgesWriter) finish() error {
	w.flush()
	return w.runs.Finish(w.total)
}

// edgeSource is one sorted run of edges, ordered by the later document.
type edgeSource struct {
	edges     *sorted.Run
	documents uint64 // of the run
	version   uint32 // of the run
}

// Fill implements sorted.Source.
func (s *edgeSource) Fill(items []sorted.Item[edge]) ([]sorted.Item[edge], error) {
	data, err := s.edges.Next()
	if err != nil {
		return nil, err
	}
	for ; len(data) > 0; data = data[edgesKind.Width:] {
		e := decodeEdge(data)
		member := e.kind == kindMember && e.version == memberVersion
		if e.later >= s.documents || e.version > s.version && !member || e.version == s.version && e.number >= e.later ||
			e.score > columnar.SignatureBytes {
			return nil, sorted.Damaged(s.edges.Name(), "edge from %d to %d of version %d", e.later, e.number, e.version)
		}
		items = append(items, sorted.Item[edge]{Key: e.later, Value: e})
	}
	return items, nil
}
