-- +goose Up

-- Before when nothing of a case is overdue, unless something happens; NULL: nothing is to
-- be done. It is derived, as the duties are. What is overdue on somebody's cases is found
-- by it, however many cases they have of which nothing is.
ALTER TABLE cases ADD COLUMN overdue_from BIGINT;
UPDATE cases SET overdue_from = (SELECT MIN(CASE WHEN d.late_since IS NULL THEN d.due_at ELSE d.opened_at END)
    FROM duties d WHERE d.case_ref = cases.ref AND d.state = 'open');

DROP INDEX cases_of_practitioner;
DROP INDEX cases_of_manager;
DROP INDEX cases_of_team;
DROP INDEX cases_of_chair;
CREATE INDEX cases_of_practitioner ON cases (now_practitioner, overdue_from) WHERE NOT closed;
CREATE INDEX cases_of_manager ON cases (now_manager, overdue_from) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team, overdue_from) WHERE NOT closed;
CREATE INDEX cases_of_chair ON cases (chair, overdue_from) WHERE chair <> '' AND NOT closed;

-- Whoever reports to somebody, and those of a team.
CREATE INDEX people_below ON people (reports_to) WHERE reports_to <> '';
CREATE INDEX people_of_team ON people (team) WHERE team <> '';
CREATE INDEX people_covered ON people (cover) WHERE cover <> '';

-- The next visits, of all cases.
CREATE INDEX events_booked ON events (booked_for) WHERE booked_for IS NOT NULL;

-- +goose Down
DROP INDEX events_booked;
DROP INDEX people_covered;
DROP INDEX people_of_team;
DROP INDEX people_below;
DROP INDEX cases_of_chair;
DROP INDEX cases_of_team;
DROP INDEX cases_of_manager;
DROP INDEX cases_of_practitioner;
CREATE INDEX cases_of_practitioner ON cases (now_practitioner) WHERE NOT closed;
CREATE INDEX cases_of_manager ON cases (now_manager) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team) WHERE NOT closed;
CREATE INDEX cases_of_chair ON cases (chair) WHERE chair <> '' AND NOT closed;
ALTER TABLE cases DROP COLUMN overdue_from;
