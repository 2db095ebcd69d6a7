-- +goose Up

-- Who may use the API: programs of other systems, and what each may do. Only the hash
-- of a token is kept, so that a dump of the database opens nothing.
CREATE TABLE api_tokens (
    name         {{.Text}} PRIMARY KEY,
    hash         {{.Text}} NOT NULL UNIQUE, -- SHA-256 in hexadecimal
    scopes       {{.Text}} NOT NULL,        -- joined by semicolons
    created_at   BIGINT NOT NULL,
    created_by   {{.Text}} NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);

-- +goose Down
DROP TABLE api_tokens;
