-- +goose Up

-- What became of messages at their providers, and what is known of addresses and
-- channels. A message has one more state: delivered.

ALTER TABLE messages ADD COLUMN fault {{.Text}} NOT NULL DEFAULT '';     -- what the last failure lay in: address, provider, …
ALTER TABLE messages ADD COLUMN code {{.Text}} NOT NULL DEFAULT '';      -- the provider's own
ALTER TABLE messages ADD COLUMN maybe_sent_at BIGINT;               -- an attempt whose end nobody heard of
ALTER TABLE messages ADD COLUMN progress {{.Text}} NOT NULL DEFAULT '';  -- of its receipts: queued, sent, delivered, undelivered, failed
ALTER TABLE messages ADD COLUMN progress_at BIGINT;
ALTER TABLE messages ADD COLUMN poll_at BIGINT;                     -- when to ask for a receipt; only while it is sent
ALTER TABLE messages ADD COLUMN polls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN replaces BIGINT;                    -- the message whose place it takes
ALTER TABLE messages ADD COLUMN moved_at BIGINT;                    -- when it was found that it can go by no other channel

CREATE INDEX messages_to_poll ON messages (channel, poll_at) WHERE poll_at IS NOT NULL;
CREATE INDEX messages_of_provider ON messages (provider_id) WHERE provider_id <> '';
CREATE INDEX messages_replacing ON messages (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX messages_texts_to ON messages (address, created_at) WHERE channel = 'sms';
CREATE INDEX messages_texts_of ON messages (person, created_at) WHERE channel = 'sms';
CREATE INDEX people_mobile ON people (mobile) WHERE mobile <> '';

-- Addresses at which nobody can be reached, or that want no messages: not used
-- again until somebody edits them.
CREATE TABLE disabled_addresses (
    channel     {{.Text}} NOT NULL,
    address     {{.Text}} NOT NULL,
    fault       {{.Text}} NOT NULL,
    reason      {{.Text}} NOT NULL,
    code        {{.Text}} NOT NULL,
    person      {{.Text}} NOT NULL, -- whose it was
    disabled_at BIGINT NOT NULL,
    PRIMARY KEY (channel, address)
);

-- Whether messages go by a channel (closed, as a circuit is) or none does but a
-- probe (open). No row: closed ever since.
CREATE TABLE channel_states (
    channel       {{.Text}} PRIMARY KEY,
    state         {{.Text}} NOT NULL,
    since         BIGINT NOT NULL,
    reason        {{.Text}} NOT NULL,
    fault         {{.Text}} NOT NULL,
    next_probe_at BIGINT
);

-- The texts that came in, never their words: so that each is answered once.
CREATE TABLE replies (
    id          {{.Text}} PRIMARY KEY, -- the provider's name for it
    channel     {{.Text}} NOT NULL,
    person      {{.Text}} NOT NULL,
    verb        {{.Text}} NOT NULL,
    outcome     {{.Text}} NOT NULL,
    received_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE replies;
DROP TABLE channel_states;
DROP TABLE disabled_addresses;
DROP INDEX people_mobile;
DROP INDEX messages_texts_of;
DROP INDEX messages_texts_to;
DROP INDEX messages_replacing;
DROP INDEX messages_of_provider;
DROP INDEX messages_to_poll;
ALTER TABLE messages DROP COLUMN moved_at;
ALTER TABLE messages DROP COLUMN replaces;
ALTER TABLE messages DROP COLUMN polls;
ALTER TABLE messages DROP COLUMN poll_at;
ALTER TABLE messages DROP COLUMN progress_at;
ALTER TABLE messages DROP COLUMN progress;
ALTER TABLE messages DROP COLUMN maybe_sent_at;
ALTER TABLE messages DROP COLUMN code;
ALTER TABLE messages DROP COLUMN fault;
