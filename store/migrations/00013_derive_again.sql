-- +goose Up

-- Cases that are to be derived again although nothing happens on them: a pathway file
-- has come into force that asks for something by itself, which the one before did not.
ALTER TABLE cases ADD COLUMN derive_again BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX cases_derive_again ON cases (ref) WHERE derive_again;

-- Visits on closed cases stand in digests until the case is reopened.
CREATE INDEX flags_after_closing ON flags (case_ref) WHERE id = 'visit-after-closing';

-- +goose Down
DROP INDEX flags_after_closing;
DROP INDEX cases_derive_again;
ALTER TABLE cases DROP COLUMN derive_again;
