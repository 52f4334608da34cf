package corpus

import (
	"testing"

	"github.com/millrace/millrace/pipeline/ingest"
)

// A file that is rejected for its content and for a reason of the night is tried again.
func TestReasonThatIsTriedAgain(t *testing.T) {
	var s fileState
	for _, reason := range []string{ingest.ReasonTruncated, ingest.ReasonDead, ingest.ReasonBinary} {
		s.lose(reason, 10)
	}
	if s.reason != ingest.ReasonDead || s.unread != 30 {
		t.Errorf("%+v", s)
	}
}
