-- +goose Up

-- What other systems are to be told: one row for each endpoint, written in the
-- transaction of what it tells of, and gone once it was taken. body is what is sent,
-- made at the first try and the same at every other; empty: not tried yet.
CREATE TABLE webhooks (
    id          {{.Identity}},
    key         {{.Text}} NOT NULL, -- the webhook's id, by which its receiver knows a repeated one
    endpoint    {{.Text}} NOT NULL, -- its name in the configuration
    event       {{.Text}} NOT NULL,
    at          BIGINT NOT NULL,    -- when it happened
    case_ref    {{.Text}} NOT NULL DEFAULT '',
    duty        {{.Text}} NOT NULL DEFAULT '',
    opening     {{.Text}} NOT NULL DEFAULT '',
    message_id  BIGINT,             -- of message.failed
    file        {{.Text}} NOT NULL DEFAULT '', -- of import.rejected: its number, what it holds, how many rows
    body        {{.Text}} NOT NULL DEFAULT '',
    state       {{.Text}} NOT NULL DEFAULT 'waiting', -- waiting, failed
    queued_at   BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,    -- for one that is being sent, when its claim runs out
    tries       INTEGER NOT NULL DEFAULT 0,
    holder      {{.Text}} NOT NULL DEFAULT '',
    reason      {{.Text}} NOT NULL DEFAULT '', -- why the last try failed
    failed_at   BIGINT              -- when it was given up
);
CREATE INDEX webhooks_waiting ON webhooks (endpoint, next_try_at, id) WHERE state = 'waiting';
CREATE INDEX webhooks_failed ON webhooks (failed_at) WHERE state = 'failed';

-- When something of a duty is to be told though nothing is written then: it opens by
-- itself (at is when), or its due time comes. A row that no longer fits its duty says
-- nothing.
CREATE TABLE webhook_clock (
    id       {{.Identity}},
    case_ref {{.Text}} NOT NULL,
    duty     {{.Text}} NOT NULL,
    opening  {{.Text}} NOT NULL,
    due_at   BIGINT NOT NULL,
    at       BIGINT NOT NULL,
    opens    BOOLEAN NOT NULL
);
CREATE INDEX webhook_clock_next ON webhook_clock (at, case_ref, duty, opening);

-- The endpoints that have been told anything, and those that want to be told no more.
CREATE TABLE webhook_endpoints (
    name        {{.Text}} PRIMARY KEY,
    address     {{.Text}} NOT NULL, -- a hash of it: another one begins anew
    events      {{.Text}} NOT NULL,
    since       BIGINT NOT NULL,
    disabled_at BIGINT,
    reason      {{.Text}} NOT NULL DEFAULT ''
);

-- +goose Down
DROP TABLE webhook_endpoints;
DROP TABLE webhook_clock;
DROP TABLE webhooks;
