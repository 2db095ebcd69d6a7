-- +goose Up

-- Which cases are somebody's is read from these alone, and no case is.
DROP INDEX cases_of_practitioner;
DROP INDEX cases_of_manager;
DROP INDEX cases_of_team;
CREATE INDEX cases_of_practitioner ON cases (now_practitioner, ref, now_manager, chair, team, restricted) WHERE NOT closed;
CREATE INDEX cases_of_manager ON cases (now_manager, ref, now_practitioner, chair, team, restricted) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team, ref, now_practitioner, now_manager, chair, restricted) WHERE NOT closed;
-- There are few of these.
CREATE INDEX cases_closed_off ON cases (ref, now_practitioner, now_manager, chair, team) WHERE restricted AND NOT closed;

-- +goose Down
DROP INDEX cases_closed_off;
DROP INDEX cases_of_team;
DROP INDEX cases_of_manager;
DROP INDEX cases_of_practitioner;
CREATE INDEX cases_of_practitioner ON cases (now_practitioner) WHERE NOT closed;
CREATE INDEX cases_of_manager ON cases (now_manager) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team) WHERE NOT closed;
