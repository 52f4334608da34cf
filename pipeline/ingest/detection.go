package ingest

// Detection is what a file is taken for by its name and its first bytes. Its words are those of File.
type Detection struct {
	Format      string
	Document    string // document rule
	Compression string // "" for none
	Encoding    string // "" for UTF-8
	Returns     bool   // lines end with CR: see File
	Numbered    bool   // each member of the compressed file holds documents of its own: see File
	// Cut says that the file may be cut into byte ranges: anywhere, or, if it is compressed, at certain places; others are one piece.
	Cut bool
	// Why says what decided for the format, and for an encoding that is not UTF-8, for people.
	Why string
	// More says that with more of its first bytes this could be told better.
	More bool
	// Reject is the reason why the file cannot be read at all, "" if it can. Why then says what it is and what to do.
	Reject string
}
