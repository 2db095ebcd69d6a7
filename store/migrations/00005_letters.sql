-- +goose Up

-- The letters that GOV.UK Notify prints and posts, and how each stands there. A row
-- is kept before its letter goes, under the name that the letter has at Notify for
-- ever: that is what keeps it from going twice. It says nothing of the family.
CREATE TABLE postings (
    item          BIGINT PRIMARY KEY,                -- the print item
    batch         BIGINT NOT NULL,
    reference     {{.Text}} NOT NULL UNIQUE,
    postage       {{.Text}} NOT NULL,
    state         {{.Text}} NOT NULL,                -- queued, sending, accepted, received, refused, withdrawn
    queued_at     BIGINT NOT NULL,
    next_try_at   BIGINT,                            -- when it may be claimed; for one that is being sent, when its claim runs out
    holder        {{.Text}} NOT NULL DEFAULT '',
    maybe_sent_at BIGINT,                            -- the first attempt whose end nobody heard of
    sha256        {{.Text}} NOT NULL DEFAULT '',     -- of the PDF that was handed over
    provider_id   {{.Text}} NOT NULL DEFAULT '',
    accepted_at   BIGINT,
    status        {{.Text}} NOT NULL DEFAULT '',     -- Notify's own word for how far it is
    status_at     BIGINT,
    reason        {{.Text}} NOT NULL DEFAULT '',     -- how it stands, in words
    failed        BOOLEAN NOT NULL DEFAULT FALSE,    -- somebody has to look
    told_at       BIGINT                             -- when operations were told of that
);
CREATE INDEX postings_waiting ON postings (batch, item) WHERE state IN ('queued', 'sending');
CREATE INDEX postings_on_the_way ON postings (accepted_at) WHERE state = 'accepted';
CREATE INDEX postings_untold ON postings (batch, item) WHERE failed = TRUE AND told_at IS NULL;
CREATE INDEX postings_failed ON postings (status_at) WHERE failed = TRUE;
CREATE INDEX postings_of_batch ON postings (batch);

-- +goose Down
DROP TABLE postings;
