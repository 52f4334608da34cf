package queue

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
)

func TestLookAt(t *testing.T) {
	stuck := jetstream.ConsumerInfo{NumPending: 3, NumWaiting: 2}
	if !lookAt(&stuck).idle {
		t.Error("tasks and workers that wait for each other are not seen")
	}
	for name, change := range map[string]func(*jetstream.ConsumerInfo){
		"Paused":    func(i *jetstream.ConsumerInfo) { i.Paused = true },
		"NoTask":    func(i *jetstream.ConsumerInfo) { i.NumPending = 0 },
		"NoWorker":  func(i *jetstream.ConsumerInfo) { i.NumWaiting = 0 },
		"InFlight":  func(i *jetstream.ConsumerInfo) { i.NumAckPending = 1 },
		"Delivered": func(i *jetstream.ConsumerInfo) { i.Delivered.Consumer = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			info := stuck
			change(&info)
			if lookAt(&info) == lookAt(&stuck) {
				t.Error("taken for stuck")
			}
		})
	}
}
