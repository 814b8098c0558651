package sqs

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// xmlWriter writes answers as the Query protocol has them: lists and maps
// without an element around them, as the tag query says. It handles the kinds
// of field that types.go has.
type xmlWriter struct{ *bytes.Buffer }

func (x xmlWriter) element(name string, content func()) {
	x.WriteString("<" + name + ">")
	content()
	x.WriteString("</" + name + ">")
}

func (x xmlWriter) text(name, text string) {
	x.element(name, func() {
		_ = xml.EscapeText(x.Buffer, []byte(text)) // a buffer takes everything
	})
}

// fields writes a struct's exported fields, leaving out empty ones that JSON
// leaves out, too.
func (x xmlWriter) fields(v reflect.Value) {
	for _, field := range reflect.VisibleFields(v.Type()) {
		if field.Anonymous || !field.IsExported() {
			continue
		}
		value := v.FieldByIndex(field.Index)
		if value.IsZero() && strings.Contains(field.Tag.Get("json"), "omitempty") {
			continue
		}
		x.field(names(field), value)
	}
}

// field writes a value under names[0]; a map's keys and values have the names
// behind it.
func (x xmlWriter) field(names []string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			x.field(names, v.Elem())
		}
	case reflect.Struct:
		x.element(names[0], func() { x.fields(v) })
	case reflect.Slice:
		if b, ok := v.Interface().([]byte); ok {
			x.text(names[0], base64.StdEncoding.EncodeToString(b))
			return
		}
		for i := range v.Len() {
			x.field(names, v.Index(i))
		}
	case reflect.Map:
		for _, key := range sortedKeys(v) {
			x.element(names[0], func() {
				x.text(names[1], key)
				x.field(names[2:], v.MapIndex(reflect.ValueOf(key)))
			})
		}
	case reflect.Bool:
		x.text(names[0], strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int64:
		x.text(names[0], strconv.FormatInt(v.Int(), 10))
	default:
		x.text(names[0], v.String())
	}
}

func sortedKeys(m reflect.Value) []string {
	keys := make(map[string]bool, m.Len())
	for _, key := range m.MapKeys() {
		keys[key.String()] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

// names gives a field's names in the Query protocol.
func names(field reflect.StructField) []string {
	if tag := field.Tag.Get("query"); tag != "" {
		return strings.Split(tag, ",")
	}
	return []string{field.Name}
}
