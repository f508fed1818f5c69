// Judges a configuration with Alloy's own parser and formatter: ends with 1 and says why where it does not parse, or where
// formatting changes it.
//
//	alloy-syntax [--describe] [FILE] < config.alloy
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/grafana/alloy/syntax/ast"
	"github.com/grafana/alloy/syntax/diag"
	"github.com/grafana/alloy/syntax/parser"
	"github.com/grafana/alloy/syntax/printer"
)

// block is a line of the description.
type block struct {
	// The component, and the blocks in it that lead here.
	Path      []string   `json:"path"`
	Label     string     `json:"label,omitempty"`
	Arguments []argument `json:"arguments,omitempty"`
}

type argument struct {
	Name  string `json:"name"`
	Value value  `json:"value"`
}

type value struct {
	// string, bool, number, null, list, map, reference or expression; what begins with a string and adds to it is a string.
	Kind string `json:"kind"`
	// What a string holds, or the name of what is referred to.
	Text     string  `json:"text,omitempty"`
	Elements []value `json:"elements,omitempty"`
}

func main() {
	describe := flag.Bool("describe", false, "print a line of JSON for every block, with its arguments")
	flag.Parse()
	name, input := "stdin", os.Stdin
	if flag.NArg() > 0 {
		name = flag.Arg(0)
		var err error
		input, err = os.Open(name)
		check(err)
	}
	source, err := io.ReadAll(input)
	check(err)
	file, err := parser.ParseFile(name, source)
	if diagnostics, ok := err.(diag.Diagnostics); ok {
		check(diag.Fprint(os.Stderr, map[string][]byte{name: source}, diagnostics))
	}
	check(err)

	var formatted bytes.Buffer
	check(printer.Fprint(&formatted, file))
	formatted.WriteByte('\n')
	check(difference(source, formatted.Bytes()))
	if *describe {
		describeBlocks(json.NewEncoder(os.Stdout), file.Body, nil)
	}
}

// difference names the first line in which two texts differ.
func difference(source, formatted []byte) error {
	if bytes.Equal(source, formatted) {
		return nil
	}
	was, is := bytes.Split(source, []byte("\n")), bytes.Split(formatted, []byte("\n"))
	line := 0
	for line < min(len(was), len(is))-1 && bytes.Equal(was[line], is[line]) {
		line++
	}
	return fmt.Errorf("line %d is %q, formatted %q", line+1, was[line], is[line])
}

func describeBlocks(lines *json.Encoder, body ast.Body, parents []string) {
	for _, statement := range body {
		found, ok := statement.(*ast.BlockStmt)
		if !ok {
			continue
		}
		path := append(parents[:len(parents):len(parents)], found.GetBlockName())
		described := block{Path: path, Label: found.Label}
		for _, inner := range found.Body {
			if attribute, ok := inner.(*ast.AttributeStmt); ok {
				described.Arguments = append(described.Arguments, argument{attribute.Name.Name, valueOf(attribute.Value)})
			}
		}
		check(lines.Encode(described))
		describeBlocks(lines, found.Body, path)
	}
}

func valueOf(expression ast.Expr) value {
	switch expression := expression.(type) {
	case *ast.LiteralExpr:
		return literal(expression)
	case *ast.ArrayExpr:
		list := value{Kind: "list"}
		for _, element := range expression.Elements {
			list.Elements = append(list.Elements, valueOf(element))
		}
		return list
	case *ast.ObjectExpr:
		object := value{Kind: "map"}
		for _, field := range expression.Fields {
			object.Elements = append(object.Elements, valueOf(field.Value))
		}
		return object
	case *ast.IdentifierExpr:
		return value{Kind: "reference", Text: expression.Ident.Name}
	case *ast.AccessExpr:
		if of := valueOf(expression.Value); of.Kind == "reference" {
			return value{Kind: "reference", Text: of.Text + "." + expression.Name.Name}
		}
	case *ast.BinaryExpr:
		if left := valueOf(expression.Left); left.Kind == "string" {
			return value{Kind: "string"}
		}
	}
	return value{Kind: "expression"}
}

func literal(expression *ast.LiteralExpr) value {
	switch kind := expression.Kind.String(); kind {
	case "STRING":
		text, err := strconv.Unquote(expression.Value)
		check(err)
		return value{Kind: "string", Text: text}
	case "BOOL":
		return value{Kind: "bool", Text: expression.Value}
	case "NULL":
		return value{Kind: "null"}
	default:
		return value{Kind: "number", Text: expression.Value}
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
