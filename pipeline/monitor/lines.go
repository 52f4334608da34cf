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
	keyRead       = "read"
	keyKept       = "kept"
	keyDuplicates = "duplicates"
	keyFiltered   = "filtered"
	keyRejected   = "rejected"
	keyTotal      = "total_percent" // of the whole job
	keyTotalETA   = "total_eta_seconds"
	keyStep       = "step"
	keySource     = "source"
	keyFiles      = "files"
	keyBytes      = "bytes"
	keyLooked     = "files_looked_at"
	keyState      = "state"
)

// logLines logs how far the plan, and then the active stage, is every few seconds, and the end of each stage, until ctx ends. A job that is
// over before the first line is due logs nothing.
func logLines(ctx context.Context, source Source, log zerolog.Logger) {
	told := make(map[string]bool)
	next := firstLine
	for began := time.Now(); pipeline.Sleep(ctx, lineCheck) == nil; {
		now := time.Since(began)
		if now < firstLine {
			continue
		}
		s := source.Snapshot()
		for _, stage := range s.Stages {
			if stage.Over() && stage.Total > 0 && !told[stage.Name] {
				told[stage.Name] = true
				log.Info().Str(keyStage, stage.Name).Int64(keyTasks, stage.Total).
					Float64(keySeconds, round(stage.Elapsed.Seconds())).Msg("stage done")
			}
		}
		if now < next {
			continue
		}
		next = now + lineEvery
		if s.Planning != nil {
			log.Info().EmbedObject(planningLine(*s.Planning)).Msg("planning")
		} else if stage, ok := s.Active(); ok {
			log.Info().EmbedObject(stage).EmbedObject(&s).Msg("progress")
		}
	}
}

// planningLine is what is known of a plan that is made.
type planningLine pipeline.PlanningState

// MarshalZerologObject implements zerolog.LogObjectMarshaler.
func (p planningLine) MarshalZerologObject(e *zerolog.Event) {
	e.Str(keyStep, p.Step)
	if p.Of != "" {
		e.Str(keySource, p.Of)
	}
	e.Int64(keyFiles, p.Files).Int64(keyBytes, p.Bytes)
	if p.Total > 0 {
		e.Int64(keyLooked, p.Done).Float64(keyPercent, round(float64(p.Done)/float64(p.Total)*100))
	}
}

// MarshalZerologObject implements zerolog.LogObjectMarshaler: what is known of the whole.
func (s *Snapshot) MarshalZerologObject(e *zerolog.Event) {
	e.Float64(keyTotal, round(s.Whole*100))
	if s.Known {
		e.Int64(keyTotalETA, int64(math.Ceil(s.ETA.Seconds())))
	}
	if s.State != "" {
		e.Str(keyState, s.State)
	}
	e.Int64(keyRead, s.Read).Int64(keyKept, s.Kept).Int64(keyDuplicates, s.Duplicates).Int64(keyFiltered, s.Filtered).Int64(keyRejected, s.Rejected)
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
