-- +goose Up

-- Many rungs come due at one instant, such as that at which the day's reminders go: a scan
-- takes the first of them without sorting all of that instant, each time.
DROP INDEX duties_next_rung;
CREATE INDEX duties_next_rung ON duties (next_rung_at{{.ThenID}}) WHERE next_rung_at IS NOT NULL;

-- +goose Down
DROP INDEX duties_next_rung;
CREATE INDEX duties_next_rung ON duties (next_rung_at) WHERE next_rung_at IS NOT NULL;
