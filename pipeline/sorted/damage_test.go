package sorted

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

// damage flips a bit of a file, cuts it, or puts a byte in between.
func damage(r *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	at := r.IntN(len(data))
	switch r.IntN(4) {
	case 0:
		return data[:at]
	case 1:
		return slices.Insert(data, at, byte(r.Uint32()))
	}
	data[at] ^= 1 << r.IntN(8)
	return data
}

// A file that is not what was written is an error, or the damage was in what was not read: never other items.
func TestDamageIsAnError(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 21))
	var run []Item[uint32]
	var entries []Item[uint64]
	for i := range 3 * groupBlocks * blockRecords / 2 {
		run = append(run, Item[uint32]{r.Uint64(), uint32(i)})
	}
	slices.SortFunc(run, byKey)
	for _, i := range run {
		entries = append(entries, Item[uint64]{i.Key, uint64(i.Value)})
	}
	const partitions = 2
	files := map[string][]byte{"runs": runsFile(t, partitions, run[:1000], run[1000:])}
	indexFiles(t, files, "keys", 1, entries)
	var asked []uint64
	for _, e := range entries {
		if Partition(e.Key, partitions) == 1 && r.IntN(50) == 0 {
			asked = append(asked, e.Key)
		}
	}
	// read returns what the readers make of the files: nothing and the error where there is one.
	read := func(handles *Handles) (got [3][]Item[uint64], errs [3]error) {
		var sources []Source[uint64]
		var list []*Run
		if _, list, errs[0] = NewRuns(handles, testKind).Open("runs", 1); errs[0] == nil {
			for _, run := range list {
				sources = append(sources, run.Keys(0, uint32(len(run.Name()))<<24))
			}
			m := NewMerge(sources)
			for m.Next() {
				got[0] = append(got[0], m.Item)
			}
			errs[0] = m.Err()
		}
		m := NewMerge([]Source[uint64]{NewRange(handles, []string{"keys-0"}, 1, partitions, 0, uint64(len(entries)))})
		for m.Next() {
			got[1] = append(got[1], m.Item)
		}
		errs[1] = m.Err()
		got[2], errs[2] = NewLookup(handles, []string{"keys-0"}).Find(asked, 1, nil)
		return got, errs
	}
	want, errs := read(handlesOf(t, files))
	for i, err := range errs {
		if err != nil || len(want[i]) == 0 {
			t.Fatalf("reader %d: %d items, %v", i, len(want[i]), err)
		}
	}
	caught := 0
	const rounds = 150
	for range rounds {
		got, errs := read(handlesOf(t, map[string][]byte{"runs": damage(r, files["runs"]), "keys-0": damage(r, files["keys-0"])}))
		for i, err := range errs {
			if err != nil {
				caught++
			} else if !slices.Equal(got[i], want[i]) {
				t.Fatalf("reader %d: other items", i)
			}
		}
	}
	// Half of the files is not read, and of the index less; but a cut, and a byte in between, is noticed anywhere.
	if caught < 3*rounds/2 {
		t.Errorf("only %d of %d damages were noticed", caught, 3*rounds)
	}
}
