package chart

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A handler draws text with the font of this package, which has Latin, Greek and Cyrillic letters.
// In a PNG, a box replaces each character that the font lacks. In an SVG, the viewer draws such a
// character with another font.
type handler struct{ text.Plain }

// missing replaces a character that the font cannot draw.
const missing = '□'

// drawable returns text s with a box (the constant missing) for each character that the font cannot
// draw.
func drawable(s string, fnt font.Font) string {
	if ascii(s) {
		return s
	}
	face := plot.DefaultTextHandler.Cache().Lookup(fnt, fnt.Size).Face
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		if i, err := face.GlyphIndex(&buf, r); err != nil || i == 0 {
			return missing
		}
		return r
	}, s)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (handler) Cache() *font.Cache                 { return plot.DefaultTextHandler.Cache() }
func (handler) Extents(fnt font.Font) font.Extents { return plot.DefaultTextHandler.Extents(fnt) }
func (handler) Lines(txt string) []string          { return plot.DefaultTextHandler.Lines(txt) }
func (handler) Box(txt string, fnt font.Font) (width, height, depth vg.Length) {
	return plot.DefaultTextHandler.Box(drawable(txt, fnt), fnt)
}

func (handler) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	if isRaster(c) {
		txt = drawable(txt, sty.Font)
	}
	plot.DefaultTextHandler.Draw(c, txt, sty, pt)
}

// isRaster reports whether canvas c draws pixels. If c wraps another canvas, isRaster checks the
// wrapped canvas.
func isRaster(c vg.Canvas) bool {
	switch c := c.(type) {
	case *draw.Canvas:
		return isRaster(c.Canvas)
	case draw.Canvas:
		return isRaster(c.Canvas)
	case *vgimg.Canvas:
		return true
	}
	return false
}
