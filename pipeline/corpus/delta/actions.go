package delta

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/millrace/millrace/pipeline/columnar"
	"github.com/millrace/millrace/pipeline/corpus/manifest"
	"github.com/millrace/millrace/pipeline/dataset"
	"github.com/millrace/millrace/pipeline/ingest"
)

// action is a line of an entry; one of these is there.
type action struct {
	CommitInfo *commitInfo `json:"commitInfo,omitempty"`
	Protocol   *protocol   `json:"protocol,omitempty"`
	MetaData   *metaData   `json:"metaData,omitempty"`
	Remove     *remove     `json:"remove,omitempty"`
	Add        *add        `json:"add,omitempty"`
}

type commitInfo struct {
	Timestamp    int64             `json:"timestamp"` // ms
	Operation    string            `json:"operation"`
	Parameters   map[string]string `json:"operationParameters"`
	EngineInfo   string            `json:"engineInfo,omitempty"`
	UserMetadata string            `json:"userMetadata,omitempty"`
}

type protocol struct {
	MinReaderVersion int      `json:"minReaderVersion"`
	MinWriterVersion int      `json:"minWriterVersion"`
	WriterFeatures   []string `json:"writerFeatures"`
}

type metaData struct {
	ID               string            `json:"id"`
	Name             string            `json:"name"`
	Format           format            `json:"format"`
	SchemaString     string            `json:"schemaString"`
	PartitionColumns []string          `json:"partitionColumns"`
	Configuration    map[string]string `json:"configuration"`
}

type format struct {
	Provider string            `json:"provider"`
	Options  map[string]string `json:"options"`
}

type remove struct {
	Path              string `json:"path"`
	DeletionTimestamp int64  `json:"deletionTimestamp"` // ms
	DataChange        bool   `json:"dataChange"`
}

type add struct {
	Path             string            `json:"path"`
	PartitionValues  map[string]string `json:"partitionValues"`
	Size             int64             `json:"size"`
	ModificationTime int64             `json:"modificationTime"` // ms
	DataChange       bool              `json:"dataChange"`
	Stats            string            `json:"stats,omitempty"` // JSON in a string
}

// structType is a schema as Delta writes one.
type structType struct {
	Type   string  `json:"type"`
	Fields []field `json:"fields"`
}

type field struct {
	Name     string            `json:"name"`
	Type     string            `json:"type"`
	Nullable bool              `json:"nullable"` // shards of earlier formats lack the later columns
	Metadata map[string]string `json:"metadata"`
}

// entry collects the lines of a file of the log.
type entry struct{ bytes.Buffer }

func (e *entry) put(a *action) {
	enc := json.NewEncoder(&e.Buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(a); err != nil {
		panic(err) // programmer error: actions hold plain values only
	}
}

// writerFeature is one that no other writer knows, so that none writes to the table or vacuums it: for Delta every file that the log does
// not name is garbage, which would be ledgers and manifests. Readers of version 1 do not ask for it.
const writerFeature = "millrace"

// empty is version 0.
func empty(id string, at int64) []byte {
	types := map[columnar.Type]string{columnar.String: "string", columnar.Int32: "integer", columnar.Int64: "long"}
	schema := structType{Type: "struct"}
	for _, c := range ingest.DocumentSchema() {
		schema.Fields = append(schema.Fields, field{c.Name, types[c.Type], true, map[string]string{}})
	}
	text, err := json.Marshal(&schema)
	if err != nil {
		panic(err) // programmer error: it holds plain values only
	}
	var e entry
	e.put(&action{CommitInfo: &commitInfo{Timestamp: at, Operation: "CREATE TABLE", Parameters: map[string]string{}}})
	e.put(&action{Protocol: &protocol{MinReaderVersion: 1, MinWriterVersion: 7, WriterFeatures: []string{writerFeature}}})
	e.put(&action{MetaData: &metaData{
		ID: id, Name: "documents", Format: format{"parquet", map[string]string{}}, SchemaString: string(text),
		PartitionColumns: []string{}, Configuration: map[string]string{},
	}})
	return e.Bytes()
}

// IDOf returns the id of the table that the entry of version 0 has, "" if it is not one.
func IDOf(data []byte) string {
	for line := range bytes.Lines(data) {
		var a action
		if json.Unmarshal(line, &a) == nil && a.MetaData != nil && isUUID(a.MetaData.ID) {
			return a.MetaData.ID
		}
	}
	return ""
}

func isUUID(s string) bool {
	const like = "00000000-0000-0000-0000-000000000000"
	if len(s) != len(like) {
		return false
	}
	for i := range len(s) {
		if like[i] == '-' && s[i] != '-' || like[i] != '-' && !strings.Contains("0123456789abcdef", s[i:i+1]) {
			return false
		}
	}
	return true
}

// escape writes a path as the URL that the protocol asks for.
func escape(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

func retired(path string) string { return dataset.RetiredFolder + "/" + path }

// started is when a version was begun, in ms.
func started(m *manifest.Manifest) int64 {
	t, err := time.Parse(time.RFC3339, m.Run.Started)
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}
