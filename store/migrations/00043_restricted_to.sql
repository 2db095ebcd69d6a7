-- +goose Up

-- To whom a restricted case is open by name, beside those who are on it.
CREATE TABLE restricted_to (
    case_ref {{.Text}} NOT NULL,
    person   {{.Text}} NOT NULL,
    PRIMARY KEY (case_ref, person)
);
CREATE INDEX restricted_to_person ON restricted_to (person);

-- +goose Down
DROP TABLE restricted_to;
