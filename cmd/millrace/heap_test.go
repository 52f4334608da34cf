package main

import "testing"

func TestPercentFor(t *testing.T) {
	tests := []struct {
		live uint64
		want int
	}{
		{0, 1600}, {1 << 20, 6300}, {16 << 20, 300}, {32 << 20, 100}, {40 << 20, 60}, {50 << 20, 40}, {1 << 30, 40},
	}
	for _, tt := range tests {
		if got := percentFor(tt.live); got != tt.want {
			t.Errorf("percentFor(%d) = %d, want %d", tt.live, got, tt.want)
		}
		if tt.live > 0 && tt.live*uint64(100+percentFor(tt.live))/100 < min(gcFloor, tt.live*3/2)*99/100 {
			t.Errorf("%d bytes are collected before they are %d", tt.live, gcFloor)
		}
	}
}
