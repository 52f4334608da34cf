package parse

import (
	"bytes"
	"slices"
	"strings"
)

// zipKinds are the kinds of zip files that are one document, program or array, not a folder of files: by the ending of the
// name, or by the name of a member that stands early in every one of them.
var zipKinds = []struct {
	name, advice string
	suffixes     []string
	members      []string // beginnings of names; one that begins with * is the end of the first one
}{
	{
		"an Office document (.docx, .xlsx, .pptx)", adviceOffice,
		[]string{".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".xlsb", ".pptx", ".pptm", ".ppsx", ".vsdx"},
		[]string{"[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "word/document.xml", "xl/workbook.", "ppt/presentation.xml"},
	},
	{
		"an e-book (EPUB)", adviceConvert + ", as with pandoc",
		[]string{".epub"},
		[]string{"mimetypeapplication/epub+zip", "META-INF/container.xml"},
	},
	{
		"an OpenDocument file (.odt, .ods, .odp)", adviceOffice,
		[]string{".odt", ".ods", ".odp", ".ott"},
		[]string{"mimetypeapplication/vnd.oasis", "mimetypeapplication/vnd.sun"},
	},
	{"a HWPX document", adviceOffice, []string{".hwpx"}, []string{"mimetypeapplication/hwp+zip"}},
	{"an OFD document", adviceConvert, []string{".ofd"}, []string{"OFD.xml"}},
	{"a document made as a zip file", adviceConvert, []string{".xmind", ".kmz", ".pages", ".key", ".numbers"}, []string{"mimetypeapplication/", "Index/Document.iwa"}},
	{
		"a program made as a zip file", adviceNoText,
		[]string{".jar", ".war", ".ear", ".apk", ".aar", ".ipa", ".xpi", ".whl", ".nupkg", ".vsix", ".crx"},
		[]string{"META-INF/MANIFEST.MF", "AndroidManifest.xml"},
	},
	{"an archive of NumPy arrays (.npz)", adviceTokens, []string{".npz"}, []string{"*.npy"}},
	{"a PyTorch model", adviceNoText, []string{".pt", ".pth", ".ckpt"}, []string{"*/data.pkl"}},
}

// zipKind says what a zip file is, by the ending of its name and what it begins with, if it is no folder of files; nil if it
// may be one.
func zipKind(ext string, head []byte) *kind {
	names := zipNames(head)
	for _, z := range zipKinds {
		if slices.Contains(z.suffixes, ext) || slices.ContainsFunc(z.members, func(m string) bool { return holdsMember(names, m) }) {
			return binaryKind(z.name, z.advice)
		}
	}
	return nil
}

func holdsMember(names [][]byte, member string) bool {
	if end, found := strings.CutPrefix(member, "*"); found {
		return len(names) > 0 && bytes.HasSuffix(names[0], []byte(end))
	}
	return slices.ContainsFunc(names, func(name []byte) bool { return bytes.HasPrefix(name, []byte(member)) })
}

// zipNames returns the names of the first members whose headers stand in head. A member that is called mimetype comes with
// its content, which is a word.
func zipNames(head []byte) (names [][]byte) {
	const (
		mark    = "PK\x03\x04"
		most    = 8 // members: documents have theirs in front
		header  = 30
		lengths = 26 // where the lengths of name and extra fields stand
		stored  = 18 // where the length of the content does, if the writer knew it
		longest = 80 // bytes of a mimetype
	)
	for len(names) < most && len(head) > header {
		if string(head[:4]) != mark {
			return names
		}
		name, extra := int(head[lengths])|int(head[lengths+1])<<8, int(head[lengths+2])|int(head[lengths+3])<<8
		size := int(head[stored]) | int(head[stored+1])<<8 | int(head[stored+2])<<16 | int(head[stored+3])<<24
		content := header + name + extra
		if content > len(head) {
			return names
		}
		n := head[header : header+name]
		if string(n) == "mimetype" {
			n = append(slices.Clone(n), head[content:min(len(head), content+longest)]...)
		}
		names = append(names, n)
		next := bytes.Index(head[content:], []byte(mark))
		if size > 0 && content+size < len(head) && string(head[content+size:min(len(head), content+size+4)]) == mark {
			next = size
		}
		if next < 0 {
			return names
		}
		head = head[content+next:]
	}
	return names
}
