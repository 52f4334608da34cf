package fasttext

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// Open reads a file.
func Open(path string) (*Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a file", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	m, err := Read(f, info.Size())
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return m, nil
}

// OpenAs reads a file that must have a SHA-256, in hexadecimal. An empty one is that of any file.
func OpenAs(path, digest string) (*Model, error) {
	if err := CheckDigest(digest); err != nil {
		return nil, err
	}
	m, err := Open(path)
	if err != nil {
		return nil, err
	}
	if is := hex.EncodeToString(m.digest[:]); digest != "" && is != strings.ToLower(digest) {
		return nil, fmt.Errorf("%s has the digest %s, and not %s, which the settings ask for", path, is, strings.ToLower(digest))
	}
	return m, nil
}

// CheckDigest says what is wrong with a digest that OpenAs is to be given.
func CheckDigest(digest string) error {
	if b, err := hex.DecodeString(digest); digest != "" && (err != nil || len(b) != sha256.Size) {
		return fmt.Errorf("digest: %q is no SHA-256 in hexadecimal", digest)
	}
	return nil
}

// Line appends a text to dst as one line: its line breaks become blanks, at which words end as well.
func Line(dst, text []byte) []byte {
	from := len(dst)
	dst = append(dst, text...)
	line := dst[from:]
	for {
		i := bytes.IndexByte(line, '\n')
		if i < 0 {
			return dst
		}
		line[i] = ' '
		line = line[i+1:]
	}
}
