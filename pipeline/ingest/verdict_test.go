package ingest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
)

// What is encoded is decoded, and what is decoded is encoded as it was.
func FuzzVerdict(f *testing.F) {
	for _, v := range []ingest.Verdict{
		{Document: 7, ID: [16]byte{1}, WinnerID: [16]byte{2}, WinnerVersion: 3, Score: 256, Kind: ingest.KindExact},
		{Document: 1 << 40, WinnerVersion: 1 << 30, Score: ingest.Millionths, Kind: ingest.KindNear, Withdrawn: true},
	} {
		b := ingest.AppendVerdict(nil, v)
		if got := ingest.DecodeVerdict(b); got != v || len(b) != ingest.VerdictBytes {
			f.Fatalf("%+v is decoded as %+v", v, got)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < ingest.VerdictBytes {
			return
		}
		v := ingest.DecodeVerdict(b)
		if again := ingest.AppendVerdict(nil, v); !bytes.Equal(again, b[:ingest.VerdictBytes]) {
			t.Errorf("%x is encoded as %x", b, again)
		}
	})
}

func TestVerdictDetail(t *testing.T) {
	for _, kind := range []uint8{ingest.KindExact, ingest.KindSameKey, ingest.KindNear} {
		v := ingest.Verdict{WinnerID: [16]byte{0xAB}, WinnerVersion: 1<<31 - 1, Kind: kind, Score: 231}
		d := v.Detail()
		if !strings.Contains(d, "ab00") || !strings.Contains(d, "version 2147483647") || len(d) > 200 || strings.Contains(d, "231") != (kind == ingest.KindNear) {
			t.Errorf("%s: %s", ingest.KindName(kind), d)
		}
	}
}
