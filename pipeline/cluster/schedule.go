package cluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/queue"
)

// Schedule says when runs begin. The server of the queue keeps it and fires, so it survives every process of ours.
type Schedule struct {
	times cron.Schedule
	spec  queue.Schedule
	zone  *time.Location
}

// parser reads what the server reads: six fields, or five with the seconds left out, or a word such as @daily.
var parser = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// NewSchedule reads a cron expression in a time zone ("" is UTC). Intervals (@every) are refused: their instants depend on
// when they were set.
func NewSchedule(expression, zone string) (*Schedule, error) {
	expression = strings.TrimSpace(expression)
	if strings.HasPrefix(expression, "@every") || strings.Contains(expression, "TZ=") {
		return nil, fmt.Errorf("%q: only fields, or @daily, @hourly and the like", expression)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known", zone)
	}
	times, err := parser.Parse(expression)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", expression, err)
	}
	if len(strings.Fields(expression)) == 5 {
		expression = "0 " + expression
	}
	if times.Next(time.Now().In(location)).IsZero() {
		return nil, fmt.Errorf("%q: there is no such time", expression)
	}
	return &Schedule{times, queue.Schedule{Cron: expression, TimeZone: zone}, location}, nil
}

// last is the last instant of the schedule that is not after at: the logical date of a run that at was fired for.
func (s *Schedule) last(at time.Time) time.Time {
	at = at.In(s.zone)
	for back := time.Second; ; back *= 2 {
		last := s.times.Next(at.Add(-back).Add(-time.Second))
		if last.IsZero() || last.After(at) {
			if back > 10*365*24*time.Hour {
				return at.Truncate(time.Second) // a schedule that never was
			}
			continue
		}
		for {
			next := s.times.Next(last)
			if next.IsZero() || next.After(at) {
				return last
			}
			last = next
		}
	}
}

// Next is the first instants of the schedule after a moment, in its zone.
func (s *Schedule) Next(after time.Time, n int) (instants []time.Time) {
	for at := after.In(s.zone); len(instants) < n; {
		if at = s.times.Next(at); at.IsZero() {
			break // there is no more such time
		}
		instants = append(instants, at)
	}
	return instants
}

// Cron is the expression as the server of the queue reads it: with the seconds first.
func (s *Schedule) Cron() string { return s.spec.Cron }

// Zone is the name of the time zone that the instants are in.
func (s *Schedule) Zone() string { return s.zone.String() }

// DateID is the id of the run of a logical date: the same for every process and every fire of that instant.
func DateID(date time.Time) string { return date.UTC().Format("20060102T150405Z") }

// ParseDate reads a logical date: RFC 3339, or a day in the schedule's zone, whose first instant is meant.
func (s *Schedule) ParseDate(text string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, nil
	}
	zone := time.UTC
	if s != nil {
		zone = s.zone
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: %q is no date: write 2026-11-23, or 2026-11-23T02:00:00+08:00", pipeline.ErrUsage, text)
	}
	if s == nil {
		return day, nil
	}
	return s.times.Next(day.Add(-time.Second)), nil
}

// keepSchedule keeps the server's schedule in step with the config and turns its fires into requests, for as long as this
// process leads.
func (c *Coordinator) keepSchedule(ctx context.Context) error {
	var spec *queue.Schedule
	if c.Schedule != nil {
		spec = &c.Schedule.spec
	}
	since, err := c.Control.SetSchedule(ctx, spec, c.Queue.Replicas)
	if err != nil {
		return err
	}
	if spec == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := c.catchUp(ctx, since); err != nil {
		return err
	}
	return c.Control.Fires(ctx, c.Queue.Replicas, func(at time.Time, upTo uint64) error {
		if err := c.request(ctx, c.Schedule.last(at), "scheduled"); err != nil {
			return err
		}
		return c.Control.ClearFires(ctx, upTo)
	})
}

// catchUp asks for the run of the last instant if nobody has: a server that was killed does not fire for what it missed, and
// one that has lost its store knows of nothing. Instants before the schedule was set are none.
func (c *Coordinator) catchUp(ctx context.Context, since time.Time) error {
	date := c.Schedule.last(time.Now())
	if since.IsZero() || !date.After(since) {
		return nil
	}
	end, err := readEnd(ctx, c.Control, DateID(date))
	if err != nil || end.ID != "" {
		return err
	}
	m, err := c.Site.Made(ctx, "", DateID(date), "")
	if err != nil { // whoever plans a run meets it too, and says so
		c.Log.Warn().Err(err).Msg("look whether the last scheduled run was made")
		return nil
	}
	if m != nil {
		return nil
	}
	return c.request(ctx, date, "scheduled, and missed until now")
}

// request asks for the run of an instant. One instant, one key: a second fire, or another coordinator's, changes nothing.
func (c *Coordinator) request(ctx context.Context, date time.Time, why string) error {
	request := Request{ID: DateID(date), Date: date.Format(time.RFC3339)}
	if _, err := set(ctx, c.Control, keyStart+request.ID, request, 0); err != nil {
		if isFenced(err) {
			return nil
		}
		return err
	}
	c.Log.Info().Str("run", request.ID).Str("date", request.Date).Msg(why)
	return nil
}
