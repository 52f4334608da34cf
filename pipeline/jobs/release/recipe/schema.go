package recipe

import (
	"reflect"

	"github.com/millrace/millrace/pipeline/strict"
)

// Schema is the JSON Schema of a recipe, for editors. Descriptions are the comments of an example that has every key. What it allows and Read refuses is
// what only the whole of a recipe tells.
func Schema(example []byte) map[string]any {
	text := map[string]any{"type": "string"}
	share := map[string]any{"type": []any{"number", "string"}}
	enum := func(names ...string) map[string]any {
		list := []any{}
		for _, n := range names {
			list = append(list, n)
		}
		return map[string]any{"enum": list}
	}
	object := func(properties map[string]any) map[string]any {
		return map[string]any{"type": "object", "additionalProperties": false, "properties": properties}
	}
	return strict.Schema(reflect.TypeFor[Recipe](), strict.SchemaOptions{Docs: strict.Comments(example), More: map[string]map[string]any{
		"select[]": {"anyOf": []any{text, map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1, "properties": map[string]any{
			keyDropLines: object(map[string]any{"site_share": share, "least": map[string]any{"type": "integer"}, "within": enum(WithinEdges, WithinAll)}),
		}, "additionalProperties": text}}},
		"mix.by": {"anyOf": []any{text, object(map[string]any{
			"signal": text, "buckets": map[string]any{"type": "integer", "minimum": 2}, "borders": map[string]any{"type": "array", "items": share},
		})}},
		"mix.unit":      enum(UnitTokens, UnitChars, UnitDocuments),
		"mix.by_copies": {"type": []any{"string", "array"}},
		"order": {"anyOf": []any{enum(OrderShuffle, OrderCorpus), object(map[string]any{
			"shuffle": map[string]any{"type": "integer", "minimum": 0}, "by": text, "descending": map[string]any{"type": "boolean"},
		})}},
		"encode.special":    enum(SpecialText, SpecialAllowed),
		"encode.too_long":   enum(TooLongSplit, TooLongLeaveOut),
		"encode.pack.how":   enum(PackNone, PackConcat, PackBestFit),
		"write[].format":    enum(Formats()...),
		"write[].columns[]": enum(Columns...),
	}})
}
