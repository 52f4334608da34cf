package main

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"strings"
)

// module is the module of Python that a wheel has beside the binary.
//
//go:embed wheel/millrace/*.py
var module embed.FS

// wheel is a wheel for a platform, and its name. The binary is a script of it, so pip puts it on PATH.
func (s *source) wheel(p *platform, binary []byte, docs map[string][]byte, licences string) (name string, data []byte, err error) {
	version := s.version.Wheel()
	info := "millrace-" + version + ".dist-info/"
	list, err := moduleFiles(version)
	if err != nil {
		return "", nil, err
	}
	var tags strings.Builder
	for tag := range strings.SplitSeq(p.wheel, ".") {
		tags.WriteString("Tag: py3-none-" + tag + "\n")
	}
	list = append(list,
		entry{"millrace-" + version + ".data/scripts/millrace", binary, 0o755},
		entry{info + "METADATA", []byte(fmt.Sprintf(metadata, version, licences) + string(docs["README.md"])), 0o644},
		entry{info + "WHEEL", []byte("Wheel-Version: 1.0\nGenerator: millrace\nRoot-Is-Purelib: false\n" + tags.String()), 0o644},
		entry{info + "licenses/LICENSE", docs["LICENSE"], 0o644},
		entry{info + "licenses/NOTICE", docs["NOTICE"], 0o644},
		entry{info + "licenses/" + thirdPartyFile, docs[thirdPartyFile], 0o644},
	)
	list = sorted(list)
	var record strings.Builder
	for _, e := range list {
		sum := sha256.Sum256(e.data)
		fmt.Fprintf(&record, "%s,sha256=%s,%d\n", e.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(e.data))
	}
	record.WriteString(info + "RECORD,,\n")
	list = append(list, entry{info + "RECORD", []byte(record.String()), 0o644})
	data, err = zipped(list, s.time)
	return "millrace-" + version + "-py3-none-" + p.wheel + ".whl", data, err
}

// moduleFiles are the files of the module, which says the version of its wheel.
func moduleFiles(version string) (list []entry, err error) {
	err = fs.WalkDir(module, "wheel", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := module.ReadFile(path)
		text := strings.Replace(string(data), `__version__ = "0"`, fmt.Sprintf("__version__ = %q", version), 1)
		list = append(list, entry{strings.TrimPrefix(path, "wheel/"), []byte(text), 0o644})
		return err
	})
	return list, err
}

// metadata is that of a wheel, before the README.
const metadata = `Metadata-Version: 2.4
Name: millrace
Version: %s
Summary: Turn piles of raw text files into a training-ready corpus
License-Expression: %s
License-File: LICENSE
License-File: NOTICE
License-File: THIRD-PARTY.txt
Project-URL: Source, https://github.com/millrace/millrace
Keywords: corpus,dataset,deduplication,nlp,chinese
Classifier: Environment :: Console
Classifier: Operating System :: MacOS
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Python :: 3
Requires-Python: >=3.9
Provides-Extra: arrow
Requires-Dist: pyarrow>=15; extra == "arrow"
Provides-Extra: pandas
Requires-Dist: pyarrow>=15; extra == "pandas"
Requires-Dist: pandas>=2; extra == "pandas"
Provides-Extra: datasets
Requires-Dist: pyarrow>=15; extra == "datasets"
Requires-Dist: datasets>=2.19; extra == "datasets"
Description-Content-Type: text/markdown

`
