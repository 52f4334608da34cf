package pipeline

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// CodeVersion changes whenever the same input and settings would give other bytes; testdata/golden.json has what it stands for. It is
// part of every plan: a worker of another code version refuses the plan's tasks.
const CodeVersion = "8"

// Plan is everything that decides the outcome of a job. It is written once, before the first task, and never changed; a Plan must not be
// copied. What its kind has to say stands in two places: Body lies inside of the digest, Local outside. Version, Parent and Live are
// those of kinds that make a version of a corpus, and nothing in those that make none.
type Plan struct {
	Kind    string `json:"kind"` // of job
	Code    string `json:"code"` // CodeVersion of the planner
	Version int    `json:"version,omitempty"`
	Parent  int    `json:"parent,omitempty"` // the newest version when it was planned, 0 for none
	Live    []int  `json:"live,omitempty"`   // the versions whose data make up the parent
	// Settings are those that have a part in the result and are not at their defaults, canonical JSON. Code versions up to 7 stored
	// all of them.
	Settings json.RawMessage `json:"settings,omitempty"`
	Body     json.RawMessage `json:"body,omitempty"` // as json.Marshal writes it, and so is Local
	// Local is what differs from machine to machine, or is of use to the planner alone, such as where the input lies.
	Local json.RawMessage `json:"local,omitempty"`

	digestOnce  sync.Once
	digest      string
	decodedOnce sync.Once
	decoded     any
	decodeError error
	bodiless    bool // see Stored
}

// Digest identifies the plan: all of it but Local. It is computed once. Safe for concurrent use.
func (p *Plan) Digest() string {
	p.digestOnce.Do(func() {
		data, err := p.encode(nil)
		if err != nil {
			panic(err) // programmer error: Settings are JSON
		}
		p.digest = hashOf(data)
	})
	return p.digest
}

// Encode is what DecodePlan reads: all of the plan as JSON.
func (p *Plan) Encode() ([]byte, error) {
	if p.bodiless {
		return nil, errors.New("encode plan: it was stored, and is encoded there") // programmer error
	}
	return p.encode(p.Local)
}

// Stored forgets the body, which takes more memory the more files there are, once Encode's bytes lie where DecodePlan finds them. From then on
// what Decoded returns is all there is of it, and Encode is an error. A plan that nobody has decoded forgets nothing. Nothing else may use the plan meanwhile.
func (p *Plan) Stored() {
	if p.decoded != nil {
		p.Digest()
		p.Body, p.bodiless = nil, true
	}
}

// encode is json.Marshal, but for Body and local: they are JSON already, and as long as there are files, and are not gone through once more.
func (p *Plan) encode(local json.RawMessage) ([]byte, error) {
	// TestPlanDigest holds this list, and what follows, to the fields.
	head, err := json.Marshal(&Plan{Kind: p.Kind, Code: p.Code, Version: p.Version, Parent: p.Parent, Live: p.Live, Settings: p.Settings})
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, len(head)+len(p.Body)+len(local)+32)
	data = append(data, head[:len(head)-1]...)
	for _, part := range []struct {
		name string
		json json.RawMessage
	}{{"body", p.Body}, {"local", local}} {
		if len(part.json) > 0 {
			data = append(append(data, `,"`+part.name+`":`...), part.json...)
		}
	}
	return append(data, '}'), nil
}

// Decoded returns what decode makes of the plan: it is called once, and its result is kept and shared by all. A plan is of one kind, and
// so has one decode. Safe for concurrent use.
func (p *Plan) Decoded(decode func(*Plan) (any, error)) (any, error) {
	p.decodedOnce.Do(func() { p.decoded, p.decodeError = decode(p) })
	return p.decoded, p.decodeError
}

// BodyOf returns the body of a plan of a kind, decoded once. It is shared, and must not be changed.
func BodyOf[B any](p *Plan, kind string) (*B, error) {
	b, err := p.Decoded(func(p *Plan) (any, error) {
		if p.Kind != kind {
			return nil, fmt.Errorf("it is of a job of kind %q", p.Kind)
		}
		b := new(B)
		return b, json.Unmarshal(p.Body, b)
	})
	if err != nil {
		return nil, Permanent(fmt.Errorf("decode the plan of a job of kind %q: %w", kind, err))
	}
	return b.(*B), nil
}

// Moved is the same plan with another Local, and so of the same digest.
func (p *Plan) Moved(local json.RawMessage) *Plan {
	m := &Plan{
		Kind: p.Kind, Code: p.Code, Version: p.Version, Parent: p.Parent, Live: p.Live, Settings: p.Settings, Body: p.Body, Local: local, bodiless: p.bodiless,
	}
	digest := p.Digest()
	m.digestOnce.Do(func() { m.digest = digest })
	return m
}

// DecodePlan decodes the plan of a digest. One of another code version, whose plans may be laid out otherwise and have another digest, is
// taken at its word: it can be told apart and thrown away, but not done.
func DecodePlan(data []byte, digest string) (*Plan, error) {
	p := &Plan{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("decode plan: %w", err)
	}
	if p.Code != CodeVersion {
		p.Kind = cmp.Or(p.Kind, "ingest") // there was no other one up to code version 7, whose plans do not name it
		p.digestOnce.Do(func() { p.digest = digest })
	}
	if p.Digest() != digest {
		return nil, errors.New("decode plan: it is not what its digest says")
	}
	return p, nil
}

// VersionName is the name of a version in paths: 000001, 000002 and so on.
func VersionName(version int) string { return fmt.Sprintf("%06d", version) }

// VersionFolder is the folder of the version's shards below that of their format: 000001-89abcdef.
func (p *Plan) VersionFolder() string { return VersionName(p.Version) + "-" + p.Digest()[:8] }
