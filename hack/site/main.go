// SPDX-License-Identifier: Apache-2.0

// Site makes HTML of the documentation's Markdown: static pages that any web server, or
// a browser alone, can show, without scripts and without anything from elsewhere.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	root := flag.String("root", ".", "the root of the source tree")
	output := flag.String("output", "site", "the folder to write to")
	source := flag.String("source", "", "address of the source tree, such as https://forge.example/werkplek/blob/main/, "+
		"for links to what is no page; empty: such links become plain words")
	flag.Parse()
	site, err := Read(*root, *source)
	if err == nil {
		err = site.Write(*output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d pages: %s/index.html\n", len(site.Pages), *output)
}
