package normalize

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/pipeline/text/pii"
)

// The profiles.
const (
	ZhSafe = "zh-safe" // the default; see the package comment
	NFKC   = "nfkc"    // Unicode NFKC, and nothing else
	None   = "none"    // the text as it came
)

var profiles = []string{ZhSafe, NFKC, None}

// Config is the section normalize of the settings. All of it decides what comes out.
type Config struct {
	// Profile is one of ZhSafe, NFKC and None; "" is ZhSafe.
	Profile string `json:"profile" yaml:"profile"`
	// PII says what becomes of personal data, behind the profile.
	PII PII `json:"pii" yaml:"pii"`
	// PIIKeyFile is where the key of pseudonyms lies, on every host that does tasks. Where that is has no part in the result.
	PIIKeyFile string `json:"-" yaml:"pii_key_file"`
	// PIIKey is the digest of the key, as ReadKey sets it: two keys are two results. "" is none.
	PIIKey string `json:"pii_key" yaml:"-"`
	// KeepWords keeps the words that the metadata of documents says in step with their texts: see words.Given. Whoever sets it makes it part of
	// the plan's settings.
	KeepWords bool `json:"-" yaml:"-"`
	// Key is the key, as ReadKey sets it.
	Key *pii.Key `json:"-" yaml:"-"`
}

// Default is the configuration of a user who says nothing.
func Default() Config { return Config{Profile: ZhSafe, PII: PII{allKinds: Keep}} }

// Validate returns every problem of the configuration, each with its path.
func (c Config) Validate() error {
	var problems []error
	if c.Profile != "" && !slices.Contains(profiles, c.Profile) {
		problems = append(problems, fmt.Errorf("normalize.profile: unknown profile %q: known are %s", c.Profile, strings.Join(profiles, ", ")))
	}
	if err := c.PII.check(); err != nil {
		problems = append(problems, fmt.Errorf("normalize.pii: %w", err))
	} else if c.PII.any(Pseudonym) && c.PIIKeyFile == "" {
		problems = append(problems, fmt.Errorf("normalize.pii_key_file: pseudonyms need a key: name a file of at least %d bytes", pii.MinKey))
	}
	return errors.Join(problems...)
}
