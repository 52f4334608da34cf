package corpus

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/withdrawn"
)

// Corpus is a dataset in a store. Every call lists what is there; of what it has read it keeps the manifests, which never
// change: after a thousand nights they are a thousand files. Safe for concurrent use.
type Corpus struct {
	store   pipeline.Store
	files   pipeline.Store // the same, for what manifests name
	formats pipeline.TableFormats
	more    []string // folders of versions beside those of formats

	mu        sync.Mutex
	manifests map[pipeline.ObjectInfo]*manifest.Manifest // guarded by mu; those of the last listing
}

// Open returns the corpus in a store, which may be empty. The formats are all those that its documents may be in: a file of
// another one is in no version, and nothing is known of its folder. more are folders that stages write to beside, as
// pipeline.Chain.Folders tells them.
func Open(store pipeline.Store, formats pipeline.TableFormats, more ...string) *Corpus {
	return &Corpus{store: store, files: dataset.Placed(store), formats: formats, more: more}
}

// Store returns the store that the corpus is in.
func (c *Corpus) Store() pipeline.Store { return c.store }

// Files reads what manifests name, wherever it lies: documents that are not live any more have moved, see settle.
func (c *Corpus) Files() pipeline.Store { return c.files }

// Formats returns the formats that documents may be in.
func (c *Corpus) Formats() pipeline.TableFormats { return c.formats }

// Versions returns the manifest of every version, oldest first, each with its checksum verified; they are not to be
// changed. Versions may be missing at the start only (they were freed); a gap, or a damaged manifest, is an error.
func (c *Corpus) Versions(ctx context.Context) ([]*manifest.Manifest, error) {
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
func (c *Corpus) Scan(ctx context.Context) (list []*manifest.Manifest, problems []error, err error) {
	infos, err := c.store.List(ctx, pipeline.ManifestsFolder)
	if err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	known := c.manifests
	c.mu.Unlock()
	read := map[pipeline.ObjectInfo]*manifest.Manifest{}
	for _, info := range infos {
		version, ok := manifest.VersionOf(info.Name)
		if !ok {
			continue
		}
		m := known[info]
		if m == nil {
			data, err := pipeline.ReadAll(ctx, c.store, info.Name)
			if err != nil {
				return nil, nil, err
			}
			m, err = manifest.Decode(data, c.formats)
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
	slices.SortFunc(list, func(a, b *manifest.Manifest) int { return a.Version - b.Version })
	manifest.Complete(list)
	if len(problems) == 0 {
		problems = manifest.CheckChain(list)
	}
	if len(problems) > 0 {
		read = nil // what was completed without the others is not kept
	}
	c.mu.Lock()
	c.manifests = read
	c.mu.Unlock()
	return list, problems, nil
}

// ByRun returns the manifest of the version that a run of this id made, nil if there is none.
func (c *Corpus) ByRun(ctx context.Context, id string) (*manifest.Manifest, error) {
	if id == "" {
		return nil, nil
	}
	list, err := c.Versions(ctx)
	if i := slices.IndexFunc(list, func(m *manifest.Manifest) bool { return m.Run.ID == id }); i >= 0 {
		return list[i], err
	}
	return nil, err
}

// DroppedBy returns the version that has dropped the one that a run of this id made, 0 if none has.
func (c *Corpus) DroppedBy(ctx context.Context, id string) (int, error) {
	made, err := c.ByRun(ctx, id)
	if made == nil || err != nil {
		return 0, err
	}
	list, err := c.Versions(ctx)
	if i := slices.IndexFunc(list, func(m *manifest.Manifest) bool { return slices.Contains(m.Drops, made.Version) }); i >= 0 {
		return list[i].Version, err
	}
	return 0, err
}

// Newest returns the newest manifest, nil if the corpus has no version yet.
func (c *Corpus) Newest(ctx context.Context) (*manifest.Manifest, error) {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[len(list)-1], nil
}

// liveRuns returns the manifests of the runs whose documents make up the corpus, oldest first.
func (c *Corpus) liveRuns(ctx context.Context) ([]*manifest.Manifest, error) {
	v, err := c.view(ctx)
	return v.Live, err
}

// view is the corpus as the newest manifest says that it is.
func (c *Corpus) view(ctx context.Context) (manifest.View, error) {
	list, err := c.Versions(ctx)
	return manifest.ViewOf(list), err
}

// LiveFiles returns every file that makes up the corpus, oldest version first, by path within one.
func (c *Corpus) LiveFiles(ctx context.Context) (files []dataset.File, err error) {
	v, err := c.view(ctx)
	return v.Files(), err
}

// ViewAt is the corpus as it was at a version, 0 for the newest. The error is a pipeline.ErrUsage if there is no such version, or if something of it was
// freed. A corpus without a version has an empty view at 0.
func (c *Corpus) ViewAt(ctx context.Context, version int) (v manifest.View, err error) {
	v, _, err = c.at(ctx, version)
	return v, err
}

// FilesAt returns every file that made up the corpus at a version, 0 for the newest, each with the path where it lies now. Errors are those of ViewAt.
func (c *Corpus) FilesAt(ctx context.Context, version int) (files []dataset.File, err error) {
	_, files, err = c.at(ctx, version)
	return files, err
}

func (c *Corpus) at(ctx context.Context, version int) (v manifest.View, files []dataset.File, err error) {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 && version == 0 {
		return v, nil, err
	}
	at := len(list) - 1
	if version != 0 {
		at = slices.IndexFunc(list, func(m *manifest.Manifest) bool { return m.Version == version })
	}
	const way = "millrace log OUT tells what became of every version"
	if at < 0 {
		return v, nil, pipeline.WithHint(fmt.Errorf("%w: there is no version %d", pipeline.ErrUsage, version), way)
	}
	v = manifest.ViewOf(list[:at+1])
	if len(v.Made) < len(v.Newest.Live) {
		return v, nil, pipeline.WithHint(fmt.Errorf("%w: of version %d some was freed: it was made up of versions %s", pipeline.ErrUsage, v.Newest.Version,
			manifest.VersionRange(v.Newest.Live)), way)
	}
	home, retired, err := c.sizes(ctx)
	if err != nil {
		return v, nil, err
	}
	for _, f := range v.Files() {
		_, here := home[f.Path]
		if _, ok := retired[f.Path]; ok && !here {
			f.Path = retiredPath(f.Path)
		} else if !here && at < len(list)-1 {
			return v, nil, pipeline.WithHint(fmt.Errorf("%w: of version %d some was freed: %s%s", pipeline.ErrUsage, v.Newest.Version, f.Path,
				takenFrom(list, f.Path)), way)
		}
		files = append(files, f)
	}
	return v, files, nil
}

// takenFrom says which version had documents of a file withdrawn, for people.
func takenFrom(list []*manifest.Manifest, path string) string {
	for _, m := range list {
		if !slices.Contains(m.Removes, path) {
			continue
		}
		if f, ok := m.Find(pipeline.LedgerFolder, withdrawn.Table); ok {
			return fmt.Sprintf(", from which version %d took documents: %s has their ids", m.Version, f.Path)
		}
	}
	return ""
}

// FixedSettings returns the settings that fix what no later version may change: those of the newest live version that made the index anew,
// else of the oldest version that there is; nil if there is none.
func (c *Corpus) FixedSettings(ctx context.Context) (json.RawMessage, error) {
	list, err := c.Versions(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	v := manifest.ViewOf(list)
	for _, m := range slices.Backward(v.Versions) {
		if m.Kind == manifest.KindReindex {
			return m.Settings, nil
		}
	}
	return list[0].Settings, nil
}

// History returns the live versions and the runs of their keys, oldest first, for the plan: files of one kind in byte order,
// which is the order of the partitions.
func (c *Corpus) History(ctx context.Context) (history []ingest.IndexVersion, runs []ingest.IndexRun, err error) {
	v, err := c.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	texts := v.Texts()
	for _, m := range v.Live {
		h := ingest.IndexVersion{Version: m.Version, Documents: m.Totals.Documents.Kept, Texts: texts[m.Version]}
		for _, f := range v.Below(m, pipeline.IndexFolder) {
			switch manifest.KindOfIndex(f) {
			case manifest.IndexSignatures:
				h.Signatures = append(h.Signatures, f.Path)
			case manifest.IndexCompared:
				h.Compared = append(h.Compared, f.Path)
			case "":
				return nil, nil, fmt.Errorf("%s: neither keys nor signatures", f.Path)
			}
		}
		history = append(history, h)
	}
	runs, err = runsOf(v.Index(), v.Keys)
	return history, runs, err
}

// runsOf are runs of keys with their files.
func runsOf(list []manifest.IndexRun, filesOf func(manifest.IndexRun) ([]dataset.File, error)) (runs []ingest.IndexRun, err error) {
	for _, r := range list {
		run := ingest.IndexRun{Versions: r.Versions, Made: r.Made}
		files, err := filesOf(r)
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			run.Keys = append(run.Keys, f.Path)
			run.Entries += f.Rows
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// BaseVocab returns the path of the newest live version's character table, "" if there is none.
func (c *Corpus) BaseVocab(ctx context.Context) (string, error) {
	v, err := c.view(ctx)
	f, _ := v.Find(pipeline.VocabFolder, CharsTable)
	return f.Path, err
}
