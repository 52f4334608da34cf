package filter

// Reasons of the filters: each has its own.
const (
	reasonMinChars              = "min_chars"
	reasonMaxChars              = "max_chars"
	reasonMinHanShare           = "min_han_share"
	reasonMaxDuplicateLineShare = "max_duplicate_line_share"
)
