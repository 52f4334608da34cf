package parse

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/millrace/millrace/pipeline/ingest"
)

// TestUnknownEncoding: what may be in any of several encodings is rejected as a whole, and read once a setting names one.
func TestUnknownEncoding(t *testing.T) {
	const polish = "Zażółć gęślą jaźń, wszyscy ludzie rodzą się wolni i równi\n"
	data, err := charmap.ISO8859_2.NewEncoder().Bytes([]byte(polish))
	if err != nil {
		t.Fatal(err)
	}
	cfg := Default()
	d := Detect("a.txt", data, cfg)
	if d.Reject != ingest.ReasonEncodingUnknown || d.Encoding != "" || d.Format != Text || !strings.Contains(d.Why, "setting encoding") {
		t.Errorf("%+v, %s", d, d.Reject)
	}
	if d = Detect("a.txt", append(make([]byte, 100), data...), cfg); d.Reject != ingest.ReasonBinary {
		t.Errorf("binary: %s", d.Reject)
	}
	cfg.Encoding = "iso-8859-2"
	got, _, rejects, counters := detected(t, "a.txt", data, cfg).documents(t)
	if len(got) != 1 || got[0].Text != strings.TrimSuffix(polish, "\n") && got[0].Text != polish || len(rejects) > 0 || counters["decoded_iso_8859_2"] != 1 {
		t.Errorf("%+v, %v, %v", got, rejects, counters)
	}
	// A setting that asks for it keeps what is readable.
	cfg.Encoding, cfg.MaxReplacementShare = "utf-8", 1
	if got, _, _, _ := detected(t, "a.txt", data, cfg).documents(t); len(got) != 1 || !strings.HasPrefix(got[0].Text, "Za�\uFFFD") {
		t.Errorf("%+v", got)
	}
}
