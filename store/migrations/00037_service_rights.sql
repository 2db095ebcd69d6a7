-- +goose Up

-- Who may run the service, or look at who did what: rights that no role has and that open
-- no case. Somebody who is not on the people list has their name here.
CREATE TABLE service_rights (
    person     {{.Text}} NOT NULL,
    given_by   {{.Text}} NOT NULL, -- command or signin
    name       {{.Text}} NOT NULL, -- empty: on the people list
    operates   BOOLEAN NOT NULL,
    audits     BOOLEAN NOT NULL,
    given_at   BIGINT NOT NULL,
    ends_at    BIGINT,             -- NULL: until they are taken away
    PRIMARY KEY (person, given_by)
);

-- +goose Down
DROP TABLE service_rights;
