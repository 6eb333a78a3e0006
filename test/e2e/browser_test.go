// SPDX-License-Identifier: Apache-2.0

//go:build e2e

package e2e

import (
	"context"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/idp"
)

// chromium starts a headless browser for which every name below example.com is
// the node's port of the portal.
func chromium(t *testing.T, node string) context.Context {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.IgnoreCertErrors, chromedp.WindowSize(1100, 800),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("host-resolver-rules", "MAP *.example.com "+node+":30443"),
		chromedp.Flag("lang", "en"), chromedp.Flag("accept-lang", "en"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	must(t, chromedp.Do(browser))
	return browser
}

// person is somebody at a browser of their own.
type person struct {
	t    *testing.T
	name string
	tab  context.Context
}

// person opens a browser without anybody's cookies.
func newPerson(t *testing.T, browser context.Context, name string) *person {
	t.Helper()
	tab, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(stop)
	must(t, chromedp.Do(tab, chromedp.EmulateViewport(1100, 800))) // the first has no deadline: it would be the tab's
	return &person{t: t, name: name, tab: tab}
}

// second opens another tab of the same browser.
func (p *person) second() *person {
	p.t.Helper()
	tab, stop := chromedp.NewContext(p.tab)
	p.t.Cleanup(stop)
	must(p.t, chromedp.Do(tab, chromedp.EmulateViewport(1100, 800)))
	return &person{t: p.t, name: p.name, tab: tab}
}

// do acts in the browser, within a minute.
func (p *person) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.tab, time.Minute)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.shoot("failed-" + p.name)
		p.t.Fatalf("%s: %v\n%s", p.name, err, p.text())
	}
}

func (p *person) visit(address string) { p.t.Helper(); p.do(chromedp.Navigate(address)) }

// text returns what the page says.
func (p *person) text() string {
	ctx, stop := context.WithTimeout(p.tab, 10*time.Second)
	defer stop()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + (document.body ? document.body.innerText : "")`))
	if err != nil {
		return err.Error()
	}
	return text
}

// reads waits until the page says all of some words.
func (p *person) reads(words ...string) {
	p.t.Helper()
	cluster.Eventually(p.t, soon, p.name+" reads "+strings.Join(words, ", "), func(context.Context) error {
		text := p.text()
		for _, word := range words {
			if !strings.Contains(text, word) {
				return fmt.Errorf("%q is missing in:\n%s", word, text)
			}
		}
		return nil
	})
}

// press presses the button or follows the link with some words.
func (p *person) press(words string) {
	p.t.Helper()
	p.do(chromedp.Click(fmt.Sprintf(`//*[self::button or self::a][contains(normalize-space(.), %q)]`, words)))
}

// fill fills a field in.
func (p *person) fill(id, value string) {
	p.t.Helper()
	p.do(chromedp.SetValue(chromedp.ID(id), value))
}

// signIn signs in at the provider's own page.
func (p *person) signIn(email string) {
	p.t.Helper()
	p.visit(portalURL + "/")
	p.press("Sign in")
	p.do(chromedp.WaitVisible(chromedp.ID("username")),
		chromedp.SendKeys(chromedp.ID("username"), email), chromedp.SendKeys(chromedp.ID("password"), idp.Password),
		chromedp.Click(chromedp.CSS("button[type=submit]")))
	p.reads("My workplaces")
}

// screen returns the picture of the desktop inside the page; empty while there is none.
func (p *person) screen() string {
	ctx, stop := context.WithTimeout(p.tab, 20*time.Second)
	defer stop()
	picture, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => {
		const frame = document.getElementById("desktop");
		const canvas = frame && frame.contentDocument && frame.contentDocument.querySelector("canvas");
		return canvas && canvas.width > 100 ? canvas.toDataURL() : "";
	})()`))
	if err != nil {
		return ""
	}
	return picture
}

// sees waits until a desktop is drawn: a picture of one colour compresses to next to nothing.
func (p *person) sees() string {
	p.t.Helper()
	picture := ""
	cluster.Eventually(p.t, soon, p.name+" sees the desktop", func(context.Context) error {
		if picture = p.screen(); len(picture) < 4000 {
			return fmt.Errorf("the picture has %d bytes; the page says:\n%s", len(picture), p.text())
		}
		return nil
	})
	return picture
}

// alike says how two pictures of a screen differ, if they do. Each viewer gets its
// own compression of the same screen, so that single pixels differ a little.
func alike(a, b string) error {
	var pictures [2]image.Image
	for i, data := range []string{a, b} {
		_, encoded, _ := strings.Cut(data, ",")
		decoded, err := png.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(encoded)))
		if err != nil {
			return fmt.Errorf("picture %d: %w", i, err)
		}
		pictures[i] = decoded
	}
	bounds := pictures[0].Bounds()
	if pictures[1].Bounds() != bounds {
		return fmt.Errorf("one is %v, the other %v", bounds, pictures[1].Bounds())
	}
	other := 0
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, _ := pictures[0].At(x, y).RGBA()
			s, h, c, _ := pictures[1].At(x, y).RGBA()
			if apart(r, s) || apart(g, h) || apart(b, c) {
				other++
			}
		}
	}
	if share := float64(other) / float64(bounds.Dx()*bounds.Dy()); share > 0.002 {
		return fmt.Errorf("%.1f%% of the pixels differ", 100*share)
	}
	return nil
}

// apart reports whether two channels of 16 bits differ by more than compression explains.
func apart(a, b uint32) bool { return max(a, b)-min(a, b) > 0x2000 }

// types clicks into the desktop's middle and types.
func (p *person) types(text string) {
	p.t.Helper()
	p.do(chromedp.MouseClickXY(550, 400), chromedp.Sleep(300*time.Millisecond), // the window manager's time to focus
		chromedp.KeyEvent(text))
}

// shoot keeps a picture of the page where WERKPLEK_SCREENSHOTS says.
func (p *person) shoot(name string) {
	dir := os.Getenv("WERKPLEK_SCREENSHOTS")
	if dir == "" {
		return
	}
	ctx, stop := context.WithTimeout(p.tab, 20*time.Second)
	defer stop()
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Logf("no screenshot %s: %v", name, err)
		return
	}
	must(p.t, os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, url.PathEscape(name)+".png"), picture, 0o644))
}
