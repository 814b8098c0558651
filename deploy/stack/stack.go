// Package stack reads the CloudFormation template beside it as its tests need
// it: the resources as plain values, and what a role's policies allow. It
// knows the few intrinsic functions that the template uses, and nothing of
// the application.
package stack

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Resource is one resource of the template. The short forms !Ref, !Sub and
// !GetAtt are maps of one entry here, as in JSON.
type Resource struct {
	Name, Kind string
	Properties map[string]any
}

// Template is the resources by name.
type Template map[string]Resource

// Parse reads a template's text.
func Parse(text []byte) (Template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	if len(doc.Content) == 0 {
		return nil, fmt.Errorf("parse template: it is empty")
	}
	root, err := plain(doc.Content[0])
	if err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	all, _ := root.(map[string]any)
	declared, _ := all["Resources"].(map[string]any)
	if len(declared) == 0 {
		return nil, fmt.Errorf("parse template: no resources")
	}
	t := make(Template, len(declared))
	for name, value := range declared {
		r, _ := value.(map[string]any)
		kind, ok := r["Type"].(string)
		if !ok {
			return nil, fmt.Errorf("parse template: resource %s has no type", name)
		}
		properties, _ := r["Properties"].(map[string]any)
		t[name] = Resource{Name: name, Kind: kind, Properties: properties}
	}
	return t, nil
}

// plain turns a node into maps, lists and texts. CloudFormation takes neither
// aliases nor merges.
func plain(n *yaml.Node) (any, error) {
	var value any
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			if n.Content[i].Tag == "!!merge" {
				return nil, fmt.Errorf("line %d: a merge; CloudFormation refuses it", n.Line)
			}
			v, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[n.Content[i].Value] = v
		}
		value = m
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			v, err := plain(c)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		value = list
	case yaml.ScalarNode:
		value = n.Value
	default:
		return nil, fmt.Errorf("line %d: an alias; CloudFormation refuses it", n.Line)
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return map[string]any{strings.TrimPrefix(n.Tag, "!"): value}, nil
	}
	return value, nil
}

// OfKind gives the resources of one type, in the order of their names.
func (t Template) OfKind(kind string) []Resource {
	var found []Resource
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if t[name].Kind == kind {
			found = append(found, t[name])
		}
	}
	return found
}

// At goes down by keys and, for lists, takes the first entry. It gives nil
// where there is nothing.
func (r Resource) At(path ...string) any {
	var v any = r.Properties
	for _, key := range path {
		if l, ok := v.([]any); ok && len(l) > 0 {
			v = l[0]
		}
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// List gives a list as it is, one value as a list of one, nothing as none.
func List(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// Texts writes a list's values as text; a reference as, say, "Bucket.Arn".
func Texts(v any) []string {
	var all []string
	for _, x := range List(v) {
		if m, ok := x.(map[string]any); ok {
			for _, inner := range m {
				x = inner
			}
		}
		all = append(all, fmt.Sprint(x))
	}
	return all
}
