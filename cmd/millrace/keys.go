package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// keyEvery is how long a read of the terminal waits for a key, in tenths of a second.
const keyEvery = 2

// readKeys has the terminal that in is give each key at once, without an echo; signals stay what they are. restore, which must be called and may
// be called twice, gives it back as it was; it is called also when ctx ends, so that a second signal kills a process that has given it
// back. Where in is no terminal, or this process is not in its foreground, no key comes.
func readKeys(ctx context.Context, in io.Reader) (keys <-chan byte, restore func(), err error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, func() {}, nil
	}
	fd := int(f.Fd())
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil || group != unix.Getpgrp() {
		return nil, func() {}, nil //nolint:nilerr // whoever is in the background does without
	}
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, nil, fmt.Errorf("read the state of the terminal: %w", err)
	}
	now := *before
	now.Lflag &^= unix.ICANON | unix.ECHO
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 0, keyEvery
	if err := unix.IoctlSetTermios(fd, setTermios, &now); err != nil {
		return nil, nil, fmt.Errorf("set the state of the terminal: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	var mu sync.Mutex // of the state
	over := false
	giveBack := func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		_ = unix.IoctlSetTermios(fd, setTermios, before) // there is nothing else to try
	}
	stop := context.AfterFunc(ctx, giveBack)
	var reading sync.WaitGroup
	pressed := make(chan byte)
	reading.Go(func() {
		defer giveBack() // also in a panic
		defer close(pressed)
		pressedKeys(ctx, fd, pressed)
	})
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, syscall.SIGCONT)
	reading.Go(func() { // whoever stopped it, such as a shell, may have set the terminal back
		for {
			select {
			case <-ctx.Done():
				return
			case <-continued:
				mu.Lock()
				if !over {
					_ = unix.IoctlSetTermios(fd, setTermios, &now)
				}
				mu.Unlock()
			}
		}
	})
	return pressed, func() {
		signal.Stop(continued)
		stop()
		cancel()
		giveBack()
		reading.Wait()
	}, nil
}

// pressedKeys sends what is pressed until ctx ends, or the terminal is gone.
func pressedKeys(ctx context.Context, fd int, pressed chan<- byte) {
	buf := make([]byte, 16)
	for ctx.Err() == nil {
		began := time.Now()
		n, err := unix.Read(fd, buf)
		if err != nil && err != unix.EINTR && err != unix.EAGAIN {
			return
		}
		if n <= 0 && time.Since(began) < keyEvery*time.Second/20 { // nobody is at the other end
			select {
			case <-ctx.Done():
			case <-time.After(keyEvery * time.Second / 10):
			}
		}
		for _, key := range buf[:max(n, 0)] {
			select {
			case <-ctx.Done():
				return
			case pressed <- key:
			}
		}
	}
}
