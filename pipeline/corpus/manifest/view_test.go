package manifest_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/corpustest"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
)

// document is one of the model: the run that kept it, and its rank.
type document struct {
	run  int
	rank int64
}

// model is a corpus by the rows of its shards: what no manifest says.
type model struct {
	*rand.Rand
	list []*manifest.Manifest
	rows map[string][]document // of every shard that was ever written
	live [][]document          // by version: what is live behind it
}

func (m *model) view() manifest.View { return manifest.ViewOf(m.list) }

// begin begins the next version.
func (m *model) begin(kind string) *manifest.Manifest {
	v := m.view()
	next := &manifest.Manifest{Format: manifest.Format, Version: len(m.list) + 1, Kind: kind, Parent: len(m.list), Tables: corpustest.Tables}
	if v.Newest != nil {
		next.Live = slices.Clone(v.Newest.Live)
	}
	next.Live = append(next.Live, next.Version)
	return next
}

// end ends it: live is what is live behind it.
func (m *model) end(next *manifest.Manifest, live []document) {
	slices.SortFunc(next.Files, func(a, b dataset.File) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(next.Holds, func(a, b manifest.Holding) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(next.Removes)
	m.list, m.live = append(m.list, next), append(m.live, live)
}

func (m *model) now() []document {
	if len(m.live) == 0 {
		return nil
	}
	return slices.Clone(m.live[len(m.live)-1])
}

// write writes a shard of a version, and says whose documents it holds if they are of others.
func (m *model) write(next *manifest.Manifest, path string, rows []document) {
	m.rows[path] = rows
	next.Files = append(next.Files, dataset.File{Path: path, Rows: int64(len(rows))})
	if rows[0].run == next.Version {
		return
	}
	now := m.now()
	at := map[document]int{}
	for i, d := range now {
		at[d] = i
	}
	for i, d := range rows {
		n := len(next.Holds) - 1
		if i > 0 && rows[i-1].run == d.run && at[d] == at[rows[i-1]]+1 {
			next.Holds[n].Rows++
			continue
		}
		next.Holds = append(next.Holds, manifest.Holding{Path: path, Version: d.run, First: d.rank, Rows: 1})
	}
}

func (m *model) run() {
	next, live := m.begin(manifest.KindRun), m.now()
	formats := corpustest.Tables
	switch m.IntN(4) {
	case 0, 1:
		formats = formats[:1+m.IntN(3)] // in some the documents cannot be read
	case 2:
		formats = formats[1:] // without Parquet, which is the only one that is compacted
	}
	var own []document
	shards := m.IntN(4)
	for shard := range shards {
		rows := []document{}
		for range 1 + m.IntN(6) {
			rows = append(rows, document{next.Version, int64(len(own) + len(rows))})
		}
		own = append(own, rows...)
		for _, f := range formats {
			m.write(next, f.Folder+"/"+pipeline.VersionName(next.Version)+"/"+f.ShardName(shard, shards), rows)
		}
	}
	next.Totals.Documents.Kept = int64(len(own))
	next.Totals.Documents.Read = int64(len(own))
	if m.IntN(2) == 0 {
		live = m.withdraw(next, live)
	}
	m.end(next, append(live, own...))
}

// withdraw takes some documents out of the live ones and writes the shards that held them anew.
func (m *model) withdraw(next *manifest.Manifest, live []document) (left []document) {
	gone := map[document]bool{}
	share := 1 + m.IntN(5)
	for _, d := range live {
		if m.IntN(share) == 0 {
			gone[d] = true
			i, ok := slices.BinarySearchFunc(next.Withdraws, d.run, func(w manifest.Withdrawal, run int) int { return w.Version - run })
			if !ok {
				next.Withdraws = slices.Insert(next.Withdraws, i, manifest.Withdrawal{Version: d.run})
			}
			next.Withdraws[i].Documents++
			next.Totals.Withdrawn.Documents++
		} else {
			left = append(left, d)
		}
	}
	v := m.view()
	keep := m.live
	m.live = append(m.live, left) // holdings are told by what is live behind the version
	for _, f := range corpustest.Tables {
		for i, s := range v.In(&f) {
			rows := slices.DeleteFunc(slices.Clone(m.rows[s.Path]), func(d document) bool { return gone[d] })
			if len(rows) == len(m.rows[s.Path]) {
				continue
			}
			next.Removes = append(next.Removes, s.Path)
			if len(rows) > 0 {
				m.write(next, fmt.Sprintf("%s/%s/rest-%05d-of-00099.%s", f.Folder, pipeline.VersionName(next.Version), i, f.Extension), rows)
			}
		}
	}
	m.live = keep
	return left
}

func (m *model) remove() {
	next := m.begin(manifest.KindRemove)
	m.end(next, m.withdraw(next, m.now()))
}

// compact writes some Parquet shards into others.
func (m *model) compact() {
	next, v := m.begin(manifest.KindCompact), m.view()
	var rows []document
	for _, s := range v.In(&pipeline.ParquetTable) {
		if m.IntN(3) > 0 {
			next.Removes = append(next.Removes, s.Path)
			rows = append(rows, m.rows[s.Path]...)
		}
	}
	for shard := 0; len(rows) > 0; shard++ {
		n := min(len(rows), 1+m.IntN(15))
		m.write(next, fmt.Sprintf("data/%s/train-%05d-of-00099.parquet", pipeline.VersionName(next.Version), shard), rows[:n])
		rows = rows[n:]
	}
	next.Compacts = next.Runs()
	m.end(next, m.now())
}

// drop leaves the newest versions out.
func (m *model) drop() {
	v := m.view()
	if v.Newest == nil || len(v.Newest.Live) == 0 {
		return
	}
	at := max(0, len(v.Newest.Live)-1-m.IntN(3))
	first := v.Newest.Live[at]
	next := m.begin(manifest.KindDrop)
	next.Live = slices.Clone(v.Newest.Live[:at])
	var live []document
	if first > 1 {
		live = m.live[first-2]
	}
	m.end(next, live)
}

// check compares the view of the newest version with the rows, in every format.
func (m *model) check(t *testing.T) {
	t.Helper()
	v := m.view()
	if problems := v.Check(); len(problems) > 0 {
		t.Fatalf("problems: %v", problems)
	}
	want := map[int][]document{}
	for _, d := range m.now() {
		want[d.run] = append(want[d.run], d)
	}
	for _, run := range v.Live {
		if n := v.Documents(run); n != int64(len(want[run.Version])) {
			t.Fatalf("version %d has %d live documents, want %d", run.Version, n, len(want[run.Version]))
		}
	}
	for _, f := range corpustest.Tables {
		shards := v.In(&f)
		if !slices.IsSortedFunc(shards, func(a, b manifest.Shard) int {
			return 1000*(a.Holds[0].Version-b.Holds[0].Version) + int(a.Holds[0].First-b.Holds[0].First)
		}) {
			t.Fatalf("%s: shards are not in order: %v", f.Name, manifest.FilesOf(shards))
		}
		pieces := manifest.Pieces(shards)
		for _, run := range v.Live {
			if len(run.Brought(&f)) > 0 {
				m.same(t, run.Version, pieces[run.Version], want[run.Version])
			}
			delete(pieces, run.Version)
		}
		if len(pieces) > 0 {
			t.Fatalf("%s: documents of versions that are not live: %v", f.Name, pieces)
		}
	}
	read, texts := manifest.Pieces(v.Read), v.Texts()
	for _, run := range v.Live {
		m.same(t, run.Version, read[run.Version], want[run.Version])
		var rows []document
		for _, r := range texts[run.Version] {
			rows = append(rows, m.rows[r.Path][r.Row:r.Row+r.Rows]...)
		}
		if len(run.Brought(&pipeline.ParquetTable)) > 0 && !slices.Equal(rows, want[run.Version]) {
			t.Fatalf("version %d: the texts lie at %v, want %v", run.Version, rows, want[run.Version])
		}
	}
	for i, s := range manifest.Positions(v.Read) {
		row := int64(0)
		for k, h := range s.Holds {
			if d := want[h.Version][h.First]; d != m.rows[s.Path][row] || v.Read[i].Holds[k].First != d.rank {
				t.Fatalf("%s: %+v is at row %d, not document %v", s.Path, h, row, d)
			}
			row += h.Rows
		}
	}
}

// same compares what pieces hold with what is live of a run.
func (m *model) same(t *testing.T, run int, pieces []manifest.Piece, want []document) {
	t.Helper()
	var rows []document
	for _, p := range pieces {
		if int64(len(rows)) != p.Position || m.rows[p.Path][p.Row].rank != p.First {
			t.Fatalf("version %d: piece %+v has %d before it and begins with %v", run, p, len(rows), m.rows[p.Path][p.Row])
		}
		rows = append(rows, m.rows[p.Path][p.Row:p.Row+p.Rows]...)
	}
	if !slices.Equal(rows, want) {
		t.Fatalf("version %d: the pieces hold %v, live are %v", run, rows, want)
	}
}

// TestViewOfAnySequence: after any sequence of runs, withdrawals, compactions, drops and freed manifests the view has each live document
// once, in the order of its run, in every format that the run was written in.
func TestViewOfAnySequence(t *testing.T) {
	for seed := range uint64(300) {
		m := &model{Rand: rand.New(rand.NewPCG(seed, 1)), rows: map[string][]document{}}
		for range 12 {
			switch m.IntN(8) {
			case 0, 1, 2:
				m.run()
			case 3, 4:
				m.remove()
			case 5, 6:
				m.compact()
			case 7:
				m.drop()
			}
			m.check(t)
		}
		// A gc frees manifests that the newest does not need.
		newest := m.list[len(m.list)-1]
		freed := slices.DeleteFunc(slices.Clone(m.list), func(o *manifest.Manifest) bool {
			return o != newest && !slices.Contains(newest.Live, o.Version)
		})
		m.list = freed
		m.check(t)
	}
}

// TestBelow: a view has the files of a run, and in place of those that a later version removed what that has instead, as long as that is live.
func TestBelow(t *testing.T) {
	file := func(path string) dataset.File { return dataset.File{Path: path} }
	list := []*manifest.Manifest{
		{Version: 1, Live: []int{1}, Files: []dataset.File{
			file("index/000001/keys-00000-of-00001.idx"), file("index/000001/signatures-00000-of-00001.sig"), file("ledger/000001/rejects.parquet"),
		}},
		{Version: 2, Live: []int{1, 2}, Files: []dataset.File{file("ledger/000002/rejects.parquet")}},
		{
			Version: 3, Kind: manifest.KindRemove, Live: []int{1, 2, 3}, Removes: []string{"index/000001/signatures-00000-of-00001.sig", "ledger/000001/rejects.parquet"},
			Files: []dataset.File{
				file("index/000003/of-000001/signatures-00000-of-00002.sig"), file("index/000003/of-000001/signatures-00001-of-00002.sig"),
				file("ledger/000003/of-000001/rejects.parquet"),
			},
		},
		{
			Version: 4, Kind: manifest.KindRemove, Live: []int{1, 2, 3, 4}, Removes: []string{"ledger/000003/of-000001/rejects.parquet"},
			Files: []dataset.File{file("ledger/000004/of-000001/rejects.parquet")},
		},
		{Version: 5, Kind: manifest.KindDrop, Live: []int{1, 2}},
	}
	for i, want := range []struct{ index, rejects, second string }{
		{"1/keys-00000-of-00001.idx 1/signatures-00000-of-00001.sig", "ledger/000001/rejects.parquet", ""},
		{"1/keys-00000-of-00001.idx 1/signatures-00000-of-00001.sig", "ledger/000001/rejects.parquet", "ledger/000002/rejects.parquet"},
		{
			"1/keys-00000-of-00001.idx 3/of-000001/signatures-00000-of-00002.sig 3/of-000001/signatures-00001-of-00002.sig",
			"ledger/000003/of-000001/rejects.parquet", "ledger/000002/rejects.parquet",
		},
		{
			"1/keys-00000-of-00001.idx 3/of-000001/signatures-00000-of-00002.sig 3/of-000001/signatures-00001-of-00002.sig",
			"ledger/000004/of-000001/rejects.parquet", "ledger/000002/rejects.parquet",
		},
		{"1/keys-00000-of-00001.idx 1/signatures-00000-of-00001.sig", "ledger/000001/rejects.parquet", "ledger/000002/rejects.parquet"},
	} {
		v := manifest.ViewOf(list[:i+1])
		var index []string
		for _, f := range v.Below(list[0], pipeline.IndexFolder) {
			index = append(index, strings.TrimPrefix(f.Path, "index/00000"))
		}
		first, _ := v.Table(list[0], "rejects.parquet")
		second, _ := v.Table(list[1], "rejects.parquet")
		if got := strings.Join(index, " "); got != want.index || first.Path != want.rejects || i > 0 && second.Path != want.second {
			t.Errorf("version %d: %s, %s, %s; want %+v", i+1, got, first.Path, second.Path, want)
		}
		if problems := v.Check(); len(problems) > 0 && !strings.Contains(problems[0].Error(), "no run of keys names") {
			t.Errorf("version %d: %v", i+1, problems)
		}
	}
	list[2].Files = append(list[2].Files, file("ledger/000003/of-000007/rejects.parquet"))
	v := manifest.ViewOf(list[:3])
	if problems := fmt.Sprint(v.Check()); !strings.Contains(problems, "of-000007/rejects.parquet is in place of a file of version 7") {
		t.Errorf("%s", problems)
	}
}
