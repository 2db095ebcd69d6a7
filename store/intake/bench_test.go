package intake

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"testing"

	"example.org/doorstep/pathway"
)

// nowhere is a sink that keeps nothing.
type nowhere struct{}

func (nowhere) AddPerson(int, pathway.Person, pathway.Given) error { return nil }
func (nowhere) AddCase(int, pathway.Case, pathway.Given) error     { return nil }
func (nowhere) AddEvent(int, pathway.Event, pathway.Given) error   { return nil }

// BenchmarkRead compares reading rows into values with what encoding/csv alone
// needs for the same bytes.
func BenchmarkRead(b *testing.B) {
	const rows = 10_000
	events := bytes.NewBufferString("event_id,case_ref,kind,at,recorded_at,by,value,due_at,booked_for,reason\n")
	cases := bytes.NewBufferString("ref,pathway,opened_at,practitioner,manager,chair,team,contact,plan,edd,household,addressee,address_1,address_2,postcode,phone,safe_to_write,open_to,visit_every,closed_at\n")
	for i := range rows {
		fmt.Fprintf(events, "x%d,KN-%d,no-access,2026-%02d-%02d 10:%02d,2026-11-29 12:00,W%d,,,,\n", i, i/3, 1+i%10, 1+i%28, i%60, i%50)
		fmt.Fprintf(cases, "KN-%d,hv-child,2026-%02d-%02d 09:00,W%d,G1,,East,six-week,,,,Parent of KN-%d,%d Test Street,Swindon,SN1 1AA,,yes,,,\n", i, 1+i%10, 1+i%28, i%50, i, i)
	}
	for _, file := range []struct {
		of   string
		data []byte
	}{{Events, events.Bytes()}, {Cases, cases.Bytes()}} {
		o := options(b, file.of)
		b.Run(file.of+"/encoding-csv", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(file.data))
				r.ReuseRecord = true
				for {
					if _, err := r.Read(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
		b.Run(file.of+"/intake", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				result, err := Read(context.Background(), bytes.NewReader(file.data), o, nowhere{})
				if err != nil || result.Rows != rows {
					b.Fatalf("%+v, %v", result, err)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
