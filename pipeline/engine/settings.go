package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Changed names the settings in which two canonical JSON texts differ, with both values: `dedupe.threshold: 0.75, now 0.8`.
func Changed(was, now json.RawMessage) ([]string, error) {
	var a, b any
	if err := json.Unmarshal(was, &a); err != nil {
		return nil, fmt.Errorf("decode stored settings: %w", err)
	}
	if err := json.Unmarshal(now, &b); err != nil {
		return nil, fmt.Errorf("decode settings: %w", err)
	}
	return differences("", a, b), nil
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
	keys := map[string]bool{}
	for k := range am {
		keys[k] = true
	}
	for k := range bm {
		keys[k] = true
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		sub := k
		if path != "" {
			sub = path + "." + k
		}
		out = append(out, differences(sub, am[k], bm[k])...)
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
