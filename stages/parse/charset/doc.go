// Package charset finds out which encoding a file is in and turns its bytes into valid UTF-8.
//
// Detect judges the first bytes of a file by evidence: marks, validity, and how ordinary the text would be under each
// encoding. A Reader decodes a stream of any length in a fixed amount of memory. Neither knows of files, compression,
// formats or records; both see bytes behind the decompression and before the framing.
//
// The list of encodings is closed (Names). The Chinese ones are read as generously as their users write them: GB18030
// stands for GB2312, GBK and CP936, Big5 for CP950 and Big5-HKSCS, and characters of the user-defined areas come out in the
// private-use area, where fonts and conversion tables of their makers expect them, and are counted.
//
// What is guaranteed: output is valid UTF-8 whatever the input; every undecodable sequence becomes one U+FFFD and is
// counted; the output depends on the bytes of the stream alone, never on how a source hands them out (invariant 1); no
// input panics or makes a loop endless (invariant 8).
//
// In GB18030, Big5 and UTF-8 a byte below 0x30 is always a character of its own, so that a stream may be cut behind any
// line feed and its parts decoded apart. HZ, whose line feed ends two-byte mode, may be cut there too, but UTF-16 may not.
package charset
