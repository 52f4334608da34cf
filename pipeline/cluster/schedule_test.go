package cluster

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestScheduleLast(t *testing.T) {
	tests := []struct{ cron, zone, at, want string }{
		{"0 2 * * *", "Asia/Shanghai", "2026-11-23T02:00:00+08:00", "2026-11-23T02:00:00+08:00"},
		{"0 2 * * *", "Asia/Shanghai", "2026-11-23T02:00:00.7+08:00", "2026-11-23T02:00:00+08:00"},
		{"0 2 * * *", "Asia/Shanghai", "2026-11-23T01:59:59.999+08:00", "2026-11-22T02:00:00+08:00"},
		{"0 2 * * *", "", "2026-11-23T02:00:00+08:00", "2026-11-22T02:00:00Z"},
		{"*/5 * * * * *", "", "2026-11-23T12:00:04.2Z", "2026-11-23T12:00:00Z"},
		{"@daily", "Europe/Berlin", "2026-07-01T12:00:00Z", "2026-07-01T00:00:00+02:00"},
		{"0 0 29 2 *", "", "2027-01-01T00:00:00Z", "2024-02-29T00:00:00Z"},
		// The clock goes from 02:00 to 03:00: the night's instant does not exist.
		{"30 2 * * *", "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T02:30:00+01:00"},
	}
	for _, tt := range tests {
		s, err := NewSchedule(tt.cron, tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.last(at).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s %s at %s: %s, want %s", tt.cron, tt.zone, tt.at, got, tt.want)
		}
	}
}

// Whatever fires between two instants of the schedule has the earlier one for its date.
func TestScheduleLastIsAFixedPoint(t *testing.T) {
	crons := []string{"0 2 * * *", "*/7 * * * * *", "15 3,17 * * 1-5", "0 0 1 * *", "@hourly"}
	zones := []string{"", "Asia/Shanghai", "America/New_York"}
	rapid.Check(t, func(t *rapid.T) {
		s, err := NewSchedule(rapid.SampledFrom(crons).Draw(t, "cron"), rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(rapid.Int64Range(1_600_000_000, 1_900_000_000).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos"))
		last := s.last(at)
		if last.After(at) || !s.last(last).Equal(last) {
			t.Fatalf("last of %v is %v, whose last is %v", at, last, s.last(last))
		}
		if next := s.times.Next(last); !next.After(at) {
			t.Fatalf("last of %v is %v, but %v comes later", at, last, next)
		}
	})
}

func TestScheduleRefuses(t *testing.T) {
	for cron, word := range map[string]string{
		"@every 5s": "only fields", "": "", "61 * * * *": "61", "0 2 * *": "", "TZ=UTC 0 2 * * *": "only fields", "0 0 31 2 *": "no such time",
	} {
		if _, err := NewSchedule(cron, ""); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%q: %v, want %q in the error", cron, err, word)
		}
	}
	if _, err := NewSchedule("0 2 * * *", "Asia/Nowhere"); err == nil {
		t.Error("an unknown time zone passed")
	}
}

func TestParseDate(t *testing.T) {
	s, err := NewSchedule("0 2 * * *", "Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"2026-11-23":                "20261122T180000Z",
		"2026-11-23T02:00:00+08:00": "20261122T180000Z",
	} {
		got, err := s.ParseDate(text)
		if err != nil || DateID(got) != want {
			t.Errorf("%s: %s, %v, want %s", text, DateID(got), err, want)
		}
	}
	if _, err := s.ParseDate("yesterday"); err == nil {
		t.Error("a date that is none passed")
	}
	var none *Schedule
	if got, err := none.ParseDate("2026-11-23"); err != nil || DateID(got) != "20261123T000000Z" {
		t.Errorf("without a schedule: %v, %v", got, err)
	}
}

// TestScheduleNext: the next instants are in the zone of the schedule, and as many as there are.
func TestScheduleNext(t *testing.T) {
	s, err := NewSchedule("0 2 * * *", "Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, at := range s.Next(time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC), 2) {
		got = append(got, at.Format(time.RFC3339))
	}
	if want := "2026-11-24T02:00:00+08:00 2026-11-25T02:00:00+08:00"; strings.Join(got, " ") != want || s.Cron() != "0 0 2 * * *" || s.Zone() != "Asia/Shanghai" {
		t.Errorf("%v, %s in %s", got, s.Cron(), s.Zone())
	}
}
