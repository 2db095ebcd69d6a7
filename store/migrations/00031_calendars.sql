-- +goose Up

-- The address at which a person's due times can be subscribed to: only its hash. A
-- person has one at most; a new one takes its place.
CREATE TABLE calendars (
    person     {{.Text}} PRIMARY KEY,
    hash       {{.Text}} NOT NULL UNIQUE, -- SHA-256 in hexadecimal
    created_at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE calendars;
