package sqs

import (
	"cmp"
	"crypto/md5" // the protocol's checksum
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// attribute is a message attribute.
type attribute struct {
	name, dataType string
	value          string // bytes when binary
	binary         bool
}

// maxAttributes is how many attributes a message may have.
const maxAttributes = 10

var (
	attributeName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	number        = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$`)
)

// newAttributes checks the attributes of a message and sorts them by name.
func newAttributes(values map[string]attributeValue) ([]attribute, error) {
	if len(values) > maxAttributes {
		return nil, errValue("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(values), maxAttributes)
	}
	attributes := make([]attribute, 0, len(values))
	for name, value := range values {
		a, err := newAttribute(name, value)
		if err != nil {
			return nil, err
		}
		attributes = append(attributes, a)
	}
	slices.SortFunc(attributes, func(a, b attribute) int { return cmp.Compare(a.name, b.name) })
	return attributes, nil
}

func newAttribute(name string, value attributeValue) (attribute, error) {
	lower := strings.ToLower(name)
	if len(name) > 256 || !attributeName.MatchString(name) || strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon.") {
		return attribute{}, errValue("The message attribute name '%.256s' is invalid.", name)
	}
	a := attribute{name: name, dataType: value.DataType}
	base, _, _ := strings.Cut(value.DataType, ".")
	switch {
	case value.DataType == "":
		return attribute{}, errValue("The message attribute '%s' must contain non-empty message attribute type.", name)
	case len(value.DataType) > 256 || !isText(value.DataType):
		return attribute{}, errValue("The type of message attribute '%s' is invalid.", name)
	case base == "Binary":
		a.binary, a.value = true, string(value.BinaryValue)
	case base == "String" || base == "Number":
		if value.StringValue != nil {
			a.value = *value.StringValue
		}
	default:
		return attribute{}, errValue("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	}
	return a, a.check(base)
}

func (a attribute) check(base string) error {
	switch {
	case a.value == "":
		return errValue("The message attribute '%s' must contain non-empty message attribute value for message attribute type '%s'.", a.name, a.dataType)
	case !a.binary && !isText(a.value):
		return same("InvalidMessageContents", "Invalid characters found in message attribute '%s'.", a.name)
	case base == "Number" && !number.MatchString(a.value):
		return errValue("Can't cast the value of message (user) attribute '%s' to a number.", a.name)
	}
	return nil
}

// attributesMD5 is the MD5OfMessageAttributes of attributes sorted by name:
// of each one its name, its data type, a byte that is 2 for binary and else 1,
// and its value, all but the byte behind their length in 4 bytes (SQS
// Developer Guide, "Calculating the MD5 message digest for message
// attributes"). It is empty for none.
func attributesMD5(attributes []attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	h := md5.New()
	for _, a := range attributes {
		hashField(h, a.name)
		hashField(h, a.dataType)
		transport := byte(1)
		if a.binary {
			transport = 2
		}
		h.Write([]byte{transport})
		hashField(h, a.value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashField(h hash.Hash, field string) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(field))))
	_, _ = io.WriteString(h, field) // a hash takes anything
}

func textMD5(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

// isText tells whether SQS takes the text: valid UTF-8 of XML 1.0's
// characters (https://www.w3.org/TR/REC-xml/#charsets).
func isText(s string) bool {
	for i, c := range s {
		switch {
		case c == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size < 2 {
				return false
			}
		case c < ' ' && c != '\t' && c != '\n' && c != '\r', c == 0xFFFE, c == 0xFFFF:
			return false
		}
	}
	return true
}
