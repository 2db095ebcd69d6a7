-- +goose Up

-- What is to be said to whom, and what became of it. The ledger is the delivery
-- queue too. next_try_at is when a message may next be claimed: for one that is
-- being sent, when its claim runs out.
CREATE TABLE messages (
    id           {{.Identity}},
    key          {{.Text}} NOT NULL UNIQUE,  -- the Message-ID derives from it
    kind         {{.Text}} NOT NULL,         -- reminder, digest, team-digest, alert
    person       {{.Text}} NOT NULL,
    channel      {{.Text}} NOT NULL,
    address      {{.Text}} NOT NULL,
    severity     INTEGER NOT NULL,      -- 0 goes first
    created_at   BIGINT NOT NULL,
    next_try_at  BIGINT NOT NULL,
    useful_until BIGINT,                -- reminders: NULL, their duties say it
    state        {{.Text}} NOT NULL,         -- queued, sending, sent, failed-temporarily, failed, cancelled
    reason       {{.Text}} NOT NULL DEFAULT '',
    tries        INTEGER NOT NULL DEFAULT 0,
    lease_holder {{.Text}} NOT NULL DEFAULT '',
    sent_at      BIGINT,
    provider_id  {{.Text}} NOT NULL DEFAULT '',
    payload      {{.Text}} NOT NULL DEFAULT '' -- reminders: empty, their rows say it
);
CREATE INDEX messages_waiting ON messages (channel, severity, next_try_at)
    WHERE state IN ('queued', 'sending', 'failed-temporarily');
CREATE INDEX messages_failed ON messages (created_at) WHERE state = 'failed';

-- Every decision about one rung of one duty, one person and one channel, with
-- its reason, whether or not it became a message. The key is what keeps any rung
-- from being said twice. A start is said once however often the due time moves,
-- so its due_at is 0.
CREATE TABLE reminders (
    duty_id     BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    rung        {{.Text}} NOT NULL,
    person      {{.Text}} NOT NULL,
    channel     {{.Text}} NOT NULL,
    role        {{.Text}} NOT NULL,
    reason      {{.Text}} NOT NULL,          -- sent, recorder, same-person, no-address, merged-into, met, …
    instead     {{.Text}} NOT NULL DEFAULT '', -- whom the person stands in for
    merged_into {{.Text}} NOT NULL DEFAULT '', -- the more serious rung that said it
    stands_for  INTEGER NOT NULL DEFAULT 0, -- how many missed rungs this one says
    message_id  BIGINT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (duty_id, due_at, rung, person, channel)
);
CREATE INDEX reminders_message ON reminders (message_id);

-- One row for each cron schedule: how far it has come, and who is running it.
-- fence counts the runs begun: whoever writes under a lease shows the number he
-- began with, so that one who was thought dead cannot write after his successor.
CREATE TABLE schedules (
    name            {{.Text}} PRIMARY KEY,
    last_due_at     BIGINT,             -- the last time of the schedule that was seen to
    last_started_at BIGINT,
    last_ended_at   BIGINT,
    last_success_at BIGINT,
    holder          {{.Text}} NOT NULL DEFAULT '',
    fence           BIGINT NOT NULL DEFAULT 0,
    lease_until     BIGINT
);

CREATE TABLE runs (
    id         {{.Identity}},
    schedule   {{.Text}} NOT NULL,
    due_at     BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT,
    counts     {{.Text}} NOT NULL DEFAULT '{}', -- JSON, what was done
    error      {{.Text}} NOT NULL DEFAULT ''
);
CREATE INDEX runs_of_schedule ON runs (schedule, started_at);

-- What a digest asks for besides due times.
CREATE INDEX cases_of_practitioner ON cases (now_practitioner) WHERE NOT closed;
CREATE INDEX duties_beyond_cap ON duties (later_than, due_at) WHERE state = 'open' AND later_than = TRUE;
CREATE INDEX flags_raised ON flags (raised_at);

-- +goose Down
DROP INDEX flags_raised;
DROP INDEX duties_beyond_cap;
DROP INDEX cases_of_practitioner;
DROP TABLE runs;
DROP TABLE schedules;
DROP TABLE reminders;
DROP TABLE messages;
