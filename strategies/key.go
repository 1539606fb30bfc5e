package strategies

// Key implements [Job].
func (j *mapJob[In, Out]) Key(i int) (key uint64, ok bool) { return keyOf(&j.kernel, j.in[i]) }

// Key implements [Job].
func (j *streamJob[In, Out]) Key(i int) (key uint64, ok bool) { return keyOf(&j.kernel, j.in[i]) }

// Key implements [Job].
func (j *futureJob[In, Out]) Key(int) (key uint64, ok bool) { return keyOf(&j.remote.Kernel, j.in) }

func keyOf[In, Out any](k *Kernel[In, Out], in In) (key uint64, ok bool) {
	if k.Key == nil {
		return 0, false
	}
	return k.Key(in), true
}
