package strict

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"time"
)

// SchemaOptions say of a schema what types do not. Paths are those of messages, but that every entry of a list is [] and every key of a table *.
type SchemaOptions struct {
	// Docs are descriptions, and Defaults values as the file has them.
	Docs     map[string]string
	Defaults map[string]any
	// More are keywords beside those that follow from a type. Where they say what a value is (type, enum, anyOf, const), they take the place of these.
	More map[string]map[string]any
}

// Schema is the JSON Schema, of draft 2020-12, of a file that Read reads into a struct: what keys there are and what kind of value each has. What only the
// reading knows, such as rules and names that other settings give, it does not. Its form as JSON is the same each time.
func Schema(t reflect.Type, o SchemaOptions) map[string]any {
	s := (&schemer{o}).of(t, "")
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	return s
}

type schemer struct{ SchemaOptions }

// of is the schema of the value at a path.
func (s *schemer) of(t reflect.Type, path string) map[string]any {
	more := s.More[path]
	var node map[string]any
	if says(more) {
		node = map[string]any{}
	} else {
		node = s.kind(t, path)
	}
	maps.Copy(node, more)
	if doc := s.Docs[path]; doc != "" {
		node["description"] = doc
	}
	if value, ok := s.Defaults[path]; ok {
		node["default"] = value
	}
	return node
}

// says reports whether keywords say what a value is.
func says(keywords map[string]any) bool {
	for _, k := range []string{"type", "enum", "anyOf", "const"} {
		if _, ok := keywords[k]; ok {
			return true
		}
	}
	return false
}

func (s *schemer) kind(t reflect.Type, path string) map[string]any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	text := map[string]any{"type": "string"}
	switch {
	case Section(t) && !readsItself(t):
		return s.section(t, path)
	case twoForms(t):
		return map[string]any{"anyOf": []any{text, s.section(t, path)}}
	case IsSize(path, t):
		return map[string]any{"anyOf": []any{
			map[string]any{"type": "integer", "minimum": 0},
			map[string]any{"type": "string", "pattern": `^ *[0-9]+(\.[0-9]+)? *([kKmMgGtT]?[bB]|[kKmMgGtT][iI][bB])? *$`},
		}}
	case t == reflect.TypeFor[time.Duration]():
		return map[string]any{"type": "string", "pattern": `^-?([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$|^0$`}
	case t.Kind() == reflect.Slice && readsItself(t): // one, or a list
		return map[string]any{"anyOf": []any{text, map[string]any{"type": "array", "items": s.of(t.Elem(), path+"[]")}}}
	case readsText(t):
		return map[string]any{"type": []any{"string", "number"}}
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem(), path+"[]")}
	case t.Kind() == reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem(), path+".*")}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	case t.Kind() == reflect.Float64 || t.Kind() == reflect.Float32:
		return map[string]any{"type": "number"}
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64:
		return map[string]any{"type": "integer", "minimum": 0}
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Int64:
		return map[string]any{"type": "integer"}
	case t.Kind() == reflect.String:
		return map[string]any{"type": []any{"string", "number", "boolean"}} // YAML takes 1 and true for texts, too
	}
	return map[string]any{}
}

func (s *schemer) section(t reflect.Type, path string) map[string]any {
	properties := map[string]any{}
	node := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	for _, f := range Fields(t) {
		if f.rest {
			node["additionalProperties"] = s.of(f.Type.Elem(), Join(path, "*"))
			continue
		}
		properties[f.Key] = s.of(f.Type, Join(path, f.Key))
	}
	return node
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || readsItself(t)
}

// Comments reads what an example says of its keys: the comment behind a key and the lines of it that follow further in, or the comment lines right above a key
// that has none. Keys that are commented out, behind a # with no blank or two, count like any other. Paths are those of SchemaOptions.
func Comments(example []byte) map[string]string {
	docs := map[string]string{}
	var stack []level
	last, above := "", []string(nil)
	for line := range strings.Lines(string(example)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "#  ") {
			line = line[1:] // a key that is commented out
		}
		body := strings.TrimLeft(line, " ")
		switch {
		case body == "" && line == "":
			last, above = "", nil
			continue
		case body == "":
			continue
		case strings.HasPrefix(body, "#"):
			text := strings.TrimSpace(strings.TrimLeft(body, "#"))
			if indent := len(line) - len(body); indent > 8 && last != "" {
				docs[last] = strings.TrimSpace(docs[last] + " " + text)
			} else {
				above = append(above, text)
			}
			continue
		}
		code, comment := splitComment(line)
		key, item, ok := keyOf(code)
		if !ok {
			above = nil
			continue
		}
		dash := len(code) - len(strings.TrimLeft(code, " "))
		for len(stack) > 0 && stack[len(stack)-1].indent >= dash+item {
			stack = stack[:len(stack)-1]
		}
		if n := len(stack); item > 0 && n > 0 && stack[n-1].entry && stack[n-1].indent >= dash { // the entry before
			stack = stack[:n-1]
		}
		path := ""
		if len(stack) > 0 {
			path = stack[len(stack)-1].path
		}
		if item > 0 {
			path += "[]"
			stack = append(stack, level{dash, path, true})
		}
		last = Join(path, key)
		stack = append(stack, level{dash + item, last, false})
		if comment == "" && len(above) > 0 {
			comment = strings.Join(above, " ")
		}
		above = nil
		if docs[last] == "" {
			docs[last] = comment
		}
	}
	return docs
}

// level is a key, or an entry of a list, with others below it.
type level struct {
	indent int
	path   string
	entry  bool
}

// splitComment takes the comment off a line.
func splitComment(line string) (code, comment string) {
	quote := rune(0)
	for i, r := range line {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '#' && (i == 0 || line[i-1] == ' '):
			return strings.TrimRight(line[:i], " "), strings.TrimSpace(line[i+1:])
		}
	}
	return strings.TrimRight(line, " "), ""
}

// keyOf is the key of a line; item is how far it stands behind the dash of an entry, 0 without one.
func keyOf(code string) (key string, item int, ok bool) {
	body := strings.TrimLeft(code, " ")
	if rest, dash := strings.CutPrefix(body, "- "); dash {
		trimmed := strings.TrimLeft(rest, " ")
		item, body = len(body)-len(trimmed), trimmed
	}
	key, value, ok := strings.Cut(body, ":")
	if !ok || value != "" && !strings.HasPrefix(value, " ") || key == "" || strings.ContainsAny(key, " \"'{}[],") {
		return "", 0, false
	}
	return key, item, true
}

// Flat lists the values of a tree of settings by their paths, as a file has them; lists and tables that are settings are values.
func Flat(t reflect.Type, value reflect.Value) map[string]any {
	flat := map[string]any{}
	for _, l := range Leaves(t) {
		v := value.FieldByIndex(l.Index).Interface()
		switch n := v.(type) {
		case time.Duration:
			v = n.String()
		case int64:
			if IsSize(l.Path, l.Type) {
				v = FormatSize(n)
			}
		case fmt.Stringer:
			v = n.String()
		}
		flat[l.Path] = v
	}
	return flat
}
