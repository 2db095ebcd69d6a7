-- +goose Up

-- What decides which rungs of its ladder a duty has.
ALTER TABLE duties ADD COLUMN late_since BIGINT;                       -- the due time that had passed when it was moved to a later one
ALTER TABLE duties ADD COLUMN set_at BIGINT;                           -- when somebody last set its date after it had opened
ALTER TABLE duties ADD COLUMN set_by {{.Text}} NOT NULL DEFAULT '';    -- who that was
ALTER TABLE duties ADD COLUMN taken_over BOOLEAN NOT NULL DEFAULT FALSE; -- a later duty says it: nothing of it is sent
ALTER TABLE duties ADD COLUMN resumed_at BIGINT;                       -- when the last such was met or ended
ALTER TABLE duties ADD COLUMN paperwork BOOLEAN NOT NULL DEFAULT FALSE; -- its messages rest at night
ALTER TABLE duties ADD COLUMN climbed_set_at BIGINT;                   -- pathway.Progress.Set

-- Dates that were set before are no news. A duty that had come to the top of its ladder
-- is said again from now on; what it has missed until now it has not.
UPDATE duties SET climbed_set_at = {{.Now}} WHERE state = 'open';
UPDATE duties SET climbed_due_at = due_at, climbed_through = {{.Now}}, next_rung_at = {{.Now}}
WHERE state = 'open' AND next_rung_at IS NULL;

-- +goose Down
ALTER TABLE duties DROP COLUMN climbed_set_at;
ALTER TABLE duties DROP COLUMN paperwork;
ALTER TABLE duties DROP COLUMN resumed_at;
ALTER TABLE duties DROP COLUMN taken_over;
ALTER TABLE duties DROP COLUMN set_by;
ALTER TABLE duties DROP COLUMN set_at;
ALTER TABLE duties DROP COLUMN late_since;
