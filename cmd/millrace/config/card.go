package config

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/croissant"
)

// Card is what people say of the corpus, for its card: see manifest.About. A version takes it as it is when that is made.
type Card struct {
	Name        string    `yaml:"name"`
	Description string    `yaml:"description"`
	License     string    `yaml:"license"`
	Languages   languages `yaml:"languages"`
	Tags        []string  `yaml:"tags"`
	Citation    string    `yaml:"citation"`
	Publisher   string    `yaml:"publisher"`
}

// languages is a list of codes, of which each is checked where it stands.
type languages []string

// languageCode is a code of ISO 639, with what BCP 47 lets follow it.
var languageCode = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)

// CheckItem implements strict.ItemChecker.
func (languages) CheckItem(code string) error {
	if !languageCode.MatchString(code) {
		return fmt.Errorf("%q is no code of a language such as zh or yue", code)
	}
	return nil
}

// licenseWord is an identifier of SPDX, or a word of Hugging Face.
var licenseWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+-]*$`)

func checkLicense(key, license string) error {
	if license != "" && !licenseWord.MatchString(license) && !croissant.IsAddress(license) {
		return fmt.Errorf("%s: %q is no identifier of SPDX such as CC-BY-4.0, no word such as other, and no address", key, license)
	}
	return nil
}

func (c Card) validate() error {
	errs := []error{checkLicense("license", c.License)}
	for i, code := range c.Languages {
		if err := c.Languages.CheckItem(code); err != nil {
			errs = append(errs, fmt.Errorf("languages[%d]: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

// About is all that the settings say for the card, nil if that is nothing.
func (c Config) About() *manifest.About {
	a := manifest.About{
		Name: c.Card.Name, Description: c.Card.Description, License: c.Card.License, Languages: c.Card.Languages, Tags: c.Card.Tags,
		Citation: c.Card.Citation, Publisher: c.Card.Publisher,
	}
	said := a.Name+a.Description+a.License+a.Citation+a.Publisher != "" || len(a.Languages)+len(a.Tags) > 0
	for _, s := range c.Sources {
		if s.License != "" || s.Homepage != "" {
			a.Sources = append(a.Sources, manifest.AboutSource{Name: s.Name, License: s.License, Homepage: s.Homepage})
			said = true
		}
	}
	if !said {
		return nil
	}
	return &a
}
