package ingest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/corpus"
	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/intake"
)

// placesName is what the corpus remembers of its sources beside its manifests: those that were moved, and those of old versions, of which
// there was nothing new. It lies outside of every digest. As all there it may be lost: then what moved has to be told again.
const placesName = pipeline.WorkFolder + "/sources.json"

// places is what that file holds. Each counts for as long as no later version says where the source lies.
type places struct {
	Places []corpus.PlaceOf `json:"places"`
}

func readPlaces(ctx context.Context, c *corpus.Corpus) (p places, err error) {
	data, err := pipeline.ReadAll(ctx, c.Store(), placesName)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return decodePlaces(data), nil
}

// decodePlaces reads the file. A damaged one is none.
func decodePlaces(data []byte) (p places) {
	if json.Unmarshal(data, &p) != nil {
		return places{}
	}
	return p
}

// learn notes where sources lie, as of a version. What was noted of them before is forgotten.
func (p *places) learn(version int, learned []ingest.Place) {
	for _, l := range learned {
		p.Places = slices.DeleteFunc(p.Places, func(old corpus.PlaceOf) bool {
			return old.Source == l.Source && slices.Equal(old.Paths, l.Paths)
		})
		p.Places = append(p.Places, corpus.PlaceOf{Version: version, Place: l})
	}
}

// Held returns what a corpus remembers of its sources.
func Held(ctx context.Context, c *corpus.Corpus) (h intake.Held, err error) {
	list, old, err := c.Places(ctx)
	if err != nil {
		return h, err
	}
	beside, err := readPlaces(ctx, c)
	if err != nil {
		return h, err
	}
	h.Old = old
	list = append(list, beside.Places...)
	slices.SortStableFunc(list, func(a, b corpus.PlaceOf) int { return cmp.Compare(a.Version, b.Version) })
	for _, p := range list {
		h.Places = append(h.Places, p.Place)
	}
	return h, nil
}

// remember is learn for the corpus.
func remember(ctx context.Context, c *corpus.Corpus, version int, learned []ingest.Place) error {
	if len(learned) == 0 {
		return nil
	}
	was, err := readPlaces(ctx, c)
	if err != nil {
		return err
	}
	was.learn(version, learned)
	data, err := json.MarshalIndent(was, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the places of sources: %w", err)
	}
	return pipeline.WriteAll(ctx, c.Store(), placesName, append(data, '\n'))
}
