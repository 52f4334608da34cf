package main

import (
	"os/exec"
	"syscall"
)

// notOrphaned makes a process die with this one, also where this one is killed: servers that nobody knows of would go on for good, in
// namespaces and folders that the next chaos removes.
func notOrphaned(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
