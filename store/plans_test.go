package store

import (
	"regexp"
	"strings"
	"testing"
)

// allMessages is what stands in a plan that reads all messages.
var allMessages = regexp.MustCompile(`(?m)SCAN (messages|m|n)( USING (COVERING )?INDEX sqlite_|$)`)

// TestDeliveryReadsNoMoreThanIsDue: what is asked again and again while messages
// go finds its rows by an index, however many messages there are.
func TestDeliveryReadsNoMoreThanIsDue(t *testing.T) {
	s := oneConnection(t)
	d := &s.dialect
	for _, tt := range []struct{ name, query, index string }{
		{"polls", selectToPoll, "messages_to_poll (channel=? AND poll_at<?)"},
		{"receipts", strings.Replace(selectOfProvider, "%s", d.isAny("provider_id", 2), 1), "messages_of_provider (provider_id=?)"},
		{"outcomes with names", recordNamedText(d), "messages USING INTEGER PRIMARY KEY"},
		{"progress", recordProgressText(d), "messages USING INTEGER PRIMARY KEY"},
		{"a message by its key", selectByKey, "(key=?)"},
		{"urgent messages that wait", waitingUrgent, "messages_waiting (channel=? AND severity<?)"},
		{"undelivered: waiting", oldestUndelivered, "messages_waiting"},
		{"undelivered: no receipt", oldestUndelivered, "messages_to_poll"},
		{"texts of a person", strings.Replace(textsSince, "%s", d.isAny("person", 3), 1), "messages_texts_of (person=? AND created_at>?)"},
		{"texts to a number", textsTo, "messages_texts_to (address=? AND created_at>?)"},
		{"answers to a number", answersSince, "messages_texts_to (address=? AND created_at>?)"},
		{"people by number", selectPeople + ofMobile, "people_mobile (mobile=?)"},
		{"people who can be told", selectReachable + " WHERE " + d.isAny("id", 1), "(channel=? AND address=?)"},
		{"substitutes", strings.Replace(substitutes, "%s", d.isAny("replaces", 1), 1), "messages_replacing (replaces=?)"},
		{"who has been told", selectTold, "reminders_message (message_id=?)"},
		{"a digest: what is due", digestDuties + dueBy + orderDuties, "duties_open_due (due_at<?)"},
		{"a digest: what was late when it was moved", digestDuties + dueBy + orderDuties, "duties_moved_late"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, err := s.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+tt.query, make([]any, strings.Count(tt.query, "$"))...)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var plan []string
			for rows.Next() {
				var id, parent, unused int
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					t.Fatal(err)
				}
				plan = append(plan, step)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			text := strings.Join(plan, "\n")
			if !strings.Contains(text, tt.index) || allMessages.MatchString(text) {
				t.Errorf("the plan is\n%s\nwant it to use %s", text, tt.index)
			}
		})
	}
}
