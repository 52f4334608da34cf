// Package normalize is the stage that makes texts comparable without changing what they say. It rewrites the text column,
// sets Chars, counts every class of change and takes out documents that have no text left. It knows nothing of formats,
// looks at metadata for no more than the words of a text, and never drops a document for what it says.
//
// Profile zh-safe, one character at a time, in this order:
//
//   - line ends: CRLF, CR, VT, FF, U+001C to U+001E, U+0085, U+2028 and U+2029 become LF (counter line_ends);
//   - full-width letters and digits become ASCII (fullwidth); full-width punctuation stays;
//   - spaces of every width (category Zs, U+3000 and NBSP among them) and U+001F become U+0020 (spaces);
//   - Kangxi radicals, and the two CJK radicals that Unicode gives an ideograph, become ideographs (radicals);
//   - control characters except LF and tab go (controls), so do BOM, ZWSP, WJ and U+FFFC (invisible); ZWJ and ZWNJ stay;
//   - variation selectors go, except the two that choose the emoji or the text form, after a symbol that has both or before
//     a keycap (variation);
//   - what is left is NFC (nfc counts the changed segments);
//   - runs of U+0020 become one; spaces and tabs at the edges of a line go, and so do empty lines at the edges of the
//     document (trimmed counts the characters); empty lines within it stay as they are, for they may part paragraphs. Tabs
//     before a text stay where it, the line before or the next one has a tab between texts: these are rows of a table, of
//     which the first cells are empty.
//
// U+FFFD and private use characters are counted (replacement, private_use) and stay, as does everything else: Chinese
// punctuation, ①, ㎡, ℃, half-width kana. Doing it twice equals doing it once.
//
// Profile nfkc is byte for byte what golang.org/x/text makes of it, and profile none leaves the text alone. Under all of
// them a document without a single byte of text left is rejected as empty. A text that is not valid UTF-8 (which parse lets
// through to nobody) comes out unspecified, but comes out.
//
// Behind the profile, what package pii finds in the text is kept, masked or replaced by a pseudonym, by its kind (Config.PII), in place: no character
// changes its length, and offsets are those of the text as it came. What later stages see, write and quote is the text without it; so are the excerpts
// of records in the details of rejects of earlier stages, as far as they pass here. Metadata stays as it is, but for the words that a document came in
// (Config.KeepWords): these are lengths, and become those of the words in the text as it is then. Where a word is not in it as it would be by itself,
// because its characters compose with others or depend on them, the document loses its words (counter lost_words).
//
// Both profiles run on one class a BMP character: ordinary Chinese is recognised two characters at a time and copied in
// runs, and only segments that hold a character which composes go to x/text. The tables follow its version of Unicode, so a
// new one is a new code version (invariant 1).
package normalize
