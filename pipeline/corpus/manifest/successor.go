package manifest

import (
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/dataset"
)

// Successor begins the manifest of a version that brings no document: it is as the one before, until it is changed.
func (m *Manifest) Successor(kind string, run RunInfo) *Manifest {
	return &Manifest{
		Format: Format, Version: m.Version + 1, Kind: kind, Parent: m.Version, Live: slices.Clone(m.Live), Index: m.Index, Lines: m.Lines, Counted: m.Counted,
		Code: pipeline.CodeVersion, KeyText: m.KeyText, Digest: dataset.Digest(nil), Reasons: NewReasons(), Counters: columnar.Counters{}, Sources: []string{},
		Languages: []string{}, Settings: m.Settings, Files: []dataset.File{}, Run: run, Tables: m.Tables,
	}
}

// PlanOf takes the place of a plan's digest where there is no plan.
func PlanOf(m *Manifest) string {
	c := *m
	c.Run = RunInfo{}
	data, err := json.Marshal(&c)
	if err != nil {
		panic(err) // programmer error: Manifest holds plain values only
	}
	h := xxh3.Hash128(data).Bytes()
	return hex.EncodeToString(h[:])
}
