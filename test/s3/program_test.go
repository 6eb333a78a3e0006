// SPDX-License-Identifier: Apache-2.0

package s3_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"werkplek.dev/werkplek/internal/export/report"
	"werkplek.dev/werkplek/test/s3"
)

// program is the export program under test.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "werkplek-export-")
		if err == nil {
			defer os.RemoveAll(dir)
			program = filepath.Join(dir, "export")
			build := exec.Command("go", "build", "-o", program, "./cmd/export")
			build.Dir, build.Stderr = filepath.Join("..", ".."), os.Stderr
			err = build.Run()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// partSize is the least that S3 takes.
const partSize = 5 << 20

// small is how many small files a home has beside the odd ones.
const small = 300

// The odd ones: what people and programs do to names.
var odd = []string{
	"with spaces and a plus+.txt", "ünïcode/日本語/😀.txt", "a%20b&c=d?e#f.txt", "back\\slash", `quotes"'` + "`", "-dash", "..dots..",
	"new\nline", "control\x01", "not utf-8 \xff\xfe", "nonchar \uFFFE", " leading", "trailing ", "tilde~", "Case", "case", "*", "#", "manifest.jsonl",
	strings.Repeat("long-", 50) + "/" + strings.Repeat("naam-", 50) + "/" + strings.Repeat("name-", 50) + "/" + strings.Repeat("nom-", 62) + "/" + strings.Repeat("nome", 60),
}

// makeHome makes a home with all that a home may have.
func makeHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	random := rand.New(rand.NewChaCha8([32]byte{8}))
	write := func(name string, size int, mode fs.FileMode) {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		path := filepath.Join(home, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o600), os.Chmod(path, mode))
	}
	for i := range small {
		write(fmt.Sprintf("Documents/%02d/letter-%03d.odt", i%7, i), random.IntN(2000), []fs.FileMode{0o600, 0o644, 0o755, 0o444}[i%4])
	}
	for _, name := range odd {
		write("odd/"+name, 100, 0o640)
	}
	write("empty", 0, 0o644)
	write("mail.pst", 4*partSize+12345, 0o600)
	write("exactly two parts", 2*partSize, 0o600)
	write("in one piece", partSize, 0o600)
	write("setuid", 10, 0o755|fs.ModeSetuid)
	for _, dir := range []string{"empty folder", "nested/empty/folders", "closed"} {
		must(t, os.MkdirAll(filepath.Join(home, dir), 0o755))
	}
	for link, target := range map[string]string{
		"to a file": "Documents/00/letter-000.odt", "dangling": "no/such/file", "absolute": "/etc/hostname", "to its folder": ".", "odd target": "\xff\xfe", "up": "../../outside",
	} {
		must(t, os.Symlink(target, filepath.Join(home, link)))
	}
	must(t, syscall.Mkfifo(filepath.Join(home, "pipe"), 0o600))
	write("closed/secret", 20, 0o400)
	must(t, os.Chmod(filepath.Join(home, "closed"), 0o500))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(home, "closed"), 0o700) })
	// Times with nanoseconds, before 1970, and far ahead; folders' too.
	for i, path := range []string{"empty", "setuid", "empty folder", "Documents/00", "Documents"} {
		at := time.Unix(int64(i-1)*1_000_000_000, 123456789)
		must(t, os.Chtimes(filepath.Join(home, path), at, at))
	}
	return home
}

// picture describes all that a folder holds, but for pipes.
func picture(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch mode := info.Mode(); {
		case mode&fs.ModeNamedPipe != 0:
		case mode&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			all[name] = fmt.Sprintf("-> %q", target)
			return err
		case mode.IsDir() && name == ".": // made by the test
		case mode.IsDir():
			all[name] = fmt.Sprintf("%v %v", mode, info.ModTime().UnixNano())
		default:
			data, err := os.ReadFile(path)
			sum := sha256.Sum256(data)
			all[name] = fmt.Sprintf("%v %v %d %x", mode, info.ModTime().UnixNano(), len(data), sum)
			return err
		}
		return nil
	}))
	return all
}

func command(ctx context.Context, server *s3.Server, what, folder string, more ...string) (*exec.Cmd, string) {
	outcome := folder + ".report"
	c := exec.CommandContext(ctx, program, append([]string{
		what, "--endpoint", server.URL, "--bucket", s3.Bucket, "--prefix", "exports/2026", "--folder", folder, "--report", outcome, fmt.Sprintf("--part-size=%d", partSize),
	}, more...)...)
	c.Env = []string{"S3_ACCESS_KEY_ID=" + s3.AccessKeyID, "S3_SECRET_ACCESS_KEY=" + s3.SecretAccessKey}
	return c, outcome
}

// runs runs the program to its end and returns what it reported.
func runs(t *testing.T, server *s3.Server, what, folder string, more ...string) report.Report {
	t.Helper()
	c, outcome := command(t.Context(), server, what, folder, more...)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("export %s: %v\n%s", what, err, out)
	}
	return reported(t, outcome)
}

func reported(t *testing.T, outcome string) report.Report {
	t.Helper()
	data, err := os.ReadFile(outcome)
	must(t, err)
	r, err := report.Decode(string(data))
	must(t, err)
	return r
}

// restores brings the home back and compares it with what it was.
func restores(t *testing.T, server *s3.Server, want map[string]string, sum string) {
	t.Helper()
	back := filepath.Join(t.TempDir(), "back")
	must(t, os.Mkdir(back, 0o755))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(back, "closed"), 0o700) })
	runs(t, server, "restore", back, "--sha256", sum)
	if diff := cmp.Diff(want, picture(t, back)); diff != "" {
		t.Errorf("what came back differs (-was +is):\n%s", diff)
	}
}

func serve(t *testing.T) *s3.Server {
	t.Helper()
	server, err := s3.Start("127.0.0.1:0")
	must(t, err)
	t.Cleanup(server.Stop)
	return server
}

// TestByteForByte: a home that was copied in one go comes back the same, and to
// copy it again sends nothing.
func TestByteForByte(t *testing.T) {
	t.Parallel()
	server, home := serve(t), makeHome(t)
	want := picture(t, home)
	first := runs(t, server, "copy", home)
	if files := int64(small + len(odd) + 6); first.Files != files {
		t.Errorf("%d files were copied, want %d", first.Files, files)
	}
	restores(t, server, want, first.SHA256)

	server.TakePuts()
	again := runs(t, server, "copy", home)
	if puts := server.TakePuts(); len(puts) != 0 || again.SHA256 != first.SHA256 || again.Bytes != first.Bytes || again.Sent != 0 {
		t.Errorf("copying the same again sent %d objects and reports %+v, before that %+v", len(puts), again, first)
	}

	// One changed file is sent, and the manifest with it.
	must(t, os.WriteFile(filepath.Join(home, "Documents/00/letter-007.odt"), []byte("changed"), 0o600))
	runs(t, server, "copy", home)
	if puts := server.TakePuts(); len(puts) != 2 {
		t.Errorf("one changed file sent %q", puts)
	}
}

// TestKilledAnywhere: killed without warning at some PUT, once among small files
// and once within a large one, the next run sends only what is missing.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	for _, kill := range []struct {
		name string
		at   int
	}{
		{"at the first file", 1},
		{"among small files", 150},
		{"after nearly all", small + len(odd) + 5},
	} {
		t.Run(kill.name, func(t *testing.T) {
			t.Parallel()
			server, home := serve(t), makeHome(t)
			want := picture(t, home)
			kept := killed(t, server, home, func(puts int) bool { return puts == kill.at })
			done := runs(t, server, "copy", home)
			for _, put := range server.TakePuts() {
				if slices.Contains(kept, put) {
					t.Errorf("the bucket had %s, and it was sent again", put)
				}
			}
			restores(t, server, want, done.SHA256)
		})
	}
}

// TestKilledWithinAFile: of a large file, the parts that arrived are not sent again.
func TestKilledWithinAFile(t *testing.T) {
	t.Parallel()
	server, home := serve(t), t.TempDir()
	data := make([]byte, 6*partSize+1)
	for i := range data {
		data[i] = byte(i * i >> 7)
	}
	must(t, os.WriteFile(filepath.Join(home, "large"), data, 0o600))
	want := picture(t, home)
	before := killed(t, server, home, func(puts int) bool { return puts == 5 })
	done := runs(t, server, "copy", home)
	if after := server.TakePuts(); len(before) != 4 || len(after) != 7-4+1 {
		t.Errorf("of 7 parts %d arrived, and %d more and the manifest were to be sent:\n%s", len(before), 7-4, strings.Join(after, "\n"))
	}
	if done.Bytes != int64(len(data)) {
		t.Errorf("reports %+v", done)
	}
	restores(t, server, want, done.SHA256)

	// Had the file changed meanwhile, the parts of before would not do.
	killed(t, server, rewritten(t, home, data, 1), func(puts int) bool { return puts == 3 })
	rewritten(t, home, data, 2)
	want = picture(t, home)
	restores(t, server, want, runs(t, server, "copy", home).SHA256)
}

// rewritten changes the home's large file.
func rewritten(t *testing.T, home string, data []byte, mark byte) string {
	t.Helper()
	data[partSize+7] = mark
	must(t, os.WriteFile(filepath.Join(home, "large"), data, 0o600))
	return home
}

// killed runs a copy that dies at a PUT, which never arrives, and returns the
// PUTs that did.
func killed(t *testing.T, server *s3.Server, home string, at func(puts int) bool) (arrived []string) {
	t.Helper()
	server.TakePuts()
	reached, dead := make(chan struct{}), make(chan struct{})
	server.BeforePut(func(puts int) {
		if at(puts) {
			close(reached)
			<-dead
			panic(http.ErrAbortHandler)
		}
	})
	c, _ := command(t.Context(), server, "copy", home, "--workers=1")
	must(t, c.Start())
	select {
	case <-reached:
	case <-time.After(20 * time.Second):
		t.Error("the copy did not get to where it was to be killed")
	}
	_ = c.Process.Kill()
	_ = c.Wait()
	server.BeforePut(nil)
	puts := server.TakePuts()
	close(dead)
	if len(puts) == 0 {
		t.FailNow()
	}
	return puts[:len(puts)-1]
}

// TestSaysWhy: what is wrong is said in words that tell whose work it is.
func TestSaysWhy(t *testing.T) {
	t.Parallel()
	server, home := serve(t), t.TempDir()
	must(t, os.WriteFile(filepath.Join(home, "file"), []byte("x"), 0o600))
	gone, err := s3.Start("127.0.0.1:0")
	must(t, err)
	gone.Stop()
	for _, test := range []struct {
		name, reason, words string
		server              *s3.Server
		more, env           []string
	}{
		{"a wrong key", report.CredentialsRefused, "make the Secret anew", server, nil, []string{"S3_ACCESS_KEY_ID=other", "S3_SECRET_ACCESS_KEY=other"}},
		{"no key", report.Failed, "there are no credentials", server, nil, []string{"PATH="}},
		{"no bucket", report.BucketNotFound, "has no bucket nowhere", server, []string{"--bucket=nowhere"}, nil},
		{"nobody there", report.EndpointUnreachable, "cannot be reached", gone, nil, nil},
		{"no such host", report.EndpointUnreachable, "cannot be reached", server, []string{"--endpoint=http://s3.invalid"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, _ := command(t.Context(), test.server, "copy", home, test.more...)
			outcome := filepath.Join(t.TempDir(), "report")
			c.Args = append(c.Args, "--report", outcome)
			if test.env != nil {
				c.Env = test.env
			}
			if err := c.Run(); err == nil {
				t.Error("it ended well")
			}
			if r := reported(t, outcome); r.Reason != test.reason || !strings.Contains(r.Message, test.words) {
				t.Errorf("it reports %+v, want %s: %s", r, test.reason, test.words)
			}
		})
	}
}

// TestChangedObject: what somebody changed in the bucket is not restored in silence.
func TestChangedObject(t *testing.T) {
	t.Parallel()
	server, home := serve(t), t.TempDir()
	must(t, os.WriteFile(filepath.Join(home, "file"), []byte("as it was"), 0o600))
	sum := runs(t, server, "copy", home).SHA256
	must(t, os.WriteFile(filepath.Join(home, "file"), []byte("forged"), 0o600))
	runs(t, server, "copy", home)
	c, outcome := command(t.Context(), server, "restore", t.TempDir(), "--sha256", sum)
	if err := c.Run(); err == nil {
		t.Error("another manifest than the one that was handed over was restored")
	}
	if r := reported(t, outcome); !strings.Contains(r.Message, "written by another export, or changed") {
		t.Errorf("it reports %+v", r)
	}
}

func must(t *testing.T, faults ...error) {
	t.Helper()
	if err := errors.Join(faults...); err != nil {
		t.Fatal(err)
	}
}
