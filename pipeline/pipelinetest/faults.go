package pipelinetest

import (
	"errors"
	"testing"
)

// EachFault runs try once for every create, write and commit it makes in m, with that one failing, and once without: a
// failure must come back as ErrDisk. after is called behind each failed try, with m mended.
func EachFault(t *testing.T, m *Memory, try func() error, after func(failed string)) {
	t.Helper()
	for fault := 0; ; fault++ {
		failed := ""
		m.Fail(func(op, name string, n int) bool {
			if n == fault {
				failed = op + " " + name
			}
			return n == fault
		})
		err := try()
		m.Fail(nil)
		if failed == "" {
			if err != nil {
				t.Errorf("without a fault: %v", err)
			}
			if fault == 0 {
				t.Error("nothing was written")
			}
			return
		}
		if !errors.Is(err, ErrDisk) {
			t.Errorf("%s failed, and the error is %v", failed, err)
		}
		after(failed)
	}
}

// Get returns a file of the store, and nil if there is none.
func (m *Memory) Get(name string) []byte {
	m.files.mu.Lock()
	defer m.files.mu.Unlock()
	return m.files.data[name]
}
