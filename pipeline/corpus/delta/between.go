package delta

import (
	"bytes"
	"encoding/json"
)

// Between is an entry that is right whether those before it are as they were or as they will be: the one that is to come, which removes as
// well what the one that is there removed. Lines that are no actions are passed over.
func Between(there, coming []byte) []byte {
	names := map[string]bool{} // by the entry that is to come
	for line := range bytes.Lines(coming) {
		var a action
		if json.Unmarshal(line, &a) != nil {
			continue
		}
		if a.Add != nil {
			names[a.Add.Path] = true
		}
		if a.Remove != nil {
			names[a.Remove.Path] = true
		}
	}
	e := entry{}
	e.Write(coming)
	for line := range bytes.Lines(there) {
		var a action
		if json.Unmarshal(line, &a) == nil && a.Remove != nil && !names[a.Remove.Path] {
			names[a.Remove.Path] = true
			e.put(&action{Remove: a.Remove})
		}
	}
	return e.Bytes()
}
