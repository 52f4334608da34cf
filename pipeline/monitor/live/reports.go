package live

import "context"

// maxReports bounds how many reports are kept.
const maxReports = 4

// reports are those that were made last. One is made at a time: it reads tables of the whole corpus.
type reports struct {
	making  chan struct{} // room for one: held by who makes a report, or looks for one
	edition string        // guarded by making: that they are of
	made    []madeReport  // guarded by making, oldest first
}

type madeReport struct {
	version int
	html    []byte
}

// get is the report of a version as the corpus is now, 0 for the newest.
func (r *reports) get(ctx context.Context, p *Page, version int) ([]byte, error) {
	now, err := p.hub.newest(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case r.making <- struct{}{}:
		defer func() { <-r.making }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if r.edition != now.edition {
		r.edition, r.made = now.edition, nil
	}
	for _, m := range r.made {
		if m.version == version {
			return m.html, nil
		}
	}
	html, err := p.source.Report(ctx, version)
	if err != nil {
		return nil, err
	}
	if len(r.made) == maxReports {
		r.made = r.made[1:]
	}
	r.made = append(r.made, madeReport{version, html})
	return html, nil
}
