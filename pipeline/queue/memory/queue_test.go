package memory_test

import (
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/pipeline/queue/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQueue(t *testing.T) {
	pipelinetest.TestQueue(t, func(ackWait time.Duration) pipeline.Queue {
		return memory.New(memory.Options{Stages: pipelinetest.QueueStages, AckWait: ackWait})
	})
}
