-- +goose Up

-- Who somebody is at an OpenID Connect provider: by what never changes there, and never
-- by an email address. A person is one there at most.
CREATE TABLE identities (
    issuer    {{.Text}} NOT NULL,
    subject   {{.Text}} NOT NULL,
    person    {{.Text}} NOT NULL,
    linked_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identities_of ON identities (person, issuer);

-- +goose Down
DROP TABLE identities;
