// Package strict reads YAML into structs, and finds all that is wrong at once, each with its line and path: unknown keys with what may have been
// meant, keys that are set twice, values that are no such. It also lists the keys that a struct has.
//
// What a struct says beyond its types:
//
//	Keys, CheckKey               its keys stand in a table, and not as fields
//	OwnKey                       one key may be of the user's choosing
//	UnmarshalYAML(func(any))     it reads itself: one value, or the keys of its fields, if these have any
//	CheckItem, of a list         each item is tried where it stands
//	a map that is inline         has the keys that no field has
//	int64 named bytes, …_bytes   is a size, and may have a unit
package strict
