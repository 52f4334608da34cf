package monitor

import (
	"context"
	"math"
	"time"

	"github.com/rs/zerolog"

	"github.com/millrace/millrace/pipeline"
)

// Keys of the log lines.
const (
	keyStage      = "stage"
	keyDone       = "done"
	keyTasks      = "tasks"
	keyPercent    = "percent"
	keyMegabytes  = "mb_per_second"
	keyDocuments  = "documents_per_second"
	keyETA        = "eta_seconds"
	keySeconds    = "seconds"
	keyKept       = "kept"
	keyDuplicates = "duplicates"
	keyFiltered   = "filtered"
	keyRejected   = "rejected"
)

// logLines logs the active stage every few seconds and the end of each stage, until ctx ends. A run that is over before
// the first line is due logs nothing.
func logLines(ctx context.Context, t *Tracker, log zerolog.Logger) {
	told := make(map[string]bool)
	var last time.Duration
	for pipeline.Sleep(ctx, lineCheck) == nil {
		s := t.Snapshot()
		if s.Elapsed < lineEvery {
			continue
		}
		for _, stage := range s.Stages {
			if stage.Over() && !told[stage.Name] {
				told[stage.Name] = true
				log.Info().Str(keyStage, stage.Name).Int64(keyTasks, stage.Total).
					Float64(keySeconds, round(stage.Elapsed.Seconds())).Msg("stage done")
			}
		}
		if s.Elapsed-last < lineEvery {
			continue
		}
		last = s.Elapsed
		if stage, ok := s.Active(); ok {
			log.Info().EmbedObject(stage).Int64(keyKept, s.Kept).Int64(keyDuplicates, s.Duplicates).
				Int64(keyFiltered, s.Filtered).Int64(keyRejected, s.Rejected).Msg("progress")
		}
	}
}

// MarshalZerologObject implements zerolog.LogObjectMarshaler: what is known of the stage's progress.
func (s Stage) MarshalZerologObject(e *zerolog.Event) {
	e.Str(keyStage, s.Name).Int64(keyDone, s.Done).Int64(keyTasks, s.Total).Float64(keyPercent, round(s.Fraction()*100))
	if r := s.BytesPerSecond(); r > 0 {
		e.Float64(keyMegabytes, round(r/1e6))
	}
	if r := s.DocumentsPerSecond(); r > 0 {
		e.Int64(keyDocuments, int64(r))
	}
	if left, known := s.ETA(); known {
		e.Int64(keyETA, int64(math.Ceil(left.Seconds())))
	}
}

func round(f float64) float64 { return math.Round(f*10) / 10 }
