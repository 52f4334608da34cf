package ingest

// Reasons why a document or the rest of a file is not in the corpus. With those why a source does not give a file, which stand in
// package pipeline, and those of the filters, which they bring along, this is the closed list that ledger and manifest use.
const (
	ReasonEmpty           = "empty"            // no text at all; counted as filtered
	ReasonBinary          = "binary"           // the file is not text
	ReasonTruncated       = "truncated"        // compressed data ends too early
	ReasonCorrupt         = "corrupt"          // compressed data is damaged
	ReasonEncrypted       = "encrypted"        // a member of a container that needs a password
	ReasonUnsupported     = "unsupported"      // a container in a container, or a variant that is not read
	ReasonTooLarge        = "too_large"        // one document over max_document_bytes
	ReasonExpansion       = "expansion"        // decompresses to more than the limits allow
	ReasonEncoding        = "encoding"         // more undecodable bytes than max_replacement_share
	ReasonBadJSON         = "bad_json"         // not a JSON object
	ReasonEncodingUnknown = "encoding_unknown" // no UTF-8, and no evidence for any other encoding: the setting names one
	ReasonFieldMissing    = "field_missing"    // no text field
	ReasonFieldType       = "field_type"       // the text field is no string
	ReasonBadRow          = "bad_row"          // not as many columns as the header, or a stray quote
	ReasonNoArticle       = "no_article"       // a web page without an article, and the setting rejects these
	ReasonDead            = "dead"             // the split failed max_attempts times
	ReasonWithdrawn       = "withdrawn"        // it is like a document that was removed, and is not to come again
)

// ReasonText is a reason with what there is to say of it, if there is anything, for people.
func ReasonText(reason, detail string) string {
	if detail == "" {
		return reason
	}
	return reason + ", " + detail
}
