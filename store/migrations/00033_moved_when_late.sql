-- +goose Up

-- The open duties that were overdue when they were moved: a digest names them with those
-- that are due, and there are few.
CREATE INDEX duties_moved_late ON duties (late_since) WHERE state = 'open' AND late_since IS NOT NULL;

-- +goose Down
DROP INDEX duties_moved_late;
