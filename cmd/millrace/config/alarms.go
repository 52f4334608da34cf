package config

import (
	"errors"
	"fmt"

	"github.com/millrace/millrace/pipeline/corpus"
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
	WithdrawnShare   float64 `yaml:"withdrawn_share"`
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
	errs = append(errs, checkShare("kept_share", a.KeptShare), checkShare("duplicates_share", a.DuplicatesShare),
		checkShare("rejects_share", a.RejectsShare), checkShare("uncommon_share", a.UncommonShare),
		checkShare("replacement_share", a.ReplacementShare), checkShare("withdrawn_share", a.WithdrawnShare))
	return errors.Join(errs...)
}

// checkShare says what is wrong with a share of a whole.
func checkShare(key string, share float64) error {
	if !(share >= 0 && share <= 1) { // written so that NaN fails too
		return fmt.Errorf("%s: %v is not between 0 and 1", key, share)
	}
	return nil
}

// Limits are the alarms as a run takes them.
func (a Alarms) Limits() *corpus.Alarms {
	limits := corpus.Alarms(a)
	return &limits
}
