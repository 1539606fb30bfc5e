package format

import (
	"bytes"
	"fmt"
)

// An EncodingError is the error for a text file that is not plain UTF-8. Some editors and shells of
// Windows write such files.
type EncodingError struct{ File, Encoding string }

func (e *EncodingError) Error() string {
	return fmt.Sprintf("%s is %s; save it as plain UTF-8", e.File, e.Encoding)
}

// EncodingHead is the number of bytes at the beginning of a file from which [CheckEncoding] can tell
// its encoding.
const EncodingHead = 3

// CheckEncoding returns an [EncodingError] if a text file is UTF-16 or begins with a byte order
// mark. The argument text is the text of the file, or its first [EncodingHead] bytes.
func CheckEncoding(file string, text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte("\xEF\xBB\xBF")):
		return &EncodingError{file, "UTF-8 with a byte order mark"}
	case bytes.HasPrefix(text, []byte("\xFF\xFE")), bytes.HasPrefix(text, []byte("\xFE\xFF")),
		len(text) > 1 && (text[0] == 0) != (text[1] == 0): // without a mark
		return &EncodingError{file, "UTF-16"}
	}
	return nil
}
