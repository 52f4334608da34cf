package corpus

import (
	"context"
	"slices"

	"github.com/millrace/millrace/pipeline/ingest"
)

// Places returns where the sources of the live versions lay for whoever planned these, oldest first: of a source that lay in two places
// the later one counts. old are the names of those that versions of older programs brought, which do not say where they lay.
func (c *Corpus) Places(ctx context.Context) (places []PlaceOf, old []string, err error) {
	live, err := c.liveRuns(ctx)
	for _, m := range live {
		for _, p := range m.Run.Roots {
			places = append(places, PlaceOf{m.Version, p})
		}
		if len(m.Run.Roots) == 0 {
			old = append(old, m.Sources...)
		}
	}
	slices.Sort(old)
	return places, slices.Compact(old), err
}

// PlaceOf is where a source lay, and the version that says so.
type PlaceOf struct {
	Version int `json:"version"`
	ingest.Place
}
