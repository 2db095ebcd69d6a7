-- +goose Up

-- The form on a page that asked for a batch: sent twice, it makes one.
ALTER TABLE print_batches ADD COLUMN asked {{.Text}} NOT NULL DEFAULT '';
CREATE UNIQUE INDEX print_batches_asked ON print_batches (asked) WHERE asked <> '';

-- +goose Down
DROP INDEX print_batches_asked;
ALTER TABLE print_batches DROP COLUMN asked;
