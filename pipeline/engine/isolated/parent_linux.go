package isolated

import "syscall"

// dieWithParent has the kernel kill a process when the one that started it ends.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
