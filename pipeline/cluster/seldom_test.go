package cluster

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s seldom
		now := func(what string, want bool) {
			t.Helper()
			if s.now(what) != want {
				t.Errorf("%q is said: %v, want %v", what, !want, want)
			}
		}
		now("disk full", true)
		now("disk full", false)
		time.Sleep(sayAgain - time.Second)
		now("disk full", false)
		time.Sleep(time.Second)
		now("disk full", true) // it goes on
		now("no route", true)
		now("disk full", true)
		s.over()
		now("disk full", true) // it begins anew
		now("disk full", false)
	})
}
