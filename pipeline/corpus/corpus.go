package corpus

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"millrace/pipeline"
)

// Corpus is a dataset in a store. Every call lists what is there; of what it has read it keeps the manifests, which never
// change: after a thousand nights they are a thousand files. Safe for concurrent use.
type Corpus struct {
	store   pipeline.Store
	formats pipeline.TableFormats

	mu        sync.Mutex
	manifests map[pipeline.ObjectInfo]*Manifest // guarded by mu; those of the last listing
}

// Open returns the corpus in a store, which may be empty. The formats are all those that its documents may be in: a file of
// another one is in no version, and nothing is known of its folder.
func Open(store pipeline.Store, formats pipeline.TableFormats) *Corpus {
	return &Corpus{store: store, formats: formats}
}

// Store returns the store that the corpus is in.
func (c *Corpus) Store() pipeline.Store { return c.store }

// Formats returns the formats that documents may be in.
func (c *Corpus) Formats() pipeline.TableFormats { return c.formats }

// Versions returns the manifest of every version, oldest first, each with its checksum verified; they are not to be
// changed. Versions may be missing at the start only (they were freed); a gap, or a damaged manifest, is an error.
func (c *Corpus) Versions(ctx context.Context) ([]*Manifest, error) {
	list, problems, err := c.Scan(ctx)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return list, nil
}

// Scan returns every manifest; what is wrong with one of them is a problem, an error of the store an error.
func (c *Corpus) Scan(ctx context.Context) (list []*Manifest, problems []error, err error) {
	infos, err := c.store.List(ctx, pipeline.ManifestsFolder)
	if err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	known := c.manifests
	c.mu.Unlock()
	read := map[pipeline.ObjectInfo]*Manifest{}
	for _, info := range infos {
		version, ok := ManifestVersion(info.Name)
		if !ok {
			continue
		}
		m := known[info]
		if m == nil {
			data, err := pipeline.ReadAll(ctx, c.store, info.Name)
			if err != nil {
				return nil, nil, err
			}
			m, err = DecodeManifest(data, c.formats)
			if err == nil && m.Version != version {
				err = fmt.Errorf("it is the manifest of version %d", m.Version)
			}
			if err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", info.Name, err))
				continue
			}
		}
		read[info] = m
		list = append(list, m)
	}
	c.mu.Lock()
	c.manifests = read
	c.mu.Unlock()
	slices.SortFunc(list, func(a, b *Manifest) int { return a.Version - b.Version })
	if len(problems) == 0 {
		problems = checkChain(list)
	}
	return list, problems, nil
}

// checkChain says what is wrong with the order of the manifests. Those that are missing were freed, if whatever is left
// before them is needed behind them.
func checkChain(list []*Manifest) (problems []error) {
	present := map[int]bool{}
	needed := map[int]bool{} // by those behind the last gap
	gap := 0
	for i, m := range list {
		present[m.Version] = true
		if i > 0 && m.Version != list[i-1].Version+1 {
			gap = i
			clear(needed)
		}
		for _, v := range m.Live {
			needed[v] = true
		}
	}
	for i, m := range list {
		switch {
		case i < gap && !needed[m.Version]:
			problems = append(problems, fmt.Errorf("%s is missing", ManifestName(list[gap].Version-1)))
			return problems
		case i > gap && m.Parent != list[i-1].Version, i > 0 && m.Parent != m.Version-1:
			problems = append(problems, fmt.Errorf("%s: its parent is %d, not %d", ManifestName(m.Version), m.Parent, m.Version-1))
		}
	}
	if len(list) == 0 {
		return problems
	}
	newest := list[len(list)-1]
	for _, v := range newest.Live {
		if !present[v] {
			problems = append(problems, fmt.Errorf("%s is missing: %s needs it", ManifestName(v), ManifestName(newest.Version)))
		}
	}
	return problems
}

// ByRun returns the manifest of the version that a run of this id made, nil if there is none.
func (c *Corpus) ByRun(ctx context.Context, id string) (*Manifest, error) {
	if id == "" {
		return nil, nil
	}
	list, err := c.Versions(ctx)
	if i := slices.IndexFunc(list, func(m *Manifest) bool { return m.Run.ID == id }); i >= 0 {
		return list[i], err
	}
	return nil, err
}

// Newest returns the newest manifest, nil if the corpus has no version yet.
func (c *Corpus) Newest(ctx context.Context) (*Manifest, error) {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[len(list)-1], nil
}

// liveRuns returns the manifests of the runs whose documents make up the corpus, oldest first.
func (c *Corpus) liveRuns(ctx context.Context) ([]*Manifest, error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	return liveOf(list), nil
}

func liveOf(list []*Manifest) []*Manifest { return ViewOf(list).Live }

// LiveFiles returns every file that makes up the corpus, oldest version first, by path within one.
func (c *Corpus) LiveFiles(ctx context.Context) (files []File, err error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, err
	}
	v := ViewOf(list)
	return v.Files(), nil
}

// FirstSettings returns the settings of the oldest version that there is, which fix what no later version may change; nil
// if there is none.
func (c *Corpus) FirstSettings(ctx context.Context) (json.RawMessage, error) {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0].Settings, nil
}

// History returns the live versions and the runs of their keys, oldest first, for the plan: files of one kind in byte order,
// which is the order of the partitions.
func (c *Corpus) History(ctx context.Context) (history []pipeline.IndexVersion, runs []pipeline.IndexRun, err error) {
	list, err := c.Versions(ctx)
	if err != nil {
		return nil, nil, err
	}
	v := ViewOf(list)
	texts := v.texts()
	for _, m := range v.Live {
		h := pipeline.IndexVersion{Version: m.Version, Documents: m.Totals.Documents.Kept, Texts: texts[m.Version]}
		for _, f := range m.Below(pipeline.IndexFolder) {
			switch kindOfIndex(f) {
			case indexSignatures:
				h.Signatures = append(h.Signatures, f.Path)
			case "":
				return nil, nil, fmt.Errorf("%s: neither keys nor signatures", f.Path)
			}
		}
		history = append(history, h)
	}
	for _, r := range v.Index() {
		run := pipeline.IndexRun{Versions: r.Versions, Made: r.Made}
		files, err := v.keys(r)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range files {
			run.Keys = append(run.Keys, f.Path)
			run.Entries += f.Rows
		}
		runs = append(runs, run)
	}
	return history, runs, nil
}

// BaseVocab returns the path of the newest live version's character table, "" if there is none.
func (c *Corpus) BaseVocab(ctx context.Context) (string, error) {
	live, err := c.liveRuns(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range slices.Backward(live) {
		if f, ok := m.Find(pipeline.VocabFolder, CharsTable); ok {
			return f.Path, nil
		}
	}
	return "", nil
}
