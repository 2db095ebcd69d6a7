package postcards

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
)

// page is the content of a page, ready for document.page.
type page struct {
	content []byte
	filter  string
}

// batch is a stretch of items that one core lays out.
type batch[T any] struct {
	first int // index of the first item
	items []T
	pages [][]page // by item; nil for one that failed
	errs  []ItemError
	needs repertoire // of all its pages
	done  chan struct{}
}

// batchSize is small enough to share work evenly, and large enough that handing
// it over costs nothing.
const batchSize = 64

// layOut lays the items out on all cores and hands the batches to write in their
// order, on the caller's goroutine, which also runs the sequence. A few batches
// for each core are in memory at a time.
func layOut[T any](ctx context.Context, p *Printer, items iter.Seq[T], o Options,
	name func(*T) string, draw func(*canvas, *T) ([]page, error), write func(*batch[T]) error) ([]ItemError, error) {
	cores := p.settings.Workers
	if cores <= 0 {
		cores = runtime.GOMAXPROCS(0)
	}
	work := make(chan *batch[T])
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(work)
	started := 0

	var errs []ItemError
	var waiting []*batch[T]
	finish := func() error {
		b := waiting[0]
		waiting = waiting[1:]
		<-b.done
		errs = append(errs, b.errs...)
		if err := write(b); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(b.first + len(b.items))
		}
		return ctx.Err()
	}
	submit := func(b *batch[T]) error {
		if started < cores {
			started++
			workers.Go(func() { layOutBatches(p, work, o.Compress, name, draw) })
		}
		b.done = make(chan struct{})
		work <- b
		waiting = append(waiting, b)
		if len(waiting) > 2*cores {
			return finish()
		}
		return nil
	}
	b := &batch[T]{}
	for item := range items {
		if b.items = append(b.items, item); len(b.items) < batchSize {
			continue
		}
		next := &batch[T]{first: b.first + len(b.items), items: make([]T, 0, batchSize)}
		if err := submit(b); err != nil {
			return errs, err
		}
		b = next
	}
	if len(b.items) > 0 {
		if err := submit(b); err != nil {
			return errs, err
		}
	}
	for len(waiting) > 0 {
		if err := finish(); err != nil {
			return errs, err
		}
	}
	return errs, ctx.Err()
}

func layOutBatches[T any](p *Printer, work <-chan *batch[T], compress bool, name func(*T) string, draw func(*canvas, *T) ([]page, error)) {
	pack := newPacker(compress)
	for b := range work {
		c := &canvas{fonts: p.fonts, out: make([]byte, 0, batchSize*2048)}
		b.pages = make([][]page, len(b.items))
		for i := range b.items {
			c.clear()
			pages, err := drawSafely(c, &b.items[i], draw)
			if err != nil {
				c.discard()
				b.errs = append(b.errs, itemError(b.first+i, name(&b.items[i]), err))
				continue
			}
			for j := range pages {
				pages[j] = pack.page(pages[j].content)
			}
			b.pages[i] = pages
		}
		b.needs = c.needs
		close(b.done)
	}
}

// itemError says of which item, and of which of its fields, an error is.
func itemError(index int, ref string, err error) ItemError {
	e := ItemError{Index: index, Case: ref, Err: err}
	if f := (fieldError{}); errors.As(err, &f) {
		e.Field, e.Err = f.field, f.err
	}
	return e
}

// drawSafely keeps a fault in one item from taking the others with it.
func drawSafely[T any](c *canvas, item *T, draw func(*canvas, *T) ([]page, error)) (pages []page, err error) {
	defer func() {
		if r := recover(); r != nil {
			pages, err = nil, fmt.Errorf("could not be laid out (%v): please report this", r)
		}
	}()
	return draw(c, item)
}

// packer compresses pages, or leaves them as they are.
type packer struct {
	zlib *zlib.Writer // nil: no compression
	out  bytes.Buffer
}

func newPacker(compress bool) *packer {
	if !compress {
		return &packer{}
	}
	return &packer{zlib: zlib.NewWriter(nil)}
}

func (p *packer) page(content []byte) page {
	if p.zlib == nil {
		return page{content: content}
	}
	p.out.Reset()
	p.zlib.Reset(&p.out)
	_, err := p.zlib.Write(content)
	if err = errors.Join(err, p.zlib.Close()); err != nil {
		panic(err) // a buffer in memory takes everything
	}
	return page{bytes.Clone(p.out.Bytes()), "/Filter/FlateDecode"}
}

// drawnSoFar returns what has been drawn and begins a new page.
func (c *canvas) drawnSoFar() []byte {
	drawn := c.out[:len(c.out):len(c.out)]
	c.out = c.out[len(c.out):]
	return drawn
}

// discard forgets what has been drawn since drawnSoFar.
func (c *canvas) discard() { c.out = c.out[:0] }

// finish closes a document whose pages use characters of the repertoire. The size
// is in mm.
func (p *Printer) finish(d *document, needs repertoire, width, height float64, title string, o Options) error {
	e, err := p.fonts.of(needs)
	if err != nil {
		return err
	}
	return d.finish(e, width*mm, height*mm, title, o.Created)
}
