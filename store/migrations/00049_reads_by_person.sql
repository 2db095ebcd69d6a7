-- +goose Up

-- What a service manager has to do is found by this. Few duties, or none, are theirs.
CREATE INDEX duties_of_service_managers ON duties (case_ref) WHERE state = 'open' AND owner = 'service-manager';

-- The messages of a person.
CREATE INDEX messages_of_person ON messages (person, id);

-- When something last arrived at an address, by store/addresses.go (arrived).
CREATE INDEX messages_arrived ON messages (channel, address, (CASE state WHEN 'delivered' THEN progress_at ELSE sent_at END))
    WHERE state = 'delivered' OR state = 'sent' AND poll_at IS NULL AND polls = 0 AND progress = '';

-- +goose Down
DROP INDEX messages_arrived;
DROP INDEX messages_of_person;
DROP INDEX duties_of_service_managers;
