-- +goose Up

-- Cases that are to be derived again although nothing happens on them: a pathway file
-- has come into force that asks for something by itself, which the one before did not.
ALTER TABLE cases ADD COLUMN derive_again BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX cases_derive_again ON cases (ref) WHERE derive_again;

-- +goose Down
DROP INDEX cases_derive_again;
ALTER TABLE cases DROP COLUMN derive_again;
