package s3_test

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/store/s3"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a store in a bucket of the server.
func open(t *testing.T, url string, o s3.Options) *s3.Store {
	t.Helper()
	at, err := s3.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	s, err := s3.Open(t.Context(), at, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	bucket := pipelinetest.StartS3(t).Bucket(t, "corpus")
	n := 0
	pipelinetest.TestStore(t, func() pipeline.Store {
		n++
		return open(t, fmt.Sprintf("%s/store/%d", bucket, n), s3.Options{})
	})
}
