package harness

import "testing"

func TestDidYouMean(t *testing.T) {
	have := []string{"spin", "sha256", "primes", "sort", "lock10", "lock50", "counter", "größe", "100"}
	for name, want := range map[string]string{
		"spin": "spin", "SPIN": "spin", "spni": "spin", "spn": "spin", "spinn": "spin", "sha265": "sha256", "conuter": "counter", "cuntr": "counter",
		"lock1": "lock10", "lock30": "lock10", "grösse": "größe",
		"": "", "s": "", "zz": "", "nothing like it": "", "prmxyz": "", "sort-of": "", "10": "",
	} {
		if want != "" {
			want = "did you mean " + want + "? "
		}
		if got := DidYouMean(name, have); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
