package normalize

import (
	"fmt"
	"slices"
	"strings"
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
}

// Default is the configuration of a user who says nothing.
func Default() Config { return Config{Profile: ZhSafe} }

// Validate returns every problem of the configuration, each with its path.
func (c Config) Validate() error {
	if c.Profile != "" && !slices.Contains(profiles, c.Profile) {
		return fmt.Errorf("normalize.profile: unknown profile %q: known are %s", c.Profile, strings.Join(profiles, ", "))
	}
	return nil
}
