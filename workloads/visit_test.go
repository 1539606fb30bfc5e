package workloads

import "testing"

func FuzzVisit(f *testing.F) {
	roundTrip(f, VisitCodec(), Visit{Task{1, 2, 3}, 4, "127.0.0.1:80"})
}
