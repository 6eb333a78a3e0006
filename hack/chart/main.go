// SPDX-License-Identifier: Apache-2.0

// Chart writes the parts of charts/werkplek that stand elsewhere in the source: the
// CRDs, roles, admission policies and monitoring of config/ as templates and files,
// and values.yaml, values.schema.json and the reference of values from values.yaml
// of this folder. make generate runs it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// chart is the chart's folder, from the root.
const chart = "charts/werkplek"

func main() {
	root := flag.String("root", "../..", "root of the source tree")
	flag.Parse()
	if err := write(*root); err != nil {
		fmt.Fprintln(os.Stderr, "chart:", err)
		os.Exit(1)
	}
}

func write(root string) error {
	copies, err := copies(root)
	if err != nil {
		return err
	}
	values, err := documents(filepath.Join(root, "hack", "chart", "values.yaml"))
	if err != nil {
		return err
	}
	// What config no longer holds leaves the chart.
	for _, folder := range generated {
		if err := os.RemoveAll(filepath.Join(root, folder)); err != nil {
			return err
		}
	}
	return errors.Join(store(root, copies), store(root, values))
}

// store writes files, by their paths from the root.
func store(root string, files map[string]string) error {
	for path, content := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// read returns the files below a folder by their paths in it; none where there is
// no such folder.
func read(folder string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return files, err
}
