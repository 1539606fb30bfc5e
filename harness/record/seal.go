package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
)

// Digests in the files of a run show whether another program changed them. They are no protection
// against forgery.
//
//   - Each comment of a launch in samples.txt ends in a digest of the text up to the end of the
//     launch's benchmark line. It reveals every change except one: if the last samples of a
//     killed run are removed, the file looks as if the run had been killed earlier.
//   - run.json has a digest of its fields, and the length and a digest of each samples.txt at the
//     time when run.json was written. It also reveals that the last samples were removed, if the run
//     ended, was interrupted or was resumed after them.
//   - The first line of samples.txt names the run and, in a comparison, the side.

// A seal has those fields of run.json that show whether the files of a run were changed.
type seal struct {
	ID      string      `json:",omitempty"` // identifies the run; "" in files of older versions
	Written []fileState `json:",omitempty"` // state of each samples.txt
	Sum     string      `json:",omitempty"` // digest of the other fields; see [sum]
}

// A fileState is the state of a samples.txt when run.json was written.
type fileState struct {
	Size   int64
	Digest string
}

// newID returns an identifier for a run that begins now. It is a digest of the run's info, so it
// differs between runs, because the info includes the time.
func newID(info any) (string, error) {
	text, err := json.Marshal(info)
	return short(sha256.Sum256(text)), err
}

func short(digest [sha256.Size]byte) string { return fmt.Sprintf("%x", digest[:8]) }

// runLine is the beginning of the first line of samples.txt.
const runLine = "# run "

// firstLine returns the first line of a samples.txt, which has the identifier of the run and the
// side. The side is "" unless the run compares two programs.
func firstLine(id, side string) []byte {
	if side != "" {
		side = " " + side
	}
	return []byte(runLine + id + side + "\n")
}

// sealed returns the contents of run.json for the given info.
func sealed(info any, s seal) ([]byte, error) {
	s.Sum = ""
	text, err := joined(info, s)
	if err == nil {
		s.Sum, err = sum(text)
	}
	if err == nil {
		text, err = joined(info, s)
	}
	var b bytes.Buffer
	if err == nil {
		err = json.Indent(&b, text, "", "\t")
	}
	b.WriteByte('\n')
	return b.Bytes(), err
}

// joined returns a JSON object with the fields of the info and, after them, those of the seal.
func joined(info any, s seal) ([]byte, error) {
	a, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	a, b = bytes.TrimSuffix(a, []byte("}")), bytes.TrimPrefix(b, []byte("{"))
	if len(a) > 1 && len(b) > 1 {
		a = append(a, ',')
	}
	return append(a, b...), nil
}

// unsealed returns the seal in text, the contents of run.json. The result changed is true if a
// program other than payoff changed a field. Files of versions of payoff without seals have no
// digest; for them, changed is false.
func unsealed(text []byte) (s seal, changed bool, err error) {
	if err := json.Unmarshal(text, &s); err != nil {
		return s, false, err
	}
	if s.Sum == "" {
		return s, s.ID != "" || len(s.Written) > 0, nil
	}
	now, err := sum(text)
	return s, now != s.Sum, err
}

// sum returns a digest of the JSON object in text. It ignores the field Sum of the object, in which
// the digest is stored. The digest does not depend on white space and the order of fields.
func sum(text []byte) (string, error) {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return "", err
	}
	if fields == nil {
		return "", errors.New("the JSON value is not an object")
	}
	delete(fields, "Sum")
	ordered, err := json.Marshal(fields)
	return short(sha256.Sum256(ordered)), err
}

// A running is a digest of the lines of a samples.txt so far. It leaves out the digests that these
// lines contain.
type running struct{ hash hash.Hash }

func newRunning() running { return running{sha256.New()} }

func (r running) String() string { return short([sha256.Size]byte(r.hash.Sum(nil))) }

// add adds text to the digest. The text must not contain digests.
func (r running) add(text []byte) { r.hash.Write(text) }

// sumField is the name of the field for the digest in the comment of a launch.
const sumField = " sum="

// signed returns text, the lines of one sample, with a digest inserted into the comment. The digest
// covers all lines that were added to r before, and text. signed does not add text to r.
func (r running) signed(text []byte) ([]byte, error) {
	cloner, ok := r.hash.(hash.Cloner)
	if !ok {
		return nil, errors.New("the state of the digest cannot be copied")
	}
	c, err := cloner.Clone()
	if err != nil {
		return nil, err
	}
	c.Write(text)
	at := 0
	if !bytes.HasPrefix(text, []byte(launchLine)) { // Unit lines are first
		at = bytes.Index(text, []byte("\n"+launchLine)) + 1
	}
	at += bytes.IndexByte(text[at:], '\n')
	out := append(bytes.Clone(text[:at]), sumField+running{c}.String()...)
	return append(out, text[at:]...), nil
}

// checkLines checks text, the contents of a samples.txt, and returns three results:
//
//   - r, the digest of the complete lines
//   - then, the digest of the first size bytes
//   - wrong, the number of the first benchmark line whose digest is absent or wrong, or 0 if there
//     is none
func checkLines(text []byte, size int64) (r running, then string, wrong int) {
	r = newRunning()
	var read int64
	number, launch, want := 0, false, ""
	for line := range bytes.Lines(text) {
		if line[len(line)-1] != '\n' {
			break // incomplete
		}
		number++
		read += int64(len(line))
		if bytes.HasPrefix(line, []byte(launchLine)) {
			launch = true
			line, want = unsigned(line)
			r.add(line)
		} else {
			r.add(line)
			if launch && want != r.String() && wrong == 0 {
				wrong = number
			}
			launch = false
		}
		if read == size {
			then = r.String()
		}
	}
	return r, then, wrong
}

// unsigned splits line, the comment of a launch, into the comment without its digest and the
// digest. The digest is "" if the comment has none.
func unsigned(line []byte) (rest []byte, digest string) {
	at := bytes.LastIndex(line, []byte(sumField))
	if at < 0 {
		return line, ""
	}
	return append(bytes.Clone(line[:at]), '\n'), string(bytes.TrimSuffix(line[at+len(sumField):], []byte("\n")))
}

// doubt returns a reason to believe that a program other than payoff changed a samples.txt, or ""
// if there is none. The argument text is the contents of the file, side its side, and i its index
// in s.Written. The argument finished says that the run ended and was not resumed later.
func (s seal) doubt(text []byte, side string, i int, finished bool) string {
	name := SamplesFile
	if side != "" {
		name = side + "/" + SamplesFile
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	first = bytes.TrimSuffix(first, []byte("\r")) // the digests show that the line ends were changed
	switch own := bytes.TrimSpace(firstLine(s.ID, side)); {
	case !bytes.HasPrefix(first, []byte(runLine)) && s.ID == "":
		return "" // a file of an older version
	case s.ID == "":
		return InfoFile + " has no identifier of the run, but " + name + " has one"
	case !bytes.HasPrefix(first, []byte(runLine)):
		return name + " was changed in line 1"
	case bytes.HasPrefix(first, []byte(runLine+s.ID)) && !bytes.Equal(first, own):
		return name + " is the file of another side"
	case !bytes.Equal(first, own):
		return name + " is the file of another run"
	}
	var was fileState
	if i < len(s.Written) {
		was = s.Written[i]
	}
	_, then, wrong := checkLines(text, was.Size)
	switch {
	case wrong > 0:
		return fmt.Sprintf("%s was changed in or before line %d", name, wrong)
	case int64(len(text)) < was.Size:
		return name + " no longer has all lines that payoff wrote"
	case was.Size > 0 && then != was.Digest:
		return name + " was changed"
	case finished && int64(len(text)) > was.Size:
		return name + " has lines that were added after the run"
	}
	return ""
}
