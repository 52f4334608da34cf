//go:build !linux

package isolated

import "syscall"

// dieWithParent knows no such way here: the end of stdin has to do.
func dieWithParent() *syscall.SysProcAttr { return nil }
