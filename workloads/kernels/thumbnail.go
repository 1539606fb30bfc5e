package kernels

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A step of thumbnail is the work for one row of blocks of 16×16 pixels. A task with more work has
// a higher picture.
const (
	pictureWidth = 64   // pixels
	pictureRow   = 16   // pixels
	shrink       = 4    // length of a side of a picture, divided by that of its thumbnail
	maxRows      = 4095 // largest number of rows of blocks in a JPEG
)

// newThumbnail returns the workload thumbnail. Its tasks make thumbnails of a picture. If the grain
// is longer than the time for one thumbnail of the largest picture, the task makes its thumbnail
// several times.
func newThumbnail() workloads.Workload {
	return defined(workloads.Workload{
		Name:   "thumbnail",
		Doc:    "decodes a JPEG that the worker receives with the task, shrinks it and encodes the thumbnail, as an image server does",
		Uses:   "allocates 75 KiB in 16 allocations for each ms; uses L2",
		Grains: true,
		Finest: 1_000_000,
	}, messageCodec(), thumbnail, func(p workloads.Params) (func(i, grain int) message, error) {
		drawn := map[uint64][]byte{}
		return func(i, grain int) message {
			rows := scale{steps: 1, nanos: 27_000}.count(grain)
			times := (rows + maxRows - 1) / maxRows
			high := rows / times
			if drawn[high] == nil {
				drawn[high] = picture(int(high))
			}
			return message{p.Task(i, times), drawn[high]}
		}, nil
	})
}

// thumbnail decodes the picture in m, shrinks it and encodes the thumbnail, m.Steps times in all.
func thumbnail(ctx context.Context, m message) (workloads.Outcome, error) {
	sum := &digester{value: m.Start()}
	for range m.Steps {
		if err := ctx.Err(); err != nil {
			return workloads.Outcome{}, err
		}
		img, err := jpeg.Decode(bytes.NewReader(m.Data))
		if err != nil {
			return workloads.Outcome{}, fmt.Errorf("thumbnail: %w", err)
		}
		full, ok := img.(*image.YCbCr)
		if !ok {
			return workloads.Outcome{}, errors.New("thumbnail: the picture has another colour model than the picture that the load made")
		}
		if err := jpeg.Encode(sum, shrunk(full), nil); err != nil {
			return workloads.Outcome{}, fmt.Errorf("thumbnail: %w", err)
		}
	}
	return workloads.Outcome{Index: m.Index, Value: sum.value}, nil
}

// shrunk returns a thumbnail of p. Each pixel of the thumbnail is the mean of shrink×shrink pixels
// of p.
func shrunk(p *image.YCbCr) *image.RGBA {
	size := p.Rect.Size().Div(shrink)
	small := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			var r, g, b int
			for i := range shrink * shrink {
				at := image.Pt(x*shrink+i%shrink, y*shrink+i/shrink)
				yo, co := p.YOffset(at.X, at.Y), p.COffset(at.X, at.Y)
				r1, g1, b1 := color.YCbCrToRGB(p.Y[yo], p.Cb[co], p.Cr[co])
				r, g, b = r+int(r1), g+int(g1), b+int(b1)
			}
			const n = shrink * shrink
			small.SetRGBA(x, y, color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 255})
		}
	}
	return small
}

// picture returns a JPEG of colour gradients with noise. It has the given number of rows of blocks.
func picture(rows int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, pictureWidth, rows*pictureRow))
	for y := range rows * pictureRow {
		for x := range pictureWidth {
			noise := mix.Bits(uint64(y*pictureWidth + x))
			img.SetRGBA(x, y, color.RGBA{uint8(4*x + int(noise%16)), uint8(y + int(noise>>8%16)), uint8(x*y/8 + int(noise>>16%16)), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err) // cannot happen: the size is valid, and writing to a buffer does not fail
	}
	return b.Bytes()
}
