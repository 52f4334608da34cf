package live

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/millrace/millrace/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>`

// scene is what a page looks at in a test.
type scene struct {
	mu      sync.Mutex
	picture Picture // guarded by mu
	err     error   // guarded by mu
	looks   int     // guarded by mu
	reads   int     // guarded by mu: of the versions
}

func (s *scene) set(change func(*Picture)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.picture)
}

func (s *scene) source() Source {
	return Source{
		Picture: func(context.Context) (Picture, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.looks++
			p := s.picture
			p.Workers = append([]Worker{}, p.Workers...)
			return p, s.err
		},
		Versions: func(context.Context) (list []Version, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.reads++
			for v := 3650; v > 0; v-- {
				list = append(list, Version{Version: v, Live: true, Note: hostile, Digest: strings.Repeat("ab", 16)})
			}
			return list, nil
		},
		Dead: func(context.Context) ([]DeadLetter, error) {
			return []DeadLetter{{ID: "v1-1", Version: 1, Source: "news", Path: hostile, Reason: "line 3: \"secret text\" is no number\nsecond line"}}, nil
		},
	}
}

// served is a page behind a server that bounds its answers, by five seconds if nothing else is said.
func served(t *testing.T, s Source, o Options, change func(*Page), bound ...time.Duration) (*httptest.Server, *Page) {
	t.Helper()
	p := New(s, o)
	p.hub.poll = 5 * time.Millisecond
	if change != nil {
		change(p)
	}
	server := httptest.NewUnstartedServer(p)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 5*time.Second, 5*time.Second
	if len(bound) > 0 {
		server.Config.ReadTimeout, server.Config.WriteTimeout = bound[0], bound[0]
	}
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		p.Close()
	})
	return server, p
}

// answered is what a server has answered, beside the body.
type answered struct {
	StatusCode int
	Header     http.Header
}

// ask sends a request, and reads the answer.
func ask(t *testing.T, server *httptest.Server, method, path, body string, header ...string) (answered, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{answer.StatusCode, answer.Header}, string(data)
}

// TestHosts: the page answers under the address that it is reached at, under names of the config, and under no other.
func TestHosts(t *testing.T) {
	server, _ := served(t, (&scene{}).source(), Options{Hosts: []string{"corpus.example.org", "tunnel:9000", "[fd00::1]"}}, nil)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"127.0.0.1:" + port: 200, "localhost:" + port: 200, "LOCALHOST:" + port: 200, "[::1]:" + port: 200, "localhost.:" + port: 200,
		"corpus.example.org": 200, "corpus.example.org:443": 200, "Corpus.Example.org.": 200, "tunnel:9000": 200, "[fd00::1]:80": 200,
		"localhost": 421, "localhost:1": 421, "evil.example:" + port: 421, "127.0.0.1.evil.example:" + port: 421, "tunnel": 421, "tunnel:9001": 421,
		"10.0.0.1:" + port: 421, "0.0.0.0:" + port: 421, "localhost.evil.example:" + port: 421, "": 421,
	} {
		for _, path := range []string{"/", "/live/settings", "/live/versions"} {
			if host == "" {
				continue // Go's client puts one in
			}
			answer, body := ask(t, server, http.MethodGet, path, "", "Host", host)
			if answer.StatusCode != want || want == 421 && !strings.Contains(body, "serve.hosts") {
				t.Errorf("%s as %s: %d %s", path, host, answer.StatusCode, body)
			}
		}
	}
}

// TestHeaders: every answer forbids what the page does not need, errors too.
func TestHeaders(t *testing.T) {
	s := (&scene{}).source()
	s.Report = func(_ context.Context, version int) ([]byte, error) {
		if version > 1 {
			return nil, ErrNoReport
		}
		return []byte("<!doctype html><style>p{}</style>"), nil
	}
	server, _ := served(t, s, Options{}, nil)
	for path, want := range map[string]int{
		"/": 200, "/live/app.js": 200, "/live/page.css": 200, "/live/settings": 200, "/live/versions": 200, "/live/workers": 200, "/nothing": 404,
		"/live/ended": 404, "/live/control": 404, "/report": 200, "/report/1": 200, "/report/2": 404, "/report/x": 404, "/report/0": 404,
		"/live/versions?offset=-1": 400, "/live/versions?limit=x": 400,
	} {
		answer, body := ask(t, server, http.MethodGet, path, "")
		h := answer.Header
		if answer.StatusCode != want {
			t.Errorf("%s: %d %s", path, answer.StatusCode, body)
		}
		csp := h.Get("Content-Security-Policy")
		if want := reportPolicy; answer.StatusCode == http.StatusOK && strings.HasPrefix(path, "/report") && csp != want || !strings.Contains(csp, "default-src 'none'") ||
			strings.Contains(csp, "script-src 'unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: %s", path, csp)
		}
		for name, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if h.Get(name) != value {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
		for name := range h {
			if strings.HasPrefix(name, "Access-Control") {
				t.Errorf("%s lets others in: %s", path, name)
			}
		}
	}
	// What the policy forbids is not in the page.
	for _, bad := range []string{"<style", " style=", " onclick", " onload", "javascript:", "http://", "https://", "<script>"} {
		if strings.Contains(string(indexHTML), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	for _, bad := range []string{"innerHTML =", "insertAdjacentHTML", "outerHTML", "document.write", "eval(", "localStorage", "sessionStorage", "document.cookie"} {
		if strings.Contains(string(appJS), bad) {
			t.Errorf("the script has %q", bad)
		}
	}
}

// TestOtherSites: pages of other sites get no data.
func TestOtherSites(t *testing.T) {
	server, _ := served(t, (&scene{}).source(), Options{}, nil)
	for _, path := range []string{"/events", "/live/versions", "/live/workers", "/live/dead", "/live/settings"} {
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "null"}} {
			if answer, _ := ask(t, server, http.MethodGet, path, "", header...); answer.StatusCode != http.StatusForbidden {
				t.Errorf("%s with %v: %d", path, header, answer.StatusCode)
			}
		}
	}
	if answer, _ := ask(t, server, http.MethodGet, "/", "", "Sec-Fetch-Site", "cross-site"); answer.StatusCode != http.StatusOK {
		t.Errorf("a link to the page: %d", answer.StatusCode)
	}
}

// TestControl: who has the token may do what there is to do, by a request of the page or of no page, and nobody else.
func TestControl(t *testing.T) {
	const token = "correct horse battery"
	var mu sync.Mutex
	var did []Action
	control := &Control{Token: token, Do: func(_ context.Context, a Action) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		did = append(did, a)
		switch a.ID {
		case "gone":
			return "", fmt.Errorf("%w: run gone is not under way", pipeline.ErrUsage)
		case "down":
			return "", errors.New("nats is away")
		}
		return "run " + a.ID + " is paused", nil
	}}
	server, p := served(t, (&scene{}).source(), Options{Control: control}, nil)
	own := server.URL
	right := []string{"Authorization", "Bearer " + token, "Content-Type", "application/json"}
	for name, c := range map[string]struct {
		body   string
		header []string
		want   int
	}{
		"a program":         {`{"do":"pause","id":"night"}`, right, 200},
		"the page":          {`{"do":"pause","id":"night"}`, append([]string{"Origin", own, "Sec-Fetch-Site", "same-origin"}, right...), 200},
		"a form elsewhere":  {`{"do":"pause","id":"night"}`, append([]string{"Origin", "http://evil.example", "Sec-Fetch-Site", "cross-site"}, right...), 403},
		"another port":      {`{"do":"pause","id":"night"}`, append([]string{"Origin", "http://127.0.0.1:1"}, right...), 403},
		"a subdomain":       {`{"do":"pause","id":"night"}`, append([]string{"Sec-Fetch-Site", "same-site"}, right...), 403},
		"an address bar":    {`{"do":"pause","id":"night"}`, append([]string{"Sec-Fetch-Site", "none"}, right...), 403},
		"no origin":         {`{"do":"pause","id":"night"}`, append([]string{"Origin", "null"}, right...), 403},
		"no token":          {`{"do":"pause","id":"night"}`, right[2:], 401},
		"an empty token":    {`{"do":"pause","id":"night"}`, append([]string{"Authorization", "Bearer "}, right[2:]...), 401},
		"a wrong token":     {`{"do":"pause","id":"night"}`, append([]string{"Authorization", "Bearer " + token + "x"}, right[2:]...), 401},
		"the token alone":   {`{"do":"pause","id":"night"}`, append([]string{"Authorization", token}, right[2:]...), 401},
		"a form":            {`{"do":"pause","id":"night"}`, append(right[:2:2], "Content-Type", "text/plain"), 415},
		"no JSON":           {`do=pause`, right, 400},
		"more than that":    {`{"do":"pause","id":"night"} {}`, right, 400},
		"another field":     {`{"do":"pause","force":true}`, right, 400},
		"another action":    {`{"do":"drop","id":"night"}`, right, 400},
		"a long one":        {`{"do":"pause","id":"` + strings.Repeat("x", 5000) + `"}`, right, 400},
		"what cannot be":    {`{"do":"pause","id":"gone"}`, right, 409},
		"what goes wrong":   {`{"do":"pause","id":"down"}`, right, 503},
		"under other names": {`{"do":"pause","id":"night"}`, append([]string{"Host", "evil.example"}, right...), 421},
	} {
		p.tokens = attempts{}
		did = nil
		answer, body := ask(t, server, http.MethodPost, "/live/control", c.body, c.header...)
		if answer.StatusCode != c.want || (c.want == 200 || c.want == 409 || c.want == 503) != (len(did) == 1) {
			t.Errorf("%s: %d %s, %v done", name, answer.StatusCode, body, did)
		}
		if strings.Contains(body, token) {
			t.Errorf("%s is told the token", name)
		}
	}
	if answer, _ := ask(t, server, http.MethodGet, "/live/control", "", right...); answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", answer.StatusCode)
	}

	p.tokens = attempts{}
	for range wrongTokens {
		ask(t, server, http.MethodPost, "/live/control", `{"do":"pause"}`, "Authorization", "Bearer guess")
	}
	if answer, _ := ask(t, server, http.MethodPost, "/live/control", `{"do":"pause","id":"night"}`, right...); answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("behind wrong ones: %d", answer.StatusCode)
	}
	if late := time.Now().Add(wrongWithin + time.Second); !p.tokens.may("127.0.0.1", late) {
		t.Error("a minute later the address has to wait")
	}

	var many attempts
	for i := range wrongPlaces + 10 {
		if at := strconv.Itoa(i); many.may(at, time.Unix(0, 0)) != (i < wrongPlaces) {
			t.Fatalf("address %d", i)
		} else if i < wrongPlaces {
			many.wrong(at, time.Unix(0, 0))
		}
	}
	off, _ := served(t, (&scene{}).source(), Options{}, nil)
	if answer, _ := ask(t, off, http.MethodPost, "/live/control", `{"do":"pause"}`, right...); answer.StatusCode != http.StatusNotFound && answer.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("without control: %d", answer.StatusCode)
	}
}

// stream is a browser that listens.
type stream struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Reader
	close  context.CancelFunc
}

func listen(t *testing.T, server *httptest.Server) *stream {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r) //nolint:bodyclose // the stream closes it
	if err != nil {
		t.Fatal(err)
	}
	s := &stream{t, answer, bufio.NewReader(answer.Body), func() {
		cancel()
		_ = answer.Body.Close()
	}}
	t.Cleanup(s.close)
	return s
}

// next is the next event of a kind, "" for a heartbeat.
func (s *stream) next(kind string) string {
	s.t.Helper()
	for is := ""; ; {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			s.t.Fatalf("the events end: %v", err)
		}
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, ":") && kind == "":
			return line
		case strings.HasPrefix(line, "event: "):
			is = line[len("event: "):]
		case strings.HasPrefix(line, "data: ") && is == kind:
			return line[len("data: "):]
		}
	}
}

// until reads events until one has the text.
func (s *stream) until(text string) {
	s.t.Helper()
	for told := ""; !strings.Contains(told, text); {
		told = s.next("picture")
	}
}

// TestEvents: what changes is told, also long after the server's bounds; what does not is not; trouble is told; and who comes later hears
// of now. Whoever goes ends what was begun for him: goleak sees it.
func TestEvents(t *testing.T) {
	s := &scene{picture: Picture{Corpus: "news"}}
	server, p := served(t, s.source(), Options{}, func(p *Page) { p.hub.heartbeat = 50 * time.Millisecond }, 300*time.Millisecond)
	first := listen(t, server)
	if kind := first.answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		t.Errorf("Content-Type %s", kind)
	}
	first.until(`"corpus":"news"`)
	for range 12 { // twice the server's bounds
		first.next("")
	}
	s.set(func(p *Picture) { p.Documents.Read = 7 })
	first.until(`"read":7`)
	listen(t, server).until(`"read":7`)
	s.mu.Lock()
	s.err = errors.New("nats is away " + hostile)
	s.mu.Unlock()
	if e := first.next("trouble"); !strings.Contains(e, "nats is away") || strings.Contains(e, "<") {
		t.Errorf("trouble: %s", e)
	}
	p.hub.mu.Lock()
	n := len(p.hub.clients)
	p.hub.mu.Unlock()
	if n != 2 {
		t.Errorf("%d browsers are known", n)
	}
}

// TestNobodyLooks: pictures are taken while somebody listens.
func TestNobodyLooks(t *testing.T) {
	s := &scene{}
	server, p := served(t, s.source(), Options{}, nil)
	one := listen(t, server)
	one.next("picture")
	one.close()
	for { // the server notices
		p.hub.mu.Lock()
		gone := p.hub.end == nil
		p.hub.mu.Unlock()
		if gone {
			break
		}
		time.Sleep(time.Millisecond)
	}
	s.mu.Lock()
	before := s.looks
	s.mu.Unlock()
	time.Sleep(20 * p.hub.poll)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looks != before {
		t.Errorf("%d pictures for nobody", s.looks-before)
	}
}

// TestManyBrowsers: one goroutine looks for all of them, and there are as many as may be.
func TestManyBrowsers(t *testing.T) {
	s := &scene{}
	server, _ := served(t, s.source(), Options{}, func(p *Page) { p.hub.poll = time.Hour })
	var list []*stream
	for range maxClients {
		list = append(list, listen(t, server))
	}
	for _, one := range list {
		one.next("picture")
	}
	if answer, _ := ask(t, server, http.MethodGet, "/events", ""); answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("one more: %d", answer.StatusCode)
	}
	s.mu.Lock()
	looks := s.looks
	s.mu.Unlock()
	if looks != 1 {
		t.Errorf("%d pictures were taken", looks)
	}
	list[0].close()
	for {
		one := listen(t, server)
		if one.answer.StatusCode == http.StatusOK {
			one.next("picture")
			break
		}
		one.close()
	}
}

// TestSlowBrowser: one that takes nothing of what it is sent is dropped, and keeps nobody waiting.
func TestSlowBrowser(t *testing.T) {
	s := &scene{picture: Picture{Run: Run{Error: strings.Repeat("x", 1<<20)}}}
	server, p := served(t, s.source(), Options{}, func(p *Page) { p.hub.patience = 100 * time.Millisecond })
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // nothing was read
	if _, err := fmt.Fprintf(c, "GET /events HTTP/1.1\r\nHost: %s\r\n\r\n", strings.TrimPrefix(server.URL, "http://")); err != nil {
		t.Fatal(err)
	}
	quick := listen(t, server)
	for n := int64(1); ; n++ {
		s.set(func(p *Picture) { p.Documents.Read = n })
		quick.until(fmt.Sprintf(`"read":%d,`, n))
		p.hub.mu.Lock()
		left := len(p.hub.clients)
		p.hub.mu.Unlock()
		if n > 2 && left == 1 {
			return
		}
	}
}

// TestManyWorkersAndVersions: what is sent at once is bounded, and all of it can be had in parts; the versions are read once for all.
func TestManyWorkersAndVersions(t *testing.T) {
	s := &scene{}
	now := time.Now()
	for i := range 1000 {
		w := Worker{ID: fmt.Sprintf("w%04d", i), Host: hostile, Stages: []string{"parse", "normalize"}, Slots: 8, State: Working, Heard: now}
		if i == 700 {
			w.State, w.Why = Refuses, "planned by code version 9"
		}
		s.picture.Workers = append(s.picture.Workers, w)
	}
	s.picture.Edition = "a"
	server, _ := served(t, s.source(), Options{}, nil)
	e := listen(t, server).next("picture")
	if len(e) > 32<<10 {
		t.Errorf("a picture of 1 000 workers has %d bytes", len(e))
	}
	var event struct {
		Is struct {
			Crew Crew `json:"crew"`
		} `json:"is"`
	}
	if err := json.Unmarshal([]byte(e), &event); err != nil {
		t.Fatal(err)
	}
	if c := event.Is.Crew; c.Total != 1000 || c.Slots != 999*8 || c.States[Working] != 999 || len(c.First) != crewShown || c.First[0].ID != "w0700" {
		t.Errorf("%+v", c)
	}
	if strings.Contains(e, "<") {
		t.Error("HTML is in the event")
	}
	for path, want := range map[string]int{"workers": 1000, "versions": 3650} {
		names := map[string]bool{}
		for offset := 0; offset < want; offset += maxPage {
			answer, body := ask(t, server, http.MethodGet, fmt.Sprintf("/live/%s?offset=%d&limit=100000", path, offset), "")
			var p struct {
				Total int                          `json:"total"`
				Rows  []map[string]json.RawMessage `json:"rows"`
			}
			if err := json.Unmarshal([]byte(body), &p); err != nil || answer.Header.Get("Content-Type") != "application/json" {
				t.Fatalf("%v: %s", err, body)
			}
			if p.Total != want || len(p.Rows) > maxPage || len(body) > 64<<10 || strings.Contains(body, "<") {
				t.Fatalf("%s: %d rows of %d, %d bytes", path, len(p.Rows), p.Total, len(body))
			}
			for _, r := range p.Rows {
				names[string(r["id"])+string(r["version"])] = true
			}
		}
		if len(names) != want {
			t.Errorf("%s: %d of %d were handed out", path, len(names), want)
		}
	}
	if s.reads != 1 {
		t.Errorf("the versions were read %d times", s.reads)
	}
	s.set(func(p *Picture) { p.Edition = "b" })
	for {
		ask(t, server, http.MethodGet, "/live/versions", "")
		s.mu.Lock()
		reads := s.reads
		s.mu.Unlock()
		if reads == 2 {
			break
		}
	}
	if _, body := ask(t, server, http.MethodGet, "/live/versions?offset=5000", ""); !strings.Contains(body, `"rows":[]`) {
		t.Errorf("behind the end: %s", body)
	}
}

// TestReasons: what a reason may quote of a document is left out, unless it is wanted.
func TestReasons(t *testing.T) {
	for text, want := range map[bool]string{false: "line 3: … is no number", true: `line 3: \"secret text\" is no number\nsecond line`} {
		server, _ := served(t, (&scene{}).source(), Options{ShowText: text}, nil)
		if _, body := ask(t, server, http.MethodGet, "/live/dead", ""); !strings.Contains(body, `"reason":"`+want+`"`) {
			t.Errorf("show text %v: %s", text, body)
		}
		s := &scene{picture: Picture{DeadLetters: []DeadLetter{{Reason: "line 3: \"secret text\" is no number\nsecond line"}}}}
		live, _ := served(t, s.source(), Options{ShowText: text}, nil)
		if e := listen(t, live).next("picture"); !strings.Contains(e, `"reason":"`+want+`"`) {
			t.Errorf("show text %v, of the run: %s", text, e)
		}
	}
	p := New(Source{}, Options{})
	defer p.Close()
	for reason, want := range map[string]string{
		`parse "unclosed`: "parse …", `a "b \" c" d`: "a … d", "it isn't there": "it isn't there", "a `b` c 「文字」 “d”": "a … c … …",
		strings.Repeat("字", 600): strings.Repeat("字", maxReason) + "…",
	} {
		if got := p.clean(reason); got != want {
			t.Errorf("%q: %q, want %q", reason, got, want)
		}
	}
}

// TestWatch: a worker that misses a heartbeat is silent, one that is known no more is lost for a while, one that said that it stops has
// gone. The clock of the workers may be wrong.
func TestWatch(t *testing.T) {
	v := watch{silence: 3500 * time.Millisecond}
	start := time.Unix(1e9, 0)
	wrong := 5 * time.Minute // the other clock is behind
	at := func(seconds float64, list ...Worker) map[string]string {
		states := map[string]string{}
		for _, w := range v.see(start.Add(time.Duration(seconds*1e9)), list) {
			states[w.ID] = w.State
		}
		return states
	}
	worker := func(id string, heard float64) Worker {
		return Worker{ID: id, State: Working, Heard: start.Add(time.Duration(heard * 1e9))}
	}
	off := worker("off", -wrong.Seconds())
	check := func(got map[string]string, id, want string) {
		t.Helper()
		if got[id] != want {
			t.Errorf("%s: %v, want %s", id, got, want)
		}
	}
	got := at(0, worker("a", 0), worker("b", -8), off, Worker{ID: "here", State: Idle})
	check(got, "a", Working)
	check(got, "b", Silent) // it was so when it was seen first
	check(got, "here", Idle)
	off.Heard = off.Heard.Add(2 * time.Second)
	got = at(2, worker("a", 0), worker("b", 1), off, Worker{ID: "here", State: Idle})
	check(got, "b", Working)
	check(got, "off", Working) // since it was heard again
	got = at(4, worker("a", 0), worker("b", 3))
	check(got, "a", Silent)
	check(got, "b", Working)
	check(got, "off", Lost)
	stops := worker("b", 5)
	stops.State = Stopping
	at(5, stops)
	got = at(6)
	check(got, "b", "")
	check(got, "a", Lost)
	got = at(5 + lostFor.Seconds() + 1)
	if len(got) != 0 {
		t.Errorf("a minute later: %v", got)
	}
	if list := v.see(start, []Worker{{ID: "x", State: Idle}, {ID: "y", State: Refuses}, {ID: "z", State: Working}}); list[0].ID != "y" || list[2].ID != "x" {
		t.Errorf("in the order %v", list)
	}
}

// TestSlowList: a list that takes long to read is read once, and whoever asks is told to ask again.
func TestSlowList(t *testing.T) {
	s := (&scene{}).source()
	release := make(chan struct{})
	reads := 0
	s.Dead = func(ctx context.Context) ([]DeadLetter, error) {
		reads++ // by one goroutine at a time
		select {
		case <-release:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if reads == 1 {
			return nil, errors.New("the store is away")
		}
		return []DeadLetter{{ID: "one"}}, nil
	}
	_, p := served(t, s, Options{}, nil)
	short, cancel := context.WithCancel(t.Context())
	cancel()
	read := rowsOf(s.Dead)
	for range 3 {
		if _, err := p.dead.get(short, p, "a", read); !errors.Is(err, errReading) {
			t.Errorf("while it is read: %v", err)
		}
	}
	close(release)
	if _, err := p.dead.get(t.Context(), p, "a", read); err != nil && err.Error() != "the store is away" {
		t.Error(err)
	}
	if rows, err := p.dead.get(t.Context(), p, "a", read); err != nil || len(rows) != 1 {
		t.Errorf("again: %d rows, %v", len(rows), err)
	}
	if rows, err := p.dead.get(t.Context(), p, "a", read); err != nil || len(rows) != 1 || reads != 2 {
		t.Errorf("once more: %d rows, %v, read %d times", len(rows), err, reads)
	}
}

// TestReports: a report is made once for an edition of the corpus, by one at a time, and only so many are kept.
func TestReports(t *testing.T) {
	s := &scene{picture: Picture{Edition: "a"}}
	source := s.source()
	var mu sync.Mutex
	made, at, most := map[int]int{}, 0, 0
	source.Report = func(_ context.Context, version int) ([]byte, error) {
		mu.Lock()
		made[version]++
		at++
		most = max(most, at)
		mu.Unlock()
		defer func() {
			mu.Lock()
			at--
			mu.Unlock()
		}()
		return []byte(strconv.Itoa(version)), nil
	}
	server, p := served(t, source, Options{}, nil)
	var asking sync.WaitGroup
	for i := range 24 {
		asking.Go(func() {
			version := 1 + i%3
			if answer, body := ask(t, server, http.MethodGet, fmt.Sprintf("/report/%d", version), ""); answer.StatusCode != http.StatusOK || body != strconv.Itoa(version) {
				t.Errorf("report %d: %d %s", version, answer.StatusCode, body)
			}
		})
	}
	asking.Wait()
	if made[1] != 1 || made[2] != 1 || made[3] != 1 || most != 1 {
		t.Errorf("made %v, %d at once", made, most)
	}
	for version := range 10 {
		ask(t, server, http.MethodGet, fmt.Sprintf("/report/%d", version+1), "")
	}
	if len(p.reports.made) != maxReports {
		t.Errorf("%d are kept", len(p.reports.made))
	}
	s.set(func(p *Picture) { p.Edition = "b" })
	for made[10] < 2 { // the picture is taken anew
		ask(t, server, http.MethodGet, "/report/10", "")
	}
}

// BenchmarkEvent: what a picture of many workers costs, each second, while somebody looks.
func BenchmarkEvent(b *testing.B) {
	s := &scene{}
	for i := range 1000 {
		s.picture.Workers = append(s.picture.Workers, Worker{ID: fmt.Sprintf("w%04d", i), Host: "host", Stages: []string{"all"}, Slots: 8, State: Working, Heard: time.Now()})
	}
	p := New(s.source(), Options{Silence: time.Hour})
	defer p.Close()
	b.ReportAllocs()
	for b.Loop() {
		if e := p.hub.event(b.Context()); e.kind != "picture" {
			b.Fatal(string(e.data))
		}
	}
}
