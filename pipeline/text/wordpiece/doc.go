// Package wordpiece cuts texts into the tokens of WordPiece (of BERT) and of WordLevel, as a tokenizer.json of Hugging Face's tokenizers describes
// them. It trains nothing, and stands on package tokenjson.
//
// The ids are those of tokenizers.Tokenizer.encode without special tokens added (0.23), those of unknown words too: Unknown says which they are. What a
// file asks for and is not read here is an error that names it. Files are hostile: vocabularies are bounded, and so is what is looked
// at of a word, by the longest token and by max_input_chars_per_word. A Tokenizer does not change once it is read and may be used by many
// goroutines, each of which has an Encoder.
package wordpiece
