package engine

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/pipeline"
)

// progress is a witness that is told more.
type progress struct {
	*witness
	told    chan struct{} // closed when it is told for the first time
	read    int64
	resumed []string
}

var _ ProgressObserver = (*progress)(nil)

func (p *progress) Restart(string) {}

func (p *progress) AddRead(documents int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.read += documents
}

func (p *progress) Resumed(job, phase string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.resumed) == 0 {
		close(p.told)
	}
	p.resumed = append(p.resumed, fmt.Sprintf("%s %s: %s", job, phase, pipeline.TasksDone(done, total)))
}

// TestResumedIsTold: who looks at a job that is gone on with hears how much of it is done, once; and what became of the documents of its
// tasks, those of the earlier process among them.
func TestResumedIsTold(t *testing.T) {
	for _, ended := range []int{0, 1, 3} { // tasks of the map phase that the earlier process has done
		bubble(t, strconv.Itoa(ended), func(t *testing.T) {
			y := newToy(t, 3)
			y.slots = 1
			last, n := "worker:recorded", ended
			if ended == 0 {
				last, n = "worker:computed", 1
			}
			y.runKilledAt(t.Context(), func(points []string) bool {
				if points[len(points)-1] == last {
					n--
				}
				return n == 0
			}, nil)
			seen := &progress{witness: newWitness(), told: make(chan struct{})}
			y.watch = seen
			y.hook = func(point string) {
				if strings.HasPrefix(point, "worker:") { // its tasks lie in the queue already: what it did would be told, too
					<-seen.told
				}
			}
			if err := y.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			y.check()
			want := []string{fmt.Sprintf("a run map: %d of 3 tasks are done", ended)}
			if ended == 3 { // map is over, total is next
				want = []string{"a run total: 3 of 4 tasks are done"}
			}
			if diff := cmp.Diff(want, seen.resumed); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			_, read, filtered, rejected, doubles := y.want()
			if want := [4]int64{read - filtered - rejected - doubles, doubles, filtered, rejected}; seen.outcome != want || seen.read != read {
				t.Errorf("outcome %v of %d, want %v of %d", seen.outcome, seen.read, want, read)
			}
		})
	}
}
