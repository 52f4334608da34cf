package lists

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxList    = 64 << 20 // bytes of a file
	maxEntry   = 256      // bytes of an entry
	maxBad     = 10       // bad lines that are told
	shortest   = 8        // digits of a digest in settings
	nameDigits = 8        // digits of the digest in names of columns
)

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

// digestPattern is a SHA-256, or its beginning.
var digestPattern = regexp.MustCompile(`^[0-9a-f]{8,64}$`)

// checkCommon is what all lists have in their settings.
func checkCommon(name, list, digest string) (problems []error) {
	if !namePattern.MatchString(name) {
		problems = append(problems, fmt.Errorf("name: %q is no name of a signal: small letters, digits and _, a letter first, at most 48", name))
	}
	if list == "" {
		problems = append(problems, errors.New("list: the path of a list is missing"))
	}
	if digest != "" && !digestPattern.MatchString(digest) {
		problems = append(problems, fmt.Errorf("digest: %q is no SHA-256: hexadecimal digits in small letters, the first %d or more", digest, shortest))
	}
	return problems
}

// readFile is a file of at most maxList bytes; "" is none.
func readFile(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // read only
	data, err := io.ReadAll(io.LimitReader(file, maxList+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxList {
		return nil, fmt.Errorf("%s has more than %d MiB", path, maxList>>20)
	}
	return data, nil
}

// digestOf is the SHA-256 of the files of a family: of a single one, that of the file itself; of several, that of each with its length before it.
func digestOf(files ...[]byte) string {
	h := sha256.New()
	for _, data := range files {
		if len(files) > 1 {
			h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(data))))
		}
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// checkDigest compares what the settings want with what there is.
func checkDigest(want, got, what string) error {
	if strings.HasPrefix(got, want) {
		return nil
	}
	return fmt.Errorf("digest: %s has %s, the settings want %s", what, got, want)
}

// entries calls add for each entry of a list, and returns what is wrong with lines, the first maxBad of them.
func entries(path string, data []byte, add func(entry []byte) error) error {
	var bad []error
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	for line := 1; len(data) > 0; line++ {
		entry, rest, _ := bytes.Cut(data, []byte("\n"))
		data = rest
		if err := checkEntry(&entry); err != nil {
			bad = append(bad, fmt.Errorf("%s:%d: %w", path, line, err))
		} else if len(entry) > 0 {
			if err := add(entry); err != nil {
				bad = append(bad, fmt.Errorf("%s:%d: %w", path, line, err))
			}
		}
		if len(bad) > maxBad {
			bad[maxBad] = fmt.Errorf("%s: more lines are wrong", path)
			break
		}
	}
	return errors.Join(bad...)
}

// checkEntry cuts white space and comments off and says what is wrong with what is left.
func checkEntry(entry *[]byte) error {
	if !utf8.Valid(*entry) {
		return errors.New("invalid UTF-8")
	}
	if bytes.HasPrefix(*entry, []byte("# ")) {
		*entry = nil
		return nil
	}
	*entry = bytes.TrimSpace(*entry)
	if bytes.Equal(*entry, []byte("#")) {
		*entry = nil
		return nil
	}
	if len(*entry) > maxEntry {
		return fmt.Errorf("%d bytes are more than an entry may have, %d", len(*entry), maxEntry)
	}
	if bytes.ContainsFunc(*entry, unicode.IsControl) {
		return errors.New("a control character in an entry")
	}
	return nil
}
