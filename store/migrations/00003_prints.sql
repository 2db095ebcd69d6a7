-- +goose Up

-- What events call for on paper, and what became of it. The queue is the rows in
-- state queued; a row that is in a batch was printed with it, unless the batch's
-- cover sheet says otherwise.
CREATE TABLE print_items (
    id         {{.Number}},
    case_ref   {{.Text}} NOT NULL,
    event      {{.Text}} NOT NULL, -- the event that called for it; empty: a person did
    kind       {{.Text}} NOT NULL, -- card, letter, phone
    variant    {{.Text}} NOT NULL,
    at         BIGINT,
    next_at    BIGINT,
    why        {{.Text}} NOT NULL,
    refused    {{.Text}} NOT NULL,
    once       {{.Text}} NOT NULL, -- what a household gets only one of
    queued_at  BIGINT NOT NULL,
    state      {{.Text}} NOT NULL, -- queued, printed, overtaken, withdrawn
    outcome    {{.Text}} NOT NULL DEFAULT '', -- why overtaken or withdrawn
    serial     {{.Text}} UNIQUE,
    batch      BIGINT,             -- the batch it was printed with
    place      BIGINT,             -- where in the batch, from 1; NULL: on no paper
    dropped_in BIGINT,             -- the batch whose cover sheet says that it is not to go out
    input      {{.Text}} NOT NULL DEFAULT '' -- JSON, all that stands on it
);
CREATE INDEX print_items_queued ON print_items (kind, id) WHERE state = 'queued';
CREATE INDEX print_items_calls ON print_items (queued_at) WHERE kind = 'phone';
CREATE INDEX print_items_of_case ON print_items (case_ref);
CREATE INDEX print_items_of_batch ON print_items (batch, place) WHERE batch IS NOT NULL;
CREATE INDEX print_items_once ON print_items (once) WHERE once <> '' AND state = 'printed';

-- The batches, numbered from 1 without gaps.
CREATE TABLE print_batches (
    number     BIGINT PRIMARY KEY,
    made_at    BIGINT NOT NULL,
    made_by    {{.Text}} NOT NULL,
    items      BIGINT NOT NULL,
    pages      BIGINT NOT NULL,
    files      {{.Text}} NOT NULL, -- JSON: kind, items, pages and SHA-256 of each file
    options    {{.Text}} NOT NULL, -- JSON: sheet, layout and whatever else was asked for
    stationery {{.Text}} NOT NULL,
    cover      {{.Text}} NOT NULL  -- JSON: what the cover sheet says besides its items
);
CREATE INDEX print_batches_made ON print_batches (made_at);

-- The wording and the organisation's details that batches were printed with, once
-- for each state they have had, by SHA-256.
CREATE TABLE print_stationery (
    digest  {{.Text}} PRIMARY KEY,
    content {{.Text}} NOT NULL -- JSON
);

-- +goose Down
DROP TABLE print_stationery;
DROP TABLE print_batches;
DROP TABLE print_items;
