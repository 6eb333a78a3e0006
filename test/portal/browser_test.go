// SPDX-License-Identifier: Apache-2.0

package portal

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"werkplek.dev/werkplek/test/cluster"
	"werkplek.dev/werkplek/test/idp"
)

// browser is a person's browser, as far as HTTP can tell.
type browser struct {
	t      *testing.T
	client *http.Client
	jar    *cookiejar.Jar
	place  *place
}

// browser opens a new one, without cookies.
func (p *place) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, jar: jar, place: p}
	b.client = &http.Client{Jar: jar, Transport: p.transport()}
	t.Cleanup(b.client.CloseIdleConnections)
	return b
}

// transport leads every host below example.com to the portal.
func (p *place) transport() *http.Transport {
	dialer := &net.Dialer{}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, _, err := net.SplitHostPort(address); err == nil && strings.HasSuffix(host, ".example.com") {
				address = p.address.Load().(string)
			}
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the certificate of a test
	}
}

// answer is a response that was read.
type answer struct {
	status int
	body   string
	url    *url.URL
	header http.Header
}

func (a answer) String() string { return fmt.Sprintf("%d %s: %.300s", a.status, a.url, a.body) }

// visit goes to a page as if its address were typed, and follows where it leads.
func (b *browser) visit(address string, edits ...func(*http.Request)) answer {
	b.t.Helper()
	return b.do(http.MethodGet, address, nil, append([]func(*http.Request){navigation}, edits...)...)
}

// post sends a form from a page of the same site.
func (b *browser) post(address string, form url.Values, edits ...func(*http.Request)) answer {
	b.t.Helper()
	return b.do(http.MethodPost, address, form, append([]func(*http.Request){navigation, from("same-origin")}, edits...)...)
}

func (b *browser) do(method, address string, form url.Values, edits ...func(*http.Request)) answer {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, edit := range edits {
		edit(request)
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, address, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, address, err)
	}
	return answer{response.StatusCode, string(body), response.Request.URL, response.Header}
}

// navigation marks a request as a visit to a page.
func navigation(r *http.Request) {
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Sec-Fetch-Site", "none")
}

// from says from which site a request came.
func from(site string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", site) }
}

// signIn signs somebody in at the real provider's page.
func (b *browser) signIn(email string) *browser {
	b.t.Helper()
	page := b.visit(portalURL + "/signin")
	id := page.url.Query().Get("authRequestID")
	if id == "" {
		b.t.Fatalf("the sign-in page is %s", page)
	}
	form := url.Values{"id": {id}, "username": {email}, "password": {idp.Password}}
	page = b.post("http://"+page.url.Host+"/login/username", form)
	if page.url.Host != portalHost || page.status != http.StatusOK {
		b.t.Fatalf("sign in as %s: %s", email, page)
	}
	return b
}

// still makes the browser stay where it is instead of following a redirect.
func (b *browser) still() *browser {
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// cookie returns one of the cookies that a host would get.
func (b *browser) cookie(host, name string) string {
	for _, cookie := range b.jar.Cookies(&url.URL{Scheme: "https", Host: host, Path: "/"}) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// put puts a cookie where a host gets it.
func (b *browser) put(host, name, value string) {
	b.jar.SetCookies(&url.URL{Scheme: "https", Host: host, Path: "/"},
		[]*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}})
}

// socket opens a websocket of a host's desktop from an origin.
func (b *browser) socket(host, origin string) (*websocket.Conn, int) {
	b.t.Helper()
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	conn, response, err := websocket.Dial(b.t.Context(), "wss://"+host+"/websockify", &websocket.DialOptions{HTTPClient: b.client, HTTPHeader: header})
	if err != nil {
		if response == nil {
			b.t.Fatalf("open a websocket of %s: %v", host, err)
		}
		return nil, response.StatusCode
	}
	b.t.Cleanup(func() { _ = conn.CloseNow() })
	return conn, response.StatusCode
}

// live opens a websocket and shows that it carries.
func (b *browser) live(host string) *websocket.Conn {
	b.t.Helper()
	conn, status := b.socket(host, "https://"+host)
	if conn == nil {
		b.t.Fatalf("no connection to %s: %d", host, status)
	}
	if err := echo(b.t.Context(), conn); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// crowd are windows of one person that connect to a desktop, use it, and come
// back by themselves whenever that ends or fails, as the desktop's page does.
type crowd struct {
	tries   atomic.Int64
	entered atomic.Int64
	inside  atomic.Int64 // now
	stop    func()
}

// pace is how often each window of a crowd does something.
const pace = 500 * time.Millisecond

// crowd opens so many windows, until stop is called.
func (b *browser) crowd(size int, host string) *crowd {
	b.t.Helper()
	ctx, stop := context.WithCancel(b.t.Context())
	c := &crowd{}
	var windows sync.WaitGroup
	for range size {
		windows.Go(func() {
			ticks := time.NewTicker(pace)
			defer ticks.Stop()
			for ctx.Err() == nil {
				b.window(ctx, c, host, ticks.C)
				select {
				case <-ctx.Done():
				case <-ticks.C:
				}
			}
		})
	}
	c.stop = sync.OnceFunc(func() {
		stop()
		windows.Wait()
	})
	b.t.Cleanup(c.stop)
	return c
}

// window tries once to get in, and uses the desktop for as long as that lasts.
func (b *browser) window(ctx context.Context, c *crowd, host string, ticks <-chan time.Time) {
	conn, _, err := websocket.Dial(ctx, "wss://"+host+"/websockify", &websocket.DialOptions{
		HTTPClient: b.client, HTTPHeader: http.Header{"Origin": {"https://" + host}},
	})
	c.tries.Add(1)
	if err != nil {
		return
	}
	defer conn.CloseNow()
	c.entered.Add(1)
	c.inside.Add(1)
	defer c.inside.Add(-1)
	for echo(ctx, conn) == nil {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
	}
}

// all waits until every window of a crowd is in.
func (c *crowd) all(t *testing.T, size int64) {
	t.Helper()
	cluster.Eventually(t, 2*soon, "everybody is in", func(context.Context) error {
		if n := c.inside.Load(); n != size {
			return fmt.Errorf("%d of %d are in, after %d tries", n, size, c.tries.Load())
		}
		return nil
	})
}

func echo(ctx context.Context, conn *websocket.Conn) error {
	if err := conn.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		return err
	}
	_, data, err := conn.Read(ctx)
	if err == nil && string(data) != "hello" {
		err = fmt.Errorf("the desktop said %q", data)
	}
	return err
}
