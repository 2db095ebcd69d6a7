package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestWalkNamesFunctionsThatThereAre: docs/walk.md can be followed by searching.
func TestWalkNamesFunctionsThatThereAre(t *testing.T) {
	t.Parallel()
	steps := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\|").FindAllStringSubmatch(walk(t), -1)
	if len(steps) == 0 {
		t.Fatal("docs/walk.md has no steps: want rows of file, function, what it does")
	}
	for _, step := range steps {
		file, function := step[1], step[2]
		pattern := `(?m)^func ` + function + `\(`
		if kind, method, is := strings.Cut(function, "."); is {
			pattern = `(?m)^func \(\w+ \*?` + kind + `\) ` + method + `\(`
		}
		content, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
		if err != nil || !regexp.MustCompile(pattern).Match(content) {
			t.Errorf("docs/walk.md: %s has no function %s (error %v): correct the walk", file, function, err)
		}
	}
}

// TestPictureOfThePackagesIsTrue: docs/walk.md says who imports whom, a package a
// line. Test packages are left out.
func TestPictureOfThePackagesIsTrue(t *testing.T) {
	t.Parallel()
	var drawn, there []string
	for _, line := range regexp.MustCompile(`(?m)^    ([\w/]+)( +->.*)?$`).FindAllString(walk(t), -1) {
		drawn = append(drawn, strings.Join(strings.Fields(line), " "))
	}
	for name, imports := range importsOf(t) {
		line := name
		if len(imports) > 0 {
			line += " -> " + strings.Join(imports, " ")
		}
		there = append(there, line)
	}
	slices.Sort(drawn)
	slices.Sort(there)
	if !slices.Equal(drawn, there) {
		t.Errorf("docs/walk.md draws\n%s\nbut the code has\n%s", strings.Join(drawn, "\n"), strings.Join(there, "\n"))
	}
}

func walk(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../../docs/walk.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// importsOf is what each of our packages imports of ours, in order.
func importsOf(t *testing.T) map[string][]string {
	t.Helper()
	const module = "example.org/doorstep/"
	imports := map[string][]string{}
	err := fs.WalkDir(os.DirFS("../.."), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && file != ".") {
			return fs.SkipDir
		}
		name := path.Dir(file)
		if path.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") || strings.HasSuffix(name, "test") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "..", filepath.FromSlash(file)), nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		found := imports[name]
		for _, i := range parsed.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if of, ours := strings.CutPrefix(imported, module); ours && !slices.Contains(found, of) {
				found = append(found, of)
			}
		}
		slices.Sort(found)
		imports[name] = found
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}
