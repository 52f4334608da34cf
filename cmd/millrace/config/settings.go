package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

	"github.com/millrace/millrace/stages/parse"
)

// reference is what stored settings are told from: every default as it was when its setting came to be. A setting that a plan
// does not name had that value, whichever version of the program made the plan. So nothing in here ever changes: where Default
// takes another value, the earlier one is put back here, and the new one is stored like any other setting.
func reference() Config {
	c := Default()
	c.Parse.HTML = parse.HTMLPage // until code version 8
	return c
}

// Settings is what of the config has a part in the result and is not as in reference: canonical JSON, keys sorted, nothing of this
// host, lists as a whole. It is part of the plan. What somebody wrote out at its default is not in it, nor a source with nothing
// special about it.
func (c Config) Settings() (json.RawMessage, error) {
	own, err := c.tree()
	if err != nil {
		return nil, err
	}
	base, err := reference().tree()
	if err != nil {
		return nil, err
	}
	return json.Marshal(without(own, base)) // sorts the keys
}

// Effective is every setting that the stored ones of a plan or version mean: what they do not name is as in reference. Code
// versions up to 7 stored all settings, and sources as a list; for them too a setting that came later is as in reference.
func Effective(stored json.RawMessage) (map[string]any, error) {
	tree, err := decode(stored)
	if err != nil {
		return nil, err
	}
	base, err := reference().tree()
	if err != nil {
		return nil, err
	}
	lay(base, tree)
	return base, nameSources(base)
}

// InEffect is every setting that has a part in the result, as in the file.
func (c Config) InEffect() (map[string]any, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w", err)
	}
	return decode(data)
}

// tree is InEffect with the sources by name.
func (c Config) tree() (map[string]any, error) {
	tree, err := c.InEffect()
	if err != nil {
		return nil, err
	}
	return tree, nameSources(tree)
}

func decode(data []byte) (tree map[string]any, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a number stays as it was written
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("decode settings: %w", err)
	}
	return tree, nil
}

// nameSources makes a list of sources what is special about each of them, by its name: what is neither as in Source{} nor as parse
// says of all files. Sources have priorities, so their order in the list means nothing.
func nameSources(tree map[string]any) error {
	list, ok := tree["sources"].([]any)
	if !ok {
		return nil // by name already
	}
	none, err := json.Marshal(Source{})
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	plain, err := decode(none)
	if err != nil {
		return err
	}
	general := map[string]any{}
	if parse, ok := tree["parse"].(map[string]any); ok {
		maps.Copy(general, parse)
	}
	maps.Copy(general, plain)
	named := map[string]any{}
	for _, item := range list {
		source, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("decode settings: %v is no source", item)
		}
		if source["order"] == OrderPath {
			source["order"] = ""
		}
		special := without(source, general)
		if m, set := source["metadata"]; set && !reflect.DeepEqual(m, general["metadata"]) {
			special["metadata"] = m // takes the place of the general one as a whole
		}
		name := fmt.Sprint(source["name"])
		if delete(special, "name"); len(special) > 0 {
			named[name] = special
		}
	}
	tree["sources"] = named
	return nil
}

// without is what of own is not as in base, nested only where it differs. It keeps parts of own.
func without(own, base map[string]any) map[string]any {
	rest := map[string]any{}
	for key, value := range own {
		section, ok := value.(map[string]any)
		was, known := base[key].(map[string]any)
		if !ok || !known {
			if value, set := base[key]; !set || !reflect.DeepEqual(own[key], value) {
				rest[key] = own[key]
			}
		} else if differs := without(section, was); len(differs) > 0 {
			rest[key] = differs
		}
	}
	return rest
}

// lay puts the values of own into base. It keeps parts of own.
func lay(base, own map[string]any) {
	for key, value := range own {
		section, ok := value.(map[string]any)
		if was, known := base[key].(map[string]any); ok && known {
			lay(was, section)
		} else {
			base[key] = value
		}
	}
}
