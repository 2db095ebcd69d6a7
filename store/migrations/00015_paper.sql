-- +goose Up

-- Where an appointment is that a letter names, and what is known of paper that waits:
-- which column of its case kept it from being printed at the last try, never what
-- stands there, and when operations were told of it.
ALTER TABLE print_items ADD COLUMN held_at {{.Text}} NOT NULL DEFAULT ''; -- home, or the id of a place; empty: not known
ALTER TABLE print_items ADD COLUMN unprintable {{.Text}} NOT NULL DEFAULT '';
ALTER TABLE print_items ADD COLUMN told_at BIGINT;

-- Since when the address is what it is, where a row has changed it, and whether the
-- family is unsafe to write to by what was last said: that holds for its household.
ALTER TABLE cases ADD COLUMN address_since BIGINT;
ALTER TABLE cases ADD COLUMN now_unsafe BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE cases SET now_unsafe = TRUE WHERE safe_to_write = FALSE;
CREATE INDEX cases_unsafe ON cases (household) WHERE now_unsafe = TRUE AND household <> '';

-- +goose Down
DROP INDEX cases_unsafe;
ALTER TABLE cases DROP COLUMN now_unsafe;
ALTER TABLE cases DROP COLUMN address_since;
ALTER TABLE print_items DROP COLUMN told_at;
ALTER TABLE print_items DROP COLUMN unprintable;
ALTER TABLE print_items DROP COLUMN held_at;
