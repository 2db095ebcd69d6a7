-- +goose Up

-- What became another of a case or a person that was known: when, by whom, from
-- which file, field by field. It holds addresses and telephone numbers, of families
-- and of staff. Nothing stands here of what was new.
CREATE TABLE changes (
    id        {{.Number}},
    about     {{.Text}} NOT NULL,  -- cases or people
    subject   {{.Text}} NOT NULL,  -- the case's reference, the person's id
    at        BIGINT NOT NULL,
    by_person {{.Text}} NOT NULL,  -- who brought it: a person's id, or a user of the machine; empty: not known
    file      {{.Text}} NOT NULL,  -- the name of the file it came from; empty: none
    field     {{.Text}} NOT NULL,  -- its column; address: the lines of one
    old_value {{.Text}} NOT NULL,
    new_value {{.Text}} NOT NULL,
    untold    BOOLEAN NOT NULL     -- of a staff address: whoever it is about is still to be told
);
CREATE INDEX changes_of ON changes (subject, about);
CREATE INDEX changes_untold ON changes (id) WHERE untold = TRUE;

-- Where something took or takes place, why a family did not attend or declined, and
-- what is to be printed large.
ALTER TABLE events ADD COLUMN place {{.Text}} NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN reason_code {{.Text}} NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN large_print BOOLEAN NOT NULL DEFAULT FALSE;

-- +goose Down
ALTER TABLE cases DROP COLUMN large_print;
ALTER TABLE events DROP COLUMN reason_code;
ALTER TABLE events DROP COLUMN place;
DROP TABLE changes;
