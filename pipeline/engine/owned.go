package engine

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline"
)

// owned says whether the files that entries name lie in folders that their stages may write to. What lies elsewhere would not be made
// anew if it were damaged, or be refused at the commit, with all work done.
func owned(chain pipeline.Chain, entries []pipeline.Entry) error {
	for i := range entries {
		e := &entries[i]
		spec := chain.Spec(e.Stage)
		for _, o := range e.Outputs {
			folder, _, _ := strings.Cut(o.Name, "/")
			switch {
			case o.Out && !slices.Contains(spec.Out, folder):
				return fmt.Errorf("it wrote %s, which is in no folder that Out of its stage names", o.Name)
			case !o.Out && !slices.ContainsFunc(makers(chain, path.Dir(o.Name)), func(m maker) bool { return m.stage == e.Stage }):
				return fmt.Errorf("it left %s, which is in no folder that Work of its stage names", o.Name)
			}
		}
	}
	return nil
}
