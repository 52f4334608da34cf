package config

import (
	"errors"
	"fmt"

	"millrace/pipeline/corpus"
)

// Alarms say how unlike the nights before a night may be: see corpus.Alarms. A limit of 0 is off.
type Alarms struct {
	Versions         int     `yaml:"versions"`
	Documents        float64 `yaml:"documents"`
	KeptShare        float64 `yaml:"kept_share"`
	DuplicatesShare  float64 `yaml:"duplicates_share"`
	RejectsShare     float64 `yaml:"rejects_share"`
	UncommonShare    float64 `yaml:"uncommon_share"`
	ReplacementShare float64 `yaml:"replacement_share"`
}

// alarmVersions is a week of nights.
const alarmVersions = 7

func (a Alarms) validate() error {
	var errs []error
	if a.Versions < 2 {
		errs = append(errs, fmt.Errorf("versions: %d are too few for an average, 2 is the least", a.Versions))
	}
	if !(a.Documents >= 0) { // written so that NaN fails too
		errs = append(errs, fmt.Errorf("documents: %v is negative", a.Documents))
	}
	for _, s := range []struct {
		key   string
		share float64
	}{
		{"kept_share", a.KeptShare},
		{"duplicates_share", a.DuplicatesShare},
		{"rejects_share", a.RejectsShare},
		{"uncommon_share", a.UncommonShare},
		{"replacement_share", a.ReplacementShare},
	} {
		if !(s.share >= 0 && s.share <= 1) {
			errs = append(errs, fmt.Errorf("%s: %v is not between 0 and 1", s.key, s.share))
		}
	}
	return errors.Join(errs...)
}

// Limits are the alarms as a run takes them.
func (a Alarms) Limits() *corpus.Alarms {
	return &corpus.Alarms{
		Versions: a.Versions, Documents: a.Documents, KeptShare: a.KeptShare, DuplicatesShare: a.DuplicatesShare,
		RejectsShare: a.RejectsShare, UncommonShare: a.UncommonShare, ReplacementShare: a.ReplacementShare,
	}
}
