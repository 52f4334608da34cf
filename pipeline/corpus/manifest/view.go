package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/dataset"
)

// View is the corpus as one manifest says that it is: the files that its live versions added, without those that one of them removed.
// A version that is not live any more neither adds nor removes, so what a drop leaves out takes back what that had removed.
type View struct {
	Newest *Manifest   // nil: there is no version
	Live   []*Manifest // runs whose documents make it up, oldest first
	Read   []Shard     // where these lie: see Shards

	Versions []*Manifest       // every live version, oldest first
	Made     map[int]*Manifest // the same

	removed map[string]bool
	instead map[int][]dataset.File // of which version, files that others have in their place
}

// ViewOf is the view of the last manifest of a list, which was completed. What it names and the list has not is left out.
func ViewOf(list []*Manifest) View {
	if len(list) == 0 {
		return View{Made: map[int]*Manifest{}}
	}
	newest := list[len(list)-1]
	v := viewOf(list, newest.Live)
	v.Newest = newest
	v.Read = v.read(newest.Tables)
	return v
}

// viewOf replays the versions that are live.
func viewOf(list []*Manifest, versions []int) View {
	v := View{Made: map[int]*Manifest{}, removed: map[string]bool{}, instead: map[int][]dataset.File{}}
	live := map[int]bool{}
	for _, version := range versions {
		live[version] = true
	}
	for _, m := range list {
		if !live[m.Version] {
			continue
		}
		v.Made[m.Version] = m
		v.Versions = append(v.Versions, m)
		if m.Kind == KindRun {
			v.Live = append(v.Live, m)
		}
		for _, path := range m.Removes {
			v.removed[path] = true
		}
		for _, f := range m.Files {
			if of, ok := pipeline.InPlaceOfWhich(f.Path); ok {
				v.instead[of] = append(v.instead[of], f)
			}
		}
	}
	return v
}

// DigestOf identifies the state of a corpus that has these versions: the sha256 over their numbers and digests.
func DigestOf(versions []*Manifest) string {
	h := sha256.New()
	for _, m := range versions {
		_, _ = fmt.Fprintf(h, "%d %s\n", m.Version, m.Digest) // a hash never fails
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Files returns what the view is made of, oldest version first, by path within one.
func (v *View) Files() (files []dataset.File) {
	for _, m := range v.Versions {
		for _, f := range m.Files {
			if !v.removed[f.Path] {
				files = append(files, f)
			}
		}
	}
	return files
}

// Below returns the files that the view has of a version in one of the folders of the corpus, by their names there: its own, and in place
// of those that a later version removed what that has instead.
func (v *View) Below(m *Manifest, folder string) (files []dataset.File) {
	for _, f := range m.Below(folder) {
		if !v.removed[f.Path] && path.Dir(f.Path) == dataset.FolderOf(f.Path) {
			files = append(files, f)
		}
	}
	for _, f := range v.instead[m.Version] {
		if strings.HasPrefix(f.Path, folder+"/") && !v.removed[f.Path] {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b dataset.File) int { return strings.Compare(path.Base(a.Path), path.Base(b.Path)) })
	return files
}

// Table returns the ledger table of a base name that the view has of a version.
func (v *View) Table(m *Manifest, base string) (dataset.File, bool) {
	return v.FindOf(m, pipeline.LedgerFolder, base)
}

// FindOf returns the file of the given folder and base name that the view has of a version: see Below.
func (v *View) FindOf(m *Manifest, folder, base string) (dataset.File, bool) {
	for _, f := range v.Below(m, folder) {
		if path.Base(f.Path) == base {
			return f, true
		}
	}
	return dataset.File{}, false
}

// Totals are the sums over the live versions.
func (v *View) Totals() (t Totals) {
	for _, m := range v.Versions {
		t.AddVersion(m)
	}
	return t
}

// Reasons are the same for the reasons.
func (v *View) Reasons() Reasons {
	s := NewReasons()
	for _, m := range v.Versions {
		s.AddVersion(m)
	}
	return s
}

// Withdrawn is what the live versions withdrew of a run.
func (v *View) Withdrawn(run int) Withdrawal {
	sum := Withdrawal{Version: run}
	for _, m := range v.Versions {
		for _, w := range m.Withdraws {
			if w.Version == run {
				sum.Documents += w.Documents
				sum.Chars += w.Chars
				sum.Bytes += w.Bytes
			}
		}
	}
	return sum
}

// WithdrawnBy are the live versions that withdrew documents of a run, ascending.
func (v *View) WithdrawnBy(run int) (versions []int) {
	for _, m := range v.Versions {
		if slices.ContainsFunc(m.Withdraws, func(w Withdrawal) bool { return w.Version == run }) {
			versions = append(versions, m.Version)
		}
	}
	return versions
}

// Documents is how many documents of a run are live.
func (v *View) Documents(run *Manifest) int64 {
	return run.Totals.Documents.Kept - v.Withdrawn(run.Version).Documents
}

// Find returns the file of the given folder and base name of the newest live version that has one.
func (v *View) Find(folder, base string) (dataset.File, bool) {
	for _, m := range slices.Backward(v.Versions) {
		if f, ok := m.Find(folder, base); ok {
			return f, true
		}
	}
	return dataset.File{}, false
}

// Tables returns the ledger tables of a base name that live versions have, oldest first.
func (v *View) Tables(base string) (files []dataset.File) {
	for _, m := range v.Versions {
		if f, ok := v.Table(m, base); ok {
			files = append(files, f)
		}
	}
	return files
}
