package sqs

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// formNode is a parameter of a form, or what several have in common:
// Entry.1.Id is the node Id in the node 1 in the node Entry.
type formNode struct {
	value    string
	children map[string]*formNode
}

// maxDepth is how many parts the name of a parameter may have. The longest
// that means something has six.
const maxDepth = 8

// decodeForm reads a form into the struct that in points to, by the names
// that its tags give. Parameters that it doesn't know are left alone.
func decodeForm(form url.Values, in any) error {
	root := &formNode{}
	for name, values := range form {
		parts := strings.Split(name, ".")
		if len(parts) > maxDepth || len(values) == 0 {
			continue
		}
		if !utf8.ValidString(values[0]) {
			return errMalformed("The request isn't valid UTF-8.")
		}
		root.at(parts).value = values[0]
	}
	return root.structure(reflect.ValueOf(in).Elem())
}

// at gives the node with that name, and makes it if it isn't there.
func (n *formNode) at(parts []string) *formNode {
	for _, part := range parts {
		if n.children == nil {
			n.children = make(map[string]*formNode)
		}
		if n.children[part] == nil {
			n.children[part] = &formNode{}
		}
		n = n.children[part]
	}
	return n
}

func (n *formNode) structure(v reflect.Value) error {
	for _, field := range reflect.VisibleFields(v.Type()) {
		if field.Anonymous || !field.IsExported() {
			continue
		}
		names := names(field)
		child := n.children[names[0]]
		if child == nil {
			continue
		}
		if err := child.decode(names, v.FieldByIndex(field.Index)); err != nil {
			return err
		}
	}
	return nil
}

func (n *formNode) decode(names []string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return n.decode(names, v.Elem())
	case reflect.Struct:
		return n.structure(v)
	case reflect.Slice:
		return n.list(names, v)
	case reflect.Map:
		return n.table(names, v)
	case reflect.Int:
		number, err := strconv.Atoi(n.value)
		if err != nil {
			return errMalformed("The parameter " + names[0] + " isn't a whole number.")
		}
		v.SetInt(int64(number))
	default:
		v.SetString(n.value)
	}
	return nil
}

func (n *formNode) list(names []string, v reflect.Value) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b, err := base64.StdEncoding.DecodeString(n.value)
		if err != nil {
			return errMalformed("The parameter " + names[0] + " isn't base64.")
		}
		v.SetBytes(b)
		return nil
	}
	for _, item := range n.items() {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := item.decode(names, element); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	return nil
}

func (n *formNode) table(names []string, v reflect.Value) error {
	v.Set(reflect.MakeMap(v.Type()))
	for _, item := range n.items() {
		key := item.children[names[1]]
		if key == nil {
			return errMissing(names[0] + "." + names[1])
		}
		value := reflect.New(v.Type().Elem()).Elem()
		if given := item.children[names[2]]; given != nil {
			if err := given.decode(names[2:], value); err != nil {
				return err
			}
		}
		v.SetMapIndex(reflect.ValueOf(key.value), value)
	}
	return nil
}

// items gives the children with a number for a name, in the numbers' order.
func (n *formNode) items() []*formNode {
	var numbers []int
	for name := range n.children {
		if number, err := strconv.Atoi(name); err == nil && strconv.Itoa(number) == name {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	items := make([]*formNode, len(numbers))
	for i, number := range numbers {
		items[i] = n.children[strconv.Itoa(number)]
	}
	return items
}
