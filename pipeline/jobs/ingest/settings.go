package ingest

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Changed names the settings that differ between those stored with a plan or a version and these, with both values:
// `dedupe.threshold: 0.75, now 0.8`. Both are told over the defaults, so one that neither names is no difference.
func (o *Options) Changed(was json.RawMessage) ([]string, error) {
	a, err := o.effective(was)
	if err != nil {
		return nil, fmt.Errorf("decode stored settings: %w", err)
	}
	b, err := o.effective(o.Settings)
	if err != nil {
		return nil, fmt.Errorf("decode settings: %w", err)
	}
	return differences("", a, b), nil
}

func (o *Options) effective(stored json.RawMessage) (all map[string]any, err error) {
	if o.Effective != nil {
		return o.Effective(stored)
	}
	err = json.Unmarshal(stored, &all)
	return all, err
}

func differences(path string, a, b any) (out []string) {
	am, aok := a.(map[string]any)
	bm, bok := b.(map[string]any)
	if !aok || !bok {
		if reflect.DeepEqual(a, b) {
			return nil
		}
		return []string{fmt.Sprintf("%s: %s, now %s", path, compact(a), compact(b))}
	}
	keys := map[string]any{}
	maps.Copy(keys, am)
	maps.Copy(keys, bm)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		out = append(out, differences(strings.TrimPrefix(path+"."+k, "."), am[k], bm[k])...)
	}
	return out
}

func compact(v any) string {
	if v == nil {
		return "not set"
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}
