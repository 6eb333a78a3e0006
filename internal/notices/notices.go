// SPDX-License-Identifier: Apache-2.0

// Package notices writes notices to tenants in their language: a subject and a
// plain text from a template for each type and language. What a notice speaks
// of are its facts; a sentence whose facts are missing is left out.
package notices

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"werkplek.dev/werkplek/api/v1alpha1"
)

//go:embed templates/*.tmpl
var embedded embed.FS

// Languages are those that every type can be written in.
var Languages = []v1alpha1.Language{"nl", "en", "da", "nb"}

// fallback is the language of a notice that names none.
const fallback = v1alpha1.Language("en")

const (
	// frame is what stands around the text of every type: it defines the
	// templates "greeting" and "closing".
	frame     = "Frame"
	extension = ".tmpl"
	// paragraph stands for an empty line of a template. Lines that a missing
	// fact empties must not look like one.
	paragraph = "\f"
	// width is at how many characters the text is wrapped.
	width = 76
	// subjectPrefix begins the first line of every template.
	subjectPrefix = "Subject:"
)

// Message is a notice as people read it.
type Message struct {
	Subject  string
	Text     string
	Language v1alpha1.Language
}

// Templates are the texts of all types in all languages.
type Templates struct {
	byName map[string]*template.Template
}

// Load reads the templates: those of a provider, files named
// <Type>.<language>.tmpl, before the ones that come with Werkplek. A nil folder
// holds none. An error names the file, and the line where there is one.
func Load(provider fs.FS) (*Templates, error) {
	files, err := read(embedded, "templates")
	if err != nil {
		return nil, err
	}
	if provider != nil {
		own, err := read(provider, ".")
		if err != nil {
			return nil, err
		}
		for name, text := range own {
			if _, known := files[name]; !known {
				return nil, fmt.Errorf("%s is no notice template: name it <Type>.<language>%s, with a type of Notice or %s, and a language of %v", name, extension, frame, Languages)
			}
			files[name] = text
		}
	}
	t := &Templates{byName: map[string]*template.Template{}}
	var wrong []error
	for _, kind := range Types() {
		for _, language := range Languages {
			if err := t.add(files, kind, language); err != nil {
				wrong = append(wrong, err)
			}
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(distinct(wrong)...)
	}
	return t, nil
}

// read returns the texts of a folder's templates by file name. A mounted
// ConfigMap has hidden folders and links of its own.
func read(folder fs.FS, dir string) (map[string]string, error) {
	entries, err := fs.ReadDir(folder, dir)
	if err != nil {
		return nil, fmt.Errorf("read the notice templates: %w", err)
	}
	files := map[string]string{}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		text, err := fs.ReadFile(folder, path.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("read the notice template: %w", err)
		}
		files[entry.Name()] = string(text)
	}
	return files, nil
}

func fileOf(kind v1alpha1.NoticeType, language v1alpha1.Language) string {
	return string(kind) + "." + string(language) + extension
}

// add parses one template with its frame, and tries it with all of its facts and with none.
func (t *Templates) add(files map[string]string, kind v1alpha1.NoticeType, language v1alpha1.Language) error {
	around, name := fileOf(frame, language), fileOf(kind, language)
	parsed, err := template.New(around).Parse(marked(files[around]))
	if err == nil {
		parsed, err = parsed.New(name).Parse(marked(files[name]))
	}
	if err != nil {
		return located(err)
	}
	t.byName[name] = parsed
	full := map[string]string{}
	for _, fact := range Facts(kind) {
		full[fact.Name] = fact.Example
	}
	for _, facts := range []map[string]string{full, nil} {
		if _, err := t.Render(&v1alpha1.NoticeSpec{Type: kind, Language: language, Facts: facts}, ""); err != nil {
			return err
		}
	}
	return nil
}

// marked puts a mark in every empty line, and keeps the lines' numbers.
func marked(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) == "" {
			lines[i] = paragraph
		}
	}
	return strings.Join(lines, "\n")
}

// located turns "template: File:3: ..." into "File:3: ...".
func located(err error) error {
	text, ok := strings.CutPrefix(err.Error(), "template: ")
	if !ok {
		return err
	}
	return errors.New(text)
}

// distinct drops errors of the same words: a wrong frame is wrong for every type.
func distinct(list []error) []error {
	slices.SortStableFunc(list, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return slices.CompactFunc(list, func(a, b error) bool { return a.Error() == b.Error() })
}

// Render writes a notice. The provider is named where its facts do not name one.
func (t *Templates) Render(spec *v1alpha1.NoticeSpec, provider string) (Message, error) {
	language := spec.Language
	if language == "" {
		language = fallback
	}
	name := fileOf(spec.Type, language)
	found := t.byName[name]
	if found == nil {
		return Message{}, fmt.Errorf("there is no template %s", name)
	}
	var out bytes.Buffer
	if err := found.Execute(&out, newLetter(spec.Facts, provider, language)); err != nil {
		return Message{}, located(err)
	}
	first, rest, _ := strings.Cut(out.String(), "\n")
	subject, ok := strings.CutPrefix(strings.TrimSpace(first), subjectPrefix)
	if subject = strings.TrimSpace(subject); !ok || subject == "" {
		return Message{}, fmt.Errorf("%s:1: the first line must be %q and a subject that is there without any fact", name, subjectPrefix)
	}
	var text []string
	for part := range strings.SplitSeq(rest, paragraph) {
		if words := strings.FieldsFunc(part, breaks); len(words) > 0 {
			text = append(text, wrap(words))
		}
	}
	if len(text) == 0 {
		return Message{}, fmt.Errorf("%s: the text is empty when no fact is there; write a sentence that needs none", name)
	}
	return Message{Subject: subject, Text: strings.Join(text, "\n\n") + "\n", Language: language}, nil
}

// breaks reports whether a line may end here: not at a space between an amount
// and its currency.
func breaks(r rune) bool { return unicode.IsSpace(r) && string(r) != noBreak }

// oneStop ends a sentence once, though a fact such as "Jansen B.V." ends with a
// full stop of its own.
func oneStop(word string) string {
	if strings.HasSuffix(word, "..") && !strings.HasSuffix(word, "...") {
		return word[:len(word)-1]
	}
	return word
}

// wrap breaks a paragraph into lines. A word that is longer than a line, as an
// address can be, stays whole.
func wrap(words []string) string {
	var text strings.Builder
	column := 0
	for i, word := range words {
		word = oneStop(word)
		length := len([]rune(word))
		switch {
		case i == 0:
		case column+1+length > width:
			text.WriteByte('\n')
			column = 0
		default:
			text.WriteByte(' ')
			column++
		}
		text.WriteString(word)
		column += length
	}
	return text.String()
}
