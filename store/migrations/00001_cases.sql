-- +goose Up

-- What record systems and people tell, and the duties that follow from it.
-- Instants are milliseconds of Unix time (UTC); dates are text, 2026-12-24.
-- Empty text means not known.
--
-- There are no foreign keys here: every import checks its references itself, so
-- that it can name the row and column at fault, and a database's own check of a
-- million rows one by one costs as much again as writing them.

CREATE TABLE people (
    id           {{.Text}} PRIMARY KEY,
    name         {{.Text}} NOT NULL,
    role         {{.Text}} NOT NULL,
    team         {{.Text}} NOT NULL,
    email        {{.Text}} NOT NULL,
    mobile       {{.Text}} NOT NULL,
    channel      {{.Text}} NOT NULL,
    reports_to   {{.Text}} NOT NULL,
    cover        {{.Text}} NOT NULL,
    active_from  BIGINT,
    active_until BIGINT,
    away_from    BIGINT,
    away_until   BIGINT,
    updated_at   BIGINT NOT NULL
);

CREATE TABLE cases (
    ref           {{.Text}} PRIMARY KEY,
    -- As the case was opened. What changed since is in its events.
    pathway       {{.Text}} NOT NULL,
    opened_at     BIGINT NOT NULL,
    recorded_at   BIGINT NOT NULL,
    practitioner  {{.Text}} NOT NULL,
    manager       {{.Text}} NOT NULL,
    edd           {{.Text}} NOT NULL,
    -- As the record system describes it now.
    chair         {{.Text}} NOT NULL,
    team          {{.Text}} NOT NULL,
    contact       {{.Text}} NOT NULL,
    plan          {{.Text}} NOT NULL,
    household     {{.Text}} NOT NULL,
    addressee     {{.Text}} NOT NULL,
    address       {{.Text}} NOT NULL, -- lines, with line breaks between
    postcode      {{.Text}} NOT NULL,
    phone         {{.Text}} NOT NULL,
    language      {{.Text}} NOT NULL,
    safe_to_write BOOLEAN NOT NULL,
    open_to       {{.Text}} NOT NULL, -- services, with semicolons between
    visit_every   {{.Text}} NOT NULL,
    -- The last imported row: what differs from it in the next one is news.
    listed_row          BIGINT NOT NULL, -- a digest of the whole row
    listed_pathway      {{.Text}} NOT NULL,
    listed_practitioner {{.Text}} NOT NULL,
    listed_edd          {{.Text}} NOT NULL,
    listed_closed_at    BIGINT,
    -- Where the case stands after its events: derived, as the duties are.
    now_pathway      {{.Text}} NOT NULL,
    now_practitioner {{.Text}} NOT NULL,
    now_manager      {{.Text}} NOT NULL,
    now_edd          {{.Text}} NOT NULL,
    closed           BOOLEAN NOT NULL
);

CREATE TABLE events (
    case_ref    {{.Text}} NOT NULL,
    id          {{.Text}} NOT NULL,
    kind        {{.Text}} NOT NULL,
    at          BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    by_person   {{.Text}} NOT NULL,
    by_role     {{.Text}} NOT NULL,
    value       {{.Text}} NOT NULL,
    due_at      BIGINT,
    booked_for  BIGINT,
    reason      {{.Text}} NOT NULL,
    PRIMARY KEY (case_ref, id)
);

-- Every state that a pathway file has had: an open duty keeps the one it opened
-- under. in_force_from is 0 for the first ever.
CREATE TABLE pathway_versions (
    id            {{.Text}} NOT NULL,
    version       {{.Text}} NOT NULL,
    definition    {{.Text}} NOT NULL, -- JSON
    in_force_from BIGINT NOT NULL,
    PRIMARY KEY (id, in_force_from)
);

CREATE TABLE duties (
    id           {{.Number}},
    case_ref     {{.Text}} NOT NULL,
    duty         {{.Text}} NOT NULL,
    opening      {{.Text}} NOT NULL, -- the event that opened it; empty: the case's opening
    pathway      {{.Text}} NOT NULL,
    version      {{.Text}} NOT NULL,
    attempt      BIGINT NOT NULL,
    owner        {{.Text}} NOT NULL,
    told         {{.Text}} NOT NULL DEFAULT '',
    ladder       {{.Text}} NOT NULL,
    basis        {{.Text}} NOT NULL,
    recorder     {{.Text}} NOT NULL,
    opened_at    BIGINT NOT NULL,
    recorded_at  BIGINT NOT NULL,
    opens_from   BIGINT,
    due_at       BIGINT NOT NULL,
    moved_at     BIGINT,
    early        BOOLEAN NOT NULL DEFAULT FALSE,
    later_than   BOOLEAN NOT NULL DEFAULT FALSE,
    both_record  BOOLEAN NOT NULL,
    state        {{.Text}} NOT NULL, -- open, met, ended
    met_at       BIGINT,
    met_by       {{.Text}} NOT NULL DEFAULT '',
    ended_at     BIGINT,
    ended_why    {{.Text}} NOT NULL DEFAULT '',
    why          {{.Text}} NOT NULL,
    missing      {{.Text}} NOT NULL DEFAULT '',
    derived      BIGINT NOT NULL, -- a digest of the columns above, to see what changes
    climbed_due_at  BIGINT, -- pathway.Progress.Due
    climbed_through BIGINT, -- pathway.Progress.Through
    next_rung_at    BIGINT, -- when a scan is to look at it again
    UNIQUE (case_ref, duty, opening)
);

CREATE INDEX duties_next_rung ON duties (next_rung_at) WHERE next_rung_at IS NOT NULL;
CREATE INDEX duties_open_due ON duties (due_at) WHERE state = 'open';

CREATE TABLE flags (
    case_ref  {{.Text}} NOT NULL,
    id        {{.Text}} NOT NULL,
    event     {{.Text}} NOT NULL,
    duty      {{.Text}} NOT NULL,
    text      {{.Text}} NOT NULL,
    raised_at BIGINT NOT NULL,
    PRIMARY KEY (case_ref, id, event, duty)
);

-- +goose Down

DROP TABLE flags;
DROP TABLE duties;
DROP TABLE pathway_versions;
DROP TABLE events;
DROP TABLE cases;
DROP TABLE people;
