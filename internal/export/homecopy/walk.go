// SPDX-License-Identifier: Apache-2.0

package homecopy

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// found is a path in a home and what it was when it was seen.
type found struct {
	path string
	info fs.FileInfo
}

// lostAndFound is what some file systems put at their top, for root alone.
const lostAndFound = "lost+found"

// walk calls back for everything in a folder in the order of names, so that the
// same home gives the same manifest. It follows no link, and leaves the folder by
// none: whoever uses the home may be changing it meanwhile. What is gone by the
// time it is looked at is left out.
func walk(ctx context.Context, root *os.Root, visit func(found) error) error {
	info, err := root.Lstat(".")
	if err != nil {
		return err
	}
	if err := visit(found{".", info}); err != nil {
		return err
	}
	return walkDir(ctx, root, ".", visit)
}

func walkDir(ctx context.Context, root *os.Root, dir string, visit func(found) error) error {
	names, err := namesIn(root, dir)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission) && dir == lostAndFound:
		return nil
	case err != nil:
		return err
	}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		inner := path.Join(dir, name)
		info, err := root.Lstat(inner)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := visit(found{inner, info}); err != nil {
			return err
		}
		if info.IsDir() {
			if err := walkDir(ctx, root, inner, visit); err != nil {
				return err
			}
		}
	}
	return nil
}

func namesIn(root *os.Root, dir string) ([]string, error) {
	opened, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	names, err := opened.Readdirnames(-1)
	slices.SortFunc(names, strings.Compare)
	return names, err
}
