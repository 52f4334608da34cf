package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/store"
)

// document is one as readers see it.
type document struct {
	id, path string
	version  int64
}

// sumOf tells sets of documents apart: one that is there twice is there twice.
func sumOf(list []document) string {
	keys := make([]string, len(list))
	for i, d := range list {
		keys[i] = fmt.Sprintf("%s %d\n", d.id, d.version)
	}
	slices.Sort(keys)
	h := xxh3.New()
	for _, k := range keys {
		_, _ = h.WriteString(k)
	}
	return fmt.Sprintf("%d documents, %016x", len(list), h.Sum64())
}

// table reads a corpus as programs of others do: by what docs/formats/corpus.md says and no code of the product, but for the bytes of
// stores and Parquet.
type table struct {
	at    string
	files pipeline.Store
}

// openTable opens one that may not be there yet, and whose store may be down.
func openTable(ctx context.Context, at string) (*table, error) {
	for {
		s, err := store.Open(ctx, at, store.Options{Write: !store.IsRemote(at)})
		if err == nil {
			return &table{at, s}, nil
		}
		if !errors.Is(err, pipeline.ErrUnreachable) || ctx.Err() != nil {
			return nil, err
		}
	}
}

// numbered returns the files of a folder that are called after a version.
func (t *table) numbered(ctx context.Context, folder string) (names map[int]string, newest int, err error) {
	list, err := t.files.List(ctx, folder)
	if err != nil {
		return nil, 0, err
	}
	names = map[int]string{}
	for _, f := range list {
		if n, err := strconv.Atoi(strings.TrimSuffix(path.Base(f.Name), ".json")); err == nil {
			names[n] = f.Name
			newest = max(newest, n)
		}
	}
	return names, newest, nil
}

func (t *table) newest(ctx context.Context) (int, error) {
	_, newest, err := t.numbered(ctx, "manifests")
	return newest, err
}

// versionFile is what a reader needs of a manifest.
type versionFile struct {
	Version int
	Kind    string
	Live    []int
	Drops   []int
	Removes []string
	Plan    string
	Digest  string
	KeptIDs string `json:"kept_ids"`
	Files   []struct{ Path string }
}

func (t *table) manifest(ctx context.Context, name string) (m versionFile, err error) {
	if name == "" {
		return m, fs.ErrNotExist
	}
	data, err := pipeline.ReadAll(ctx, t.files, name)
	if err == nil {
		err = json.Unmarshal(data, &m)
	}
	return m, err
}

// manifests returns all of them, oldest first.
func (t *table) manifests(ctx context.Context) (list []versionFile, err error) {
	names, _, err := t.numbered(ctx, "manifests")
	if err != nil {
		return nil, err
	}
	for _, v := range slices.Sorted(maps.Keys(names)) {
		m, err := t.manifest(ctx, names[v])
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, nil
}

// byManifest reads the documents of a version by the rule of the manifests.
func (t *table) byManifest(ctx context.Context, version int) (list []document, err error) {
	names, _, err := t.numbered(ctx, "manifests")
	if err != nil || version == 0 {
		return nil, err
	}
	m, err := t.manifest(ctx, names[version])
	if err != nil {
		return nil, err
	}
	var live []versionFile
	removed := map[string]bool{}
	for _, v := range m.Live {
		one, err := t.manifest(ctx, names[v])
		if err != nil {
			return nil, err
		}
		live = append(live, one)
		for _, p := range one.Removes {
			removed[p] = true
		}
	}
	for _, one := range live {
		for _, f := range one.Files {
			if !isShard(f.Path) || removed[f.Path] {
				continue
			}
			more, err := t.shard(ctx, f.Path)
			if errors.Is(err, fs.ErrNotExist) {
				more, err = t.shard(ctx, "retired/"+f.Path)
			}
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

func isShard(p string) bool { return strings.HasPrefix(p, "data/") && strings.HasSuffix(p, ".parquet") }

// byLog reads the documents of a version, 0 for the newest, by the Delta log.
func (t *table) byLog(ctx context.Context, version int) (at int, list []document, err error) {
	names, at, err := t.numbered(ctx, "_delta_log")
	if err != nil {
		return 0, nil, err
	}
	if len(names) == 0 {
		return 0, nil, nil // there is no version yet
	}
	if version > 0 {
		at = version
	}
	files := map[string]bool{}
	for v := range at + 1 {
		if names[v] == "" {
			return 0, nil, fs.ErrNotExist
		}
		data, err := pipeline.ReadAll(ctx, t.files, names[v])
		if err != nil {
			return 0, nil, err
		}
		for line := range bytes.Lines(data) {
			var a struct{ Add, Remove *struct{ Path string } }
			if err := json.Unmarshal(line, &a); err != nil {
				return 0, nil, fmt.Errorf("%s: %w", names[v], err)
			}
			for _, p := range []*struct{ Path string }{a.Remove, a.Add} {
				if p == nil {
					continue
				}
				name, err := url.PathUnescape(p.Path)
				if err != nil {
					return 0, nil, fmt.Errorf("%s: %w", names[v], err)
				}
				if p == a.Add {
					files[name] = true
				} else {
					delete(files, name)
				}
			}
		}
	}
	for name := range files {
		more, err := t.shard(ctx, name)
		if err != nil {
			return 0, nil, err
		}
		list = append(list, more...)
	}
	return at, list, nil
}

// byGlob reads all documents in data/.
func (t *table) byGlob(ctx context.Context) (list []document, err error) {
	files, err := t.files.List(ctx, "data")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if isShard(f.Name) {
			more, err := t.shard(ctx, f.Name)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

func (t *table) shard(ctx context.Context, name string) (list []document, err error) {
	o, err := t.files.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.Close() }() // read only
	err = columnar.ReadTable(o, o.Size(), columnar.Selection{Text: []string{"id", "path"}, Int: []string{"version"}}, nil, func(f *columnar.Frame) error {
		ids, paths, versions := f.Text("id"), f.Text("path"), f.Int("version")
		for i := range f.Rows() {
			list = append(list, document{string(ids.At(i)), string(paths.At(i)), versions[i]})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return list, nil
}

// unreachable is the exit status of a command whose store is down.
const unreachable = 3

// readerTries is how often what moves under a reader may move.
const readerTries = 6

// readers read a corpus while it changes. Each read that succeeds must be exactly one version, one that is no older than what was there
// when it began and than what the reader saw before; one that meets a file that is gone is tried again.
type readers struct {
	options
	table  *table
	config string
	corpus string
	held   map[int]string

	there atomic.Int64 // a version that is there since before now
	freed atomic.Int64 // versions below may be gone

	mu    sync.Mutex
	reads map[string]int // guarded by mu; by reader, and those that were tried again
}

// during lets all of them read while something is done.
func (r *readers) during(ctx context.Context, seed uint64, do func(context.Context) error) error {
	g, alive := errgroup.WithContext(ctx)
	reading, end := context.WithCancel(alive)
	defer end()
	for i, way := range []struct {
		name string
		read func(context.Context, int) (int, []document, error)
	}{{"Delta log", r.table.byLog}, {"manifests", r.byManifest}, {"millrace files", r.byFiles}} {
		g.Go(func() error { return r.follow(reading, way.name, rand.New(rand.NewPCG(seed, uint64(6+i))), way.read) })
	}
	g.Go(func() error {
		defer end()
		return do(alive)
	})
	return g.Wait()
}

// follow reads until ctx ends.
func (r *readers) follow(ctx context.Context, name string, random *rand.Rand, read func(ctx context.Context, version int) (int, []document, error)) error {
	last := 0
	for ctx.Err() == nil {
		pause(ctx, time.Duration(50+random.IntN(250))*time.Millisecond)
		there := int(r.there.Load())
		wanted := 0
		if oldest := max(int(r.freed.Load()), 1); oldest <= there && random.IntN(3) == 0 {
			wanted = oldest + random.IntN(there-oldest+1)
		}
		at, ok, err := r.once(ctx, name, wanted, read)
		switch {
		case err != nil && ctx.Err() == nil:
			return fmt.Errorf("a reader by %s: %w", name, err)
		case !ok || wanted > 0:
		case at < max(there, last):
			return fmt.Errorf("a reader by %s: version %d is the newest, %d was there before", name, at, max(there, last))
		default:
			last = at
		}
	}
	return nil
}

// once reads a version, 0 for the newest, and says which one it was, if it is known.
func (r *readers) once(ctx context.Context, name string, wanted int, read func(context.Context, int) (int, []document, error)) (at int, ok bool, err error) {
	for gone := 0; ; {
		at, list, err := read(ctx, wanted)
		switch {
		case err == nil:
			r.count(name)
			if got := sumOf(list); got != r.held[at] {
				return at, false, fmt.Errorf("version %d: %s, it has %s", at, got, r.held[at])
			}
			return at, true, nil
		case ctx.Err() != nil || wanted > 0 && wanted < int(r.freed.Load()):
			return 0, false, nil //nolint:nilerr // the end, or a gc that came in between
		case errors.Is(err, pipeline.ErrUnreachable): // the store is down
			r.count(name + ", store down")
		case !errors.Is(err, fs.ErrNotExist):
			return 0, false, err
		default:
			r.count(name + ", tried again")
			if gone++; gone == readerTries {
				return 0, false, fmt.Errorf("version %d (0 is the newest): tried %d times: %w", wanted, gone, err)
			}
		}
	}
}

func (r *readers) count(what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads[what]++
}

func (r *readers) byManifest(ctx context.Context, version int) (at int, list []document, err error) {
	if at = version; at == 0 {
		if at, err = r.table.newest(ctx); err != nil {
			return 0, nil, err
		}
	}
	list, err = r.table.byManifest(ctx, at)
	return at, list, err
}

// byFiles reads what the program prints.
func (r *readers) byFiles(ctx context.Context, version int) (at int, list []document, err error) {
	if at = version; at == 0 {
		if at, err = r.table.newest(ctx); err != nil || at == 0 {
			return 0, nil, err
		}
	}
	var printed struct{ Files []struct{ Path string } }
	err = r.millrace(ctx, &printed, "files", "--json", "--config", r.config, "--at", strconv.Itoa(at), r.corpus)
	if e, ok := errors.AsType[*commandError](err); ok {
		switch {
		case e.code == unreachable:
			err = fmt.Errorf("%w: %w", pipeline.ErrUnreachable, err)
		case strings.Contains(e.text, "freed") || strings.Contains(e.text, "there is no version"): // its files are gone, it says
			err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
		}
	}
	if err != nil {
		return at, nil, err
	}
	for _, f := range printed.Files {
		if !isShard(strings.TrimPrefix(f.Path, "retired/")) {
			continue
		}
		more, err := r.table.shard(ctx, f.Path)
		if err != nil {
			return at, nil, err
		}
		list = append(list, more...)
	}
	return at, list, nil
}
