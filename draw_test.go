package payoff_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var draw = flag.Uint64("draw", 0, "print texts of the project drawn at random with this `seed`, for a reader who has not seen the code")

// TestDraw prints 40 doc comments with their declarations, 20 messages and 20 report sentences. The
// same seed draws the same texts from the same tree.
func TestDraw(t *testing.T) {
	if *draw == 0 {
		t.Skip("-draw names no seed")
	}
	var comments, messages, sentences []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		comments = append(comments, docs(path, file)...)
		words := literals(path, file)
		if dir := filepath.ToSlash(filepath.Dir(path)); dir == "harness/report" || dir == "harness/analyze" || dir == "harness/chart" {
			sentences = append(sentences, words...)
		} else {
			messages = append(messages, words...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(*draw, 1))
	for _, kind := range []struct {
		name  string
		texts []string
		n     int
	}{{"doc comments", comments, 40}, {"messages", messages, 20}, {"report sentences", sentences, 20}} {
		fmt.Printf("## %d of %d %s\n", kind.n, len(kind.texts), kind.name)
		rng.Shuffle(len(kind.texts), func(i, j int) { kind.texts[i], kind.texts[j] = kind.texts[j], kind.texts[i] })
		for i, text := range kind.texts[:kind.n] {
			fmt.Printf("\n%d. %s\n", i+1, text)
		}
		fmt.Println()
	}
}

// docs returns the doc comments of the declarations of a file, each after its declaration, as go doc
// shows it.
func docs(path string, file *ast.File) (all []string) {
	add := func(declaration string, doc *ast.CommentGroup) {
		if doc != nil {
			all = append(all, fmt.Sprintf("(%s) %s\n%s", filepath.Dir(path), declaration, strings.TrimSpace(doc.Text())))
		}
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			var head strings.Builder
			printer.Fprint(&head, token.NewFileSet(), &ast.FuncDecl{Recv: d.Recv, Name: d.Name, Type: d.Type})
			add(strings.Join(strings.Fields(head.String()), " "), d.Doc)
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					add("type "+s.Name.Name, d.Doc)
				}
			}
		}
	}
	return all
}

// literals returns the string literals of a file that are sentences: of four words or more.
func literals(path string, file *ast.File) (all []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			if err == nil && len(strings.Fields(text)) >= 4 && !slices.Contains(all, text) {
				all = append(all, fmt.Sprintf("(%s) %s", filepath.Dir(path), text))
			}
		}
		return true
	})
	return all
}
