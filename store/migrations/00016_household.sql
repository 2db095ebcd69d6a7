-- +goose Up

-- Who is told of an unsuccessful visit besides those whose duties it opens.

-- Visits of which somebody is still to be told.
CREATE TABLE visit_notices (
    id         {{.Identity}},
    kind       {{.Text}} NOT NULL, -- household
    case_ref   {{.Text}} NOT NULL, -- the case that was visited
    event      {{.Text}} NOT NULL,
    visited_at BIGINT NOT NULL,
    by_person  {{.Text}} NOT NULL, -- who recorded it; empty: not known
    tell_at    BIGINT NOT NULL     -- when a scan is to look at it
);
CREATE INDEX visit_notices_due ON visit_notices (tell_at);

-- Who was told, or was not and why: once for each time of a visit, whichever of a
-- household's cases was visited then.
CREATE TABLE visits_told (
    kind        {{.Text}} NOT NULL,
    case_ref    {{.Text}} NOT NULL, -- the case by which somebody is told
    visited_at  BIGINT NOT NULL,
    visited     {{.Text}} NOT NULL, -- the cases that were visited, with semicolons between
    person      {{.Text}} NOT NULL,
    channel     {{.Text}} NOT NULL,
    role        {{.Text}} NOT NULL,
    instead     {{.Text}} NOT NULL, -- as in reminders
    reason      {{.Text}} NOT NULL,
    message_key {{.Text}} NOT NULL, -- empty: none was sent
    told_at     BIGINT NOT NULL,
    PRIMARY KEY (kind, case_ref, visited_at, person, channel)
);
CREATE INDEX visits_told_case ON visits_told (case_ref);

-- +goose Down
DROP TABLE visits_told;
DROP TABLE visit_notices;
