-- +goose Up

-- When somebody last said that they know of a duty.
CREATE INDEX events_acknowledged ON events (by_person, recorded_at) WHERE kind = 'acknowledged';

-- +goose Down
DROP INDEX events_acknowledged;
