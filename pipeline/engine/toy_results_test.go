package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
)

// attempts is the count of a task's attempts.
func (y *toy) attempts(stage string, task int) int {
	y.t.Helper()
	n, err := y.queue.Attempt(y.t.Context(), pipeline.Task{Stage: stage, Index: task}, 0)
	if err != nil {
		y.t.Fatal(err)
	}
	return n
}

// entry is what the ledger has of a task, nil if it has nothing.
func (y *toy) entry(stage string, task int) *pipeline.Entry {
	y.t.Helper()
	e, found, err := y.queue.Lookup(y.t.Context(), pipeline.Task{Stage: stage, Index: task})
	if err != nil {
		y.t.Fatal(err)
	}
	if !found {
		return nil
	}
	return &e
}

// results are all files that do not depend on who did what: without those that carry tasks from one worker to the next. Of spills,
// which may have empty blocks, they are the digests.
func (y *toy) results() map[string]string {
	y.t.Helper()
	infos, err := y.store.List(y.t.Context(), "")
	if err != nil {
		y.t.Fatal(err)
	}
	files := map[string]string{}
	for _, info := range infos {
		data := y.store.Get(info.Name)
		if strings.Contains(info.Name, handoverFolder) || strings.HasSuffix(info.Name, sideName("")) {
			continue
		}
		if strings.HasSuffix(info.Name, ".arrow") {
			spill, err := columnar.OpenSpill(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				y.t.Fatal(err)
			}
			data = []byte(spill.Digest())
		}
		files[info.Name] = string(data)
	}
	return files
}

// want is what a job leaves of its lists, worked out in another way: the content of the files of the result, and how many documents
// were read, filtered, rejected and doubles.
func (y *toy) want() (out map[string]string, read, filtered, rejected, doubles int64) {
	out = map[string]string{}
	all, seen := int64(0), map[int64]bool{}
	for i, list := range y.lists {
		var one sums
		for _, text := range list {
			switch n, err := strconv.ParseInt(text, 10, 64); {
			case text == "!":
			case err != nil:
				rejected++
			case n%2 != 0:
				filtered++
			default:
				one.Numbers = append(one.Numbers, 2*n)
				all += 2 * n
				if seen[n] {
					doubles++
				}
				seen[n] = true
			}
		}
		read += int64(len(list) - strings.Count(strings.Join(list, ""), "!"))
		data, _ := json.Marshal(one)
		out["out/"+dataName(i)] = string(data) + "\n"
	}
	for i := range 2 {
		out[fmt.Sprintf("out/index/%06d.json", i)] = fmt.Sprintln(all + int64(i))
	}
	out["out/end/end.json"] = fmt.Sprintln(all)
	return out, read, filtered, rejected, doubles
}

// check looks whether the job is done, whatever happened on the way: the result is right, and the ledger adds up.
func (y *toy) check() {
	y.t.Helper()
	want, read, filtered, rejected, doubles := y.want()
	got := y.results()
	maps.DeleteFunc(got, func(name, _ string) bool { return !strings.HasPrefix(name, "out/") })
	if diff := cmp.Diff(want, got); diff != "" {
		y.t.Errorf("the result (-want +got):\n%s", diff)
	}
	var sum pipeline.Sum
	for i := range y.lists {
		e := y.entry("add", i)
		if e == nil || e.Verdict != pipeline.VerdictDone {
			y.t.Fatalf("add %d: %v", i, e)
		}
		sum.In, sum.Out = sum.In+e.Sum.In, sum.Out+e.Sum.Out
		sum.Leave(pipeline.LeftFiltered, "odd", e.Sum.For(pipeline.LeftFiltered, "odd"))
		sum.Leave(pipeline.LeftRejected, "bad_row", e.Sum.For(pipeline.LeftRejected, "bad_row"))
	}
	kept := read - filtered - rejected
	wantSum := pipeline.Sum{In: read, Out: kept, Left: map[string]int64{"filtered/odd": filtered, "rejected/bad_row": rejected}}
	if diff := cmp.Diff(wantSum, sum); diff != "" {
		y.t.Errorf("sums of add (-want +got):\n%s", diff)
	}
	if e := y.entry("total", 0); e == nil || e.Sum.In != kept || e.Sum.Of(pipeline.LeftDuplicate) != doubles {
		y.t.Errorf("total: %+v, want %d in and %d doubles", e, kept, doubles)
	}
}

// sameBytes compares what two jobs left.
func sameBytes(t *testing.T, want, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !bytes.Equal([]byte(want[name]), []byte(got[name])) {
			t.Errorf("%s is\n%s\nwant\n%s", name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}
