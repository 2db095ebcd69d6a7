-- +goose Up

-- Before when nothing of a case is overdue, unless something happens; NULL: nothing is to
-- be done. It is derived, as the duties are. Of somebody's cases on which nothing is overdue
-- no duty is read. It is in no index: every event of a file would write each of them anew.
ALTER TABLE cases ADD COLUMN overdue_from BIGINT;
UPDATE cases SET overdue_from = (SELECT MIN(CASE WHEN d.late_since IS NULL THEN d.due_at ELSE d.opened_at END)
    FROM duties d WHERE d.case_ref = cases.ref AND d.state = 'open');

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
ALTER TABLE cases DROP COLUMN overdue_from;
