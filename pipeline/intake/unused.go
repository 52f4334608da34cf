package intake

import (
	"maps"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/store"
)

// warnUnused names the sources of the settings that no file of the run is of. That is no error, since one config may serve
// several folders, but it may be a name that was mistyped, and its files are then read as all others. Where the roots are
// named by the settings themselves, there is nothing to mistype.
func (o *Options) warnUnused(found []pipeline.Source) {
	if o.Roots != nil {
		return
	}
	var names []string
	for _, s := range found {
		names = append(names, s.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range slices.Sorted(maps.Keys(o.Sources)) {
		if !slices.Contains(names, name) {
			o.Log.Warn().Str("source", name).Strs("sources_of_the_run", names).
				Msg("no file is of this source, which the settings name: a source is called as its folder, or files")
		}
	}
}

// warnIdle names the patterns of a source that matched nothing: they may be mistyped, and then take in, or leave out, what
// nobody meant.
func (o *Options) warnIdle(source, key string, patterns []pattern) {
	if names := idle(patterns); len(names) > 0 {
		o.Log.Warn().Str("source", source).Strs(key, names).
			Msg("no path below the source matches: paths are relative to it, and letter case matters")
	}
}

// warnUnreadable tells that files which changed do not take the place of their earlier states.
func (l *Listing) warnUnreadable(o *Options, versions []int) {
	for i := range l.files {
		if l.files[i].Changed {
			o.Log.Warn().Ints("versions", versions).Str("such_as", l.files[i].Path).
				Msg("documents of these versions lie in no format that is read here: files that changed are added to, as by plan.changed_files: add")
			return
		}
	}
}

// warnTold tells of files that still cannot be read, and so make no version of their own.
func (o *Options) warnTold(sources []pipeline.Source, told []ingest.File) {
	if len(told) == 0 {
		return
	}
	first := &told[0]
	o.Log.Warn().Int("files", len(told)).Str("first", store.Join(sources[first.Source].Root, first.Path)).Str("reason", first.Reject).
		Msg("these files still cannot be read, as the corpus says already: they are skipped until they can be")
}
