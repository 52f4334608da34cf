package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/millrace/millrace/pipeline/signal"
	signals "github.com/millrace/millrace/stages/signal"
)

// reads says which options of a kind name files that its signals are made by: with every version their SHA-256 is stored, and not where they
// lie.
func (k familyKind) reads(options ...string) familyKind {
	k.files = options
	return k
}

// pin says of the files that the setting names what they hold, so that it means the same wherever they lie.
func (t familyTable) pin(list signals.List) (pinned signals.List, err error) {
	var problems []error
	pinned = signals.List{} // as the default is
	for i, e := range list {
		digests, err := t.digests(e)
		if err != nil {
			problems = append(problems, under(fmt.Sprintf("signals[%d].%s", i, e.Kind), err)...)
		}
		e.Digests = digests
		pinned = append(pinned, e)
	}
	return pinned, errors.Join(problems...)
}

// digests are those of the files that an entry names, by the option. One that names none has none.
func (t familyTable) digests(e signals.Entry) (digests map[string]string, err error) {
	kind, err := t.kind(e.Kind)
	if err != nil {
		return nil, err
	}
	for _, option := range kind.files {
		name, ok := e.Options[option].(string)
		if !ok || name == "" {
			continue
		}
		digest, err := digestOf(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", option, err)
		}
		if digests == nil {
			digests = map[string]string{}
		}
		digests[option] = digest
	}
	return digests, nil
}

// digestOf is the SHA-256 of a file, in hexadecimal.
func digestOf(name string) (digest string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// openPinned opens the families of a pinned setting. Whatever a file was changed to since is refused: what the settings say would not be what
// was measured.
func (t familyTable) openPinned(pinned signals.List) ([]signal.Family, error) {
	families, err := t.open(pinned)
	if err != nil {
		return nil, err
	}
	for i, e := range pinned {
		now, err := t.digests(e)
		if err == nil && !maps.Equal(now, e.Digests) {
			err = fmt.Errorf("%v has changed since this process began: start it again", slices.Sorted(maps.Keys(e.Digests)))
		}
		if err != nil {
			return nil, fmt.Errorf("signals[%d].%s: %w", i, e.Kind, err)
		}
	}
	return families, nil
}
