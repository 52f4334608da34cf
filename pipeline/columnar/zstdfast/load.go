package zstdfast

import (
	"encoding/binary"
	"unsafe"
)

// The loops of this package read and write at indices that they have bounded themselves, several bytes beyond what the compiler can
// prove. These helpers are the only unsafe code: each reads or writes inside of the slice if the caller keeps its word.

// load32 reads four bytes at i, which must be at most len(b)-4.
func load32(b []byte, i int) uint32 {
	return binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))[:])
}

// load64 reads eight bytes at i, which must be at most len(b)-8.
func load64(b []byte, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))[:])
}

// store64 writes eight bytes at i, which must be at most cap(b)-8.
func store64(b []byte, i int, v uint64) {
	binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), i))[:], v)
}

// copy16 copies sixteen bytes from src at i, at most len(src)-16, to dst at j, at most cap(dst)-16.
func copy16(dst []byte, j int, src []byte, i int) {
	*(*[16]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(dst)), j)) = *(*[16]byte)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(src)), i))
}
