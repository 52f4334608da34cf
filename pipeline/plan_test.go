package pipeline_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/pipeline"
)

// aPlan has a value in every field.
func aPlan() *pipeline.Plan {
	return &pipeline.Plan{
		Kind: "toy", Code: pipeline.CodeVersion, Version: 3, Parent: 2, Live: []int{1, 2}, Settings: json.RawMessage(`{"a":"<&>"}`),
		Body: json.RawMessage(`{"files":[1,2]}`), Local: json.RawMessage(`{"roots":["/mnt"]}`),
	}
}

// TestPlanDigest: every field of a plan but Local lies inside of its digest, and a plan that was stored has the same.
func TestPlanDigest(t *testing.T) {
	want := aPlan().Digest()
	fields := reflect.TypeFor[pipeline.Plan]()
	for i := range fields.NumField() {
		f := fields.Field(i)
		if !f.IsExported() {
			continue
		}
		p := aPlan()
		v := reflect.ValueOf(p).Elem().Field(i)
		if v.IsZero() {
			t.Errorf("the test says nothing of %s", f.Name)
		}
		v.SetZero()
		if outside := p.Digest() == want; outside != (f.Name == "Local") {
			t.Errorf("%s lies outside of the digest: %v", f.Name, outside)
		}
	}
	data, err := aPlan().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if same, err := json.Marshal(aPlan()); err != nil || string(same) != string(data) {
		t.Errorf("encoded as %s, not as %s, %v", data, same, err)
	}
	p, err := pipeline.DecodePlan(data, want)
	if err != nil || p.VersionFolder() != "000003-"+want[:8] {
		t.Errorf("read again: %+v, %v", p, err)
	}
	if _, err := pipeline.DecodePlan(data, strings.Repeat("0", 32)); err == nil {
		t.Error("a plan of another digest was taken")
	}
	if _, err := pipeline.DecodePlan(data[1:], want); err == nil {
		t.Error("a damaged plan was taken")
	}
}

// TestStoredPlan: a plan that was stored is the same without its body, but for what reads that; one that nobody decoded keeps it.
func TestStoredPlan(t *testing.T) {
	want, p := aPlan().Digest(), aPlan()
	p.Stored()
	if _, err := p.Encode(); err != nil || len(p.Body) == 0 {
		t.Fatalf("a plan that nobody has decoded lost its body: %v", err)
	}
	decoded, err := p.Decoded(func(p *pipeline.Plan) (any, error) { return string(p.Body), nil })
	if err != nil {
		t.Fatal(err)
	}
	p.Stored()
	if p.Digest() != want || len(p.Body) > 0 || len(p.Local) == 0 {
		t.Errorf("it has the digest %s and a body of %d bytes", p.Digest(), len(p.Body))
	}
	if again, err := p.Decoded(nil); err != nil || again != decoded {
		t.Errorf("it decodes to %v, %v", again, err)
	}
	for _, p := range []*pipeline.Plan{p, p.Moved(nil)} {
		if data, err := p.Encode(); err == nil {
			t.Errorf("it was encoded without its body: %s", data)
		}
	}
}

// TestMovedPlan: another Local is the same plan.
func TestMovedPlan(t *testing.T) {
	moved := aPlan().Moved(json.RawMessage(`{"roots":["/elsewhere"]}`))
	if moved.Digest() != aPlan().Digest() || string(moved.Local) != `{"roots":["/elsewhere"]}` || moved.Version != 3 {
		t.Errorf("%+v", moved)
	}
}

// TestPlanOfOtherCode: a plan of another code version can be told apart, whatever it says.
func TestPlanOfOtherCode(t *testing.T) {
	p, err := pipeline.DecodePlan([]byte(`{"code":"5","version":4,"parent":3,"files":[{"path":"a"}],"settings":{}}`), "0123456789abcdef")
	if err != nil || p.Code != "5" || p.Kind != "ingest" || p.Parent != 3 || p.Digest() != "0123456789abcdef" {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestDecodedOnce: what a plan says is decoded once, whoever asks.
func TestDecodedOnce(t *testing.T) {
	p, calls := aPlan(), 0
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			got, err := p.Decoded(func(*pipeline.Plan) (any, error) {
				calls++
				return "body", nil
			})
			if got != "body" || err != nil {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	all.Wait()
	if calls != 1 {
		t.Errorf("decoded %d times", calls)
	}
}
