-- +goose Up

-- Who may sign in on the pages with a password of Doorstep's own.
CREATE TABLE accounts (
    person   {{.Text}} PRIMARY KEY,
    password {{.Text}} NOT NULL, -- its argon2id hash, in the PHC form
    set_at   BIGINT NOT NULL
);

-- Wrong passwords, by account and by the address they came from.
CREATE TABLE signin_failures (
    key      {{.Text}} PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at  BIGINT NOT NULL
);

CREATE TABLE sessions (
    token      {{.Text}} PRIMARY KEY, -- a hash of what the cookie holds
    person     {{.Text}} NOT NULL,
    data       {{.Text}} NOT NULL,
    began_at   BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_of ON sessions (person);
CREATE INDEX sessions_expiring ON sessions (expires_at);

-- What a form held whose session had ended, until its person has signed in again.
CREATE TABLE held_forms (
    id         {{.Text}} PRIMARY KEY,
    person     {{.Text}} NOT NULL,
    path       {{.Text}} NOT NULL,
    body       {{.Text}} NOT NULL,
    expires_at BIGINT NOT NULL
);

-- Who looked at what, changed it, or was refused. Lines are only ever added; hash is
-- made of the line and the hash of the one before, so that a change shows.
CREATE TABLE audit (
    id       BIGINT PRIMARY KEY, -- 1, 2, 3, without a gap
    at       BIGINT NOT NULL,
    who      {{.Text}} NOT NULL, -- a person's id, or user:NAME of the machine; empty: nobody signed in
    way      {{.Text}} NOT NULL, -- page or command
    deed     {{.Text}} NOT NULL,
    case_ref {{.Text}} NOT NULL, -- empty: of no case
    about    {{.Text}} NOT NULL, -- kind of event, page: never what a case says
    reason   {{.Text}} NOT NULL,
    hash     {{.Text}} NOT NULL
);
CREATE INDEX audit_of_case ON audit (case_ref, id) WHERE case_ref <> '';
CREATE INDEX audit_of_person ON audit (who, id);
-- Its last line: whoever adds one holds this row.
CREATE TABLE audit_end (
    one  BIGINT PRIMARY KEY,
    id   BIGINT NOT NULL,
    hash {{.Text}} NOT NULL
);

ALTER TABLE cases ADD COLUMN restricted BOOLEAN NOT NULL DEFAULT FALSE; -- only those named on it may open it

CREATE INDEX cases_of_manager ON cases (now_manager) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team) WHERE NOT closed;
CREATE INDEX cases_of_chair ON cases (chair) WHERE chair <> '' AND NOT closed;
CREATE INDEX cases_of_household ON cases (household) WHERE household <> '';

-- +goose Down
DROP INDEX cases_of_household;
DROP INDEX cases_of_chair;
DROP INDEX cases_of_team;
DROP INDEX cases_of_manager;
ALTER TABLE cases DROP COLUMN restricted;
DROP TABLE audit_end;
DROP TABLE audit;
DROP TABLE held_forms;
DROP TABLE sessions;
DROP TABLE signin_failures;
DROP TABLE accounts;
