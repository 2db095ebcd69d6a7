package notify

import (
	"reflect"
	"slices"
	"text/template/parse"
)

// reads is what a template does with a value that it is given: what of it decides which
// words come out, and what only stands among them as it is.
type reads struct {
	shows   bool // a string, which stands in the words
	decides bool // a string that is compared, measured or worked on
	fields  []fieldReads
	each    *reads // of a slice
}

type fieldReads struct {
	index int
	*reads
}

// readsOf returns what the template of this name, and whatever it uses, does with a value
// of a type. False: that cannot be told, so any part of the value may decide.
func readsOf(trees func(name string) *parse.Tree, name string, given reflect.Type) (*reads, bool) {
	r := &reader{trees: trees}
	root := &reads{}
	r.template(name, spot{root, given})
	return root, !r.lost
}

// reader follows the values through a template.
type reader struct {
	trees  func(name string) *parse.Tree
	names  []variable // the innermost last
	nested int
	lost   bool // something is done with a value that is not followed
}

// spot is a value: where in what the template is given. The zero spot is one that follows
// from values that decide.
type spot struct {
	reads *reads
	is    reflect.Type
}

type variable struct {
	name string
	spot spot
}

// deepestUse is how many templates may use each other. One that uses itself is not followed.
const deepestUse = 50

func (r *reader) template(name string, dot spot) {
	tree := r.trees(name)
	if r.nested++; tree == nil || r.nested > deepestUse {
		r.lost = true
	}
	if !r.lost {
		outside := r.names
		r.names = []variable{{"$", dot}}
		r.walk(tree.Root, dot)
		r.names = outside
	}
	r.nested--
}

func (r *reader) walk(node parse.Node, dot spot) {
	if r.lost {
		return
	}
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				r.walk(child, dot)
			}
		}
	case *parse.TextNode, *parse.CommentNode:
	case *parse.ActionNode:
		if len(n.Pipe.Decl) > 0 {
			r.declare(n.Pipe, r.value(n.Pipe, dot))
			return
		}
		r.shown(r.value(n.Pipe, dot))
	case *parse.IfNode:
		r.inside(func() {
			if len(n.Pipe.Decl) > 0 {
				r.declare(n.Pipe, r.value(n.Pipe, dot))
			} else {
				r.condition(n.Pipe, dot)
			}
			r.walk(n.List, dot)
			r.walk(n.ElseList, dot)
		})
	case *parse.WithNode:
		r.inside(func() {
			with := r.value(n.Pipe, dot)
			r.declare(n.Pipe, with)
			r.walk(n.List, with)
			r.walk(n.ElseList, dot)
		})
	case *parse.RangeNode:
		r.inside(func() {
			r.each(n, dot)
			r.walk(n.ElseList, dot)
		})
	case *parse.TemplateNode:
		given := spot{}
		if n.Pipe != nil {
			given = r.value(n.Pipe, dot)
		}
		r.template(n.Name, given)
	default: // break and continue among them
		r.lost = true
	}
}

// inside ends the variables that do has declared.
func (r *reader) inside(do func()) {
	outside := len(r.names)
	do()
	r.names = r.names[:min(outside, len(r.names))]
}

func (r *reader) declare(p *parse.PipeNode, s spot) {
	switch {
	case p.IsAssign || len(p.Decl) > 1:
		r.lost = true
	case len(p.Decl) == 1:
		r.names = append(r.names, variable{p.Decl[0].Ident[0], s})
	}
}

// each goes through a range.
func (r *reader) each(n *parse.RangeNode, dot spot) {
	all := r.value(n.Pipe, dot)
	one := spot{}
	if all.reads != nil {
		if all = all.behindPointer(); all.is.Kind() != reflect.Slice {
			r.lost = true
			return
		}
		if all.reads.each == nil {
			all.reads.each = &reads{}
		}
		one = spot{all.reads.each, all.is.Elem()}
	}
	for i, v := range n.Pipe.Decl {
		s := one
		if i < len(n.Pipe.Decl)-1 { // the number
			s = spot{}
		}
		r.names = append(r.names, variable{v.Ident[0], s})
	}
	r.lost = r.lost || n.Pipe.IsAssign
	r.walk(n.List, one)
}

// value is what a pipeline gives: a value as it is, or one that follows from others,
// which then decide.
func (r *reader) value(p *parse.PipeNode, dot spot) spot {
	if len(p.Cmds) == 1 && len(p.Cmds[0].Args) == 1 {
		switch a := p.Cmds[0].Args[0].(type) {
		case *parse.DotNode:
			return dot
		case *parse.FieldNode:
			return r.field(dot, a.Ident)
		case *parse.VariableNode:
			return r.field(r.named(a.Ident[0]), a.Ident[1:])
		case *parse.PipeNode:
			return r.value(a, dot)
		}
	}
	r.worksOn(p, dot)
	return spot{}
}

// condition is value where nothing but whether it is empty counts.
func (r *reader) condition(p *parse.PipeNode, dot spot) {
	if len(p.Cmds) == 1 {
		if f, ok := p.Cmds[0].Args[0].(*parse.IdentifierNode); ok && slices.Contains([]string{"and", "or", "not"}, f.Ident) {
			for _, a := range p.Cmds[0].Args[1:] {
				r.condition(pipeOf(a), dot)
			}
			return
		}
	}
	r.value(p, dot)
}

// pipeOf is an argument as a pipeline of its own.
func pipeOf(a parse.Node) *parse.PipeNode {
	if p, ok := a.(*parse.PipeNode); ok {
		return p
	}
	return &parse.PipeNode{Cmds: []*parse.CommandNode{{Args: []parse.Node{a}}}}
}

// worksOn marks all values of a pipeline as such that decide.
func (r *reader) worksOn(p *parse.PipeNode, dot spot) {
	if len(p.Decl) > 0 && p.IsAssign {
		r.lost = true
	}
	for _, command := range p.Cmds {
		if function, ok := command.Args[0].(*parse.IdentifierNode); ok && len(command.Args) == 2 && function.Ident == "len" {
			r.measured(command.Args[1], dot)
			continue
		}
		for _, a := range command.Args {
			switch a := a.(type) {
			case *parse.DotNode, *parse.FieldNode, *parse.VariableNode:
				r.decides(r.value(pipeOf(a), dot))
			case *parse.PipeNode:
				r.worksOn(a, dot)
			case *parse.IdentifierNode:
				r.lost = r.lost || a.Ident == "call"
			case *parse.StringNode, *parse.NumberNode, *parse.BoolNode, *parse.NilNode:
			default:
				r.lost = true
			}
		}
	}
}

// measured is the value whose length is asked for, perhaps less those before a place.
func (r *reader) measured(a parse.Node, dot spot) {
	p := pipeOf(a)
	if len(p.Cmds) == 1 && len(p.Cmds[0].Args) == 3 {
		f, sliced := p.Cmds[0].Args[0].(*parse.IdentifierNode)
		if _, from := p.Cmds[0].Args[2].(*parse.NumberNode); sliced && from && f.Ident == "slice" {
			p = pipeOf(p.Cmds[0].Args[1])
		}
	}
	if s := r.value(p, dot); s.reads != nil && s.is.Kind() != reflect.Slice { // a slice's length always counts
		r.decides(s)
	}
}

func (r *reader) named(name string) spot {
	for _, v := range slices.Backward(r.names) {
		if v.name == name {
			return v.spot
		}
	}
	r.lost = true
	return spot{}
}

// field is .A.B of a value.
func (r *reader) field(s spot, names []string) spot {
	for _, name := range names {
		if s.reads == nil {
			return s
		}
		s = s.behindPointer()
		_, method := reflect.PointerTo(s.is).MethodByName(name)
		if s.is.Kind() != reflect.Struct || method {
			r.lost = true
			return spot{}
		}
		f, ok := s.is.FieldByName(name)
		if !ok || len(f.Index) != 1 || !f.IsExported() {
			r.lost = true
			return spot{}
		}
		s = spot{s.reads.field(f.Index[0]), f.Type}
	}
	if s.reads != nil && !keyed(s.behindPointer().is.Kind()) {
		r.lost = true
	}
	return s
}

// keyed kinds of values have a place in a key.
func keyed(k reflect.Kind) bool {
	switch k {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Struct, reflect.Slice:
		return true
	}
	return false
}

func (s spot) behindPointer() spot {
	if s.reads != nil && s.is.Kind() == reflect.Pointer {
		s.is = s.is.Elem()
	}
	return s
}

func (r *reads) field(index int) *reads {
	at, found := slices.BinarySearchFunc(r.fields, index, func(f fieldReads, index int) int { return f.index - index })
	if !found {
		r.fields = slices.Insert(r.fields, at, fieldReads{index, &reads{}})
	}
	return r.fields[at].reads
}

func (r *reader) shown(s spot) {
	switch {
	case s.reads == nil:
	case s.is.Kind() == reflect.String:
		s.reads.shows = true
	default:
		r.decides(s)
	}
}

func (r *reader) decides(s spot) {
	switch {
	case s.reads == nil:
	case s.is.Kind() == reflect.String:
		s.reads.decides = true
	case s.is.Kind() != reflect.Bool && s.is.Kind() != reflect.Int: // these always do
		r.lost = true
	}
}
