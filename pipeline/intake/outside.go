package intake

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/store"
)

// maxLinks bounds how many links of a source are followed to find out what to name instead.
const maxLinks = 100

// warnOutside tells what to name instead where files are links that leave their source, as in the snapshots of a hub's cache.
func (l *Listing) warnOutside(o *Options) {
	for source, s := range l.sources {
		if store.IsRemote(s.Root) {
			continue
		}
		first, above, files := "", "", 0
		for i := range l.files {
			f := &l.files[i]
			if f.Source != source || f.Reject != pipeline.ReasonOutside {
				continue
			}
			if files++; files <= maxLinks && above == "" {
				first, above = store.Join(s.Root, f.Path), sharedFolder(s.Root, f.Path)
			}
		}
		if files == 0 {
			continue
		}
		hint := "copy the folder with cp -rL, and name the copy"
		if above != "" {
			hint = "name " + above + ", which holds the links and what they lead to, or " + hint
		}
		o.Log.Warn().Int("files", files).Str("such_as", first).Str("hint", hint).
			Msg("links out of a source are not followed, and rejected as outside")
	}
}

// sharedFolder is the folder that holds a root and what a link below it leads to; "" if that is too much to name.
func sharedFolder(root, link string) string {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return ""
	}
	target, err := filepath.EvalSymlinks(filepath.Join(root, link))
	if err != nil {
		return ""
	}
	const deepest = 3 // levels above the root, as snapshots/REV has two
	above := root
	for range deepest {
		above = filepath.Dir(above)
		if strings.HasPrefix(target, above+string(os.PathSeparator)) && filepath.Dir(above) != above {
			return above
		}
	}
	return ""
}
