-- +goose Up

-- What proves where something comes from, and by which way it came.

-- Which keys messages were made with, in the order in which they came into use: not
-- the keys themselves, which a dump must not give away. messages_before is the newest
-- message at that moment; those up to the first row's were made without a key.
CREATE TABLE origin_keys (
    id              {{.Identity}},
    fingerprint     {{.Text}} NOT NULL,
    first_used_at   BIGINT NOT NULL,
    messages_before BIGINT NOT NULL
);

-- Emails that came back because their address is none. Two of them on different days
-- switch it off.
CREATE TABLE bounced_emails (
    message_id BIGINT PRIMARY KEY,
    address    {{.Text}} NOT NULL,
    day        {{.Text}} NOT NULL, -- the organisation's
    bounced_at BIGINT NOT NULL
);
CREATE INDEX bounced_emails_to ON bounced_emails (address);

ALTER TABLE events ADD COLUMN way {{.Text}} NOT NULL DEFAULT '';     -- file, text, command, page; empty: not known
ALTER TABLE duties ADD COLUMN said_at BIGINT;                        -- somebody said by text that it is done: to be confirmed
ALTER TABLE duties ADD COLUMN said_by {{.Text}} NOT NULL DEFAULT ''; -- the event that says so

CREATE INDEX replies_of ON replies (person, received_at);

-- +goose Down
DROP INDEX replies_of;
ALTER TABLE duties DROP COLUMN said_by;
ALTER TABLE duties DROP COLUMN said_at;
ALTER TABLE events DROP COLUMN way;
DROP TABLE bounced_emails;
DROP TABLE origin_keys;
