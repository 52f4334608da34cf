package main

import (
	"crypto/md5" //nolint:gosec // the format of Debian asks for it
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/klauspost/compress/gzip"
)

// debian is the package of a platform, and its name. Debian asks for the highest level of compression of what lies in it, and looks at the header for it.
func (s *source) debian(p *platform, binary []byte, docs, manual map[string][]byte) (name string, data []byte, err error) {
	version := s.version.Debian()
	list := []entry{{"usr/bin/millrace", binary, 0o755}}
	add := func(name string, data []byte) { list = append(list, entry{name, data, 0o644}) }
	for name, data := range docs {
		switch {
		case strings.HasPrefix(name, "configs/"):
			add("usr/share/doc/millrace/examples/"+strings.TrimPrefix(name, "configs/"), data)
		case name == "LICENSE": // of which the copyright file tells
		case name == "CHANGELOG.md", name == "README.md", name == thirdPartyFile:
			compressed, err := gzipped(data, gzip.BestCompression)
			if err != nil {
				return "", nil, err
			}
			if name == "CHANGELOG.md" {
				name = "changelog"
			}
			add("usr/share/doc/millrace/"+name+".gz", compressed)
		default:
			add("usr/share/doc/millrace/"+name, data)
		}
	}
	for name, data := range manual {
		place, base := manualPlace(name)
		if strings.HasSuffix(base, ".1") {
			if data, err = gzipped(data, gzip.BestCompression); err != nil {
				return "", nil, err
			}
			base += ".gz"
		}
		add(place+base, data)
	}
	changes, err := gzipped(fmt.Appendf(nil, "millrace (%s) unstable; urgency=medium\n\n  * What is new stands in changelog.gz.\n\n -- %s  %s\n",
		version, s.maintainer, s.time.Format(time.RFC1123Z)), gzip.BestCompression)
	if err != nil {
		return "", nil, err
	}
	add("usr/share/doc/millrace/changelog.Debian.gz", changes)
	add("usr/share/doc/millrace/copyright", []byte(copyright))
	add("usr/share/doc/millrace/examples/millrace-serve.service", []byte(unit))
	add("usr/share/lintian/overrides/millrace", []byte("# Every program of Go without C is.\nmillrace: statically-linked-binary [usr/bin/millrace]\n"))
	list = sorted(list)
	var sums strings.Builder
	size := 0
	for _, e := range list {
		fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(e.data), e.name) //nolint:gosec // likewise
		size += (len(e.data) + 1023) / 1024
	}
	control, err := packed([]entry{
		{"control", fmt.Appendf(nil, controlFile, version, p.debian, s.maintainer, size), 0o644}, {"md5sums", []byte(sums.String()), 0o644},
	}, "./", s.time)
	if err != nil {
		return "", nil, err
	}
	content, err := packed(list, "./", s.time)
	if err != nil {
		return "", nil, err
	}
	data = ar([]arMember{{"debian-binary", []byte("2.0\n")}, {"control.tar.gz", control}, {"data.tar.gz", content}}, s.time)
	return "millrace_" + version + "_" + p.debian + ".deb", data, nil
}

// manualPlace is where Debian has a man page, or a completion, and its name there.
func manualPlace(name string) (folder, base string) {
	switch base := name[strings.LastIndexByte(name, '/')+1:]; {
	case strings.HasSuffix(name, ".1"):
		return "usr/share/man/man1/", base
	case strings.HasSuffix(name, ".bash"):
		return "usr/share/bash-completion/completions/", strings.TrimSuffix(base, ".bash")
	case strings.HasSuffix(name, ".fish"):
		return "usr/share/fish/vendor_completions.d/", base
	default:
		return "usr/share/zsh/vendor-completions/", base
	}
}

// defaultMaintainer is the project itself, whose address at the host of the module takes no mail.
const defaultMaintainer = "millrace <millrace@users.noreply.github.com>"

// maintainerOf is a maintainer as Debian writes it, with no character that would end the line or the address.
func maintainerOf(text string) (string, error) {
	address, err := mail.ParseAddress(text)
	if err != nil || address.Name == "" || strings.ContainsAny(address.Name, "<>,\"\\") || strings.ContainsFunc(text, unicode.IsControl) {
		return "", fmt.Errorf("maintainer is %q: it is a name and an address, as in %q", text, defaultMaintainer)
	}
	return address.Name + " <" + address.Address + ">", nil
}

const controlFile = `Package: millrace
Version: %s
Architecture: %s
Maintainer: %s
Installed-Size: %d
Recommends: ca-certificates
Section: text
Priority: optional
Homepage: https://github.com/millrace/millrace
Description: turn piles of raw text files into a training-ready corpus
 millrace parses, normalises and deduplicates piles of text files, and writes
 them as Parquet, with a vocabulary and an account of every document.
 .
 It runs as one process, or as many on a cluster, with the same bytes.
`

const copyright = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: millrace
Source: https://github.com/millrace/millrace

Files: *
Copyright: 2026 The authors of millrace
License: Apache-2.0

License: Apache-2.0
 On Debian systems the whole text of the Apache License, version 2.0, is in
 /usr/share/common-licenses/Apache-2.0. What is of others stands in NOTICE, and
 in THIRD-PARTY.txt.gz with the licences of the modules that the program is
 built of.
`

const unit = `# To be copied to /etc/systemd/system. The config is /etc/millrace/cluster.yaml, secrets are in /etc/millrace/env.
[Unit]
Description=millrace: coordinator
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/millrace serve --config /etc/millrace/cluster.yaml
EnvironmentFile=-/etc/millrace/env
Restart=always
RestartSec=5
RestartPreventExitStatus=2
TimeoutStopSec=45
DynamicUser=yes
StateDirectory=millrace
WorkingDirectory=%S/millrace
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
UMask=0027

[Install]
WantedBy=multi-user.target
`
