-- +goose Up

-- Before when nothing of a case is overdue, unless something happens; NULL: nothing is to
-- be done. It is derived, as the duties are, and stands beside the case: nearly every event
-- moves it, and a case is a long row that stands in many indexes.
CREATE TABLE cases_overdue (
    case_ref     {{.Text}} PRIMARY KEY,
    overdue_from BIGINT
) {{.ByKey}};
INSERT INTO cases_overdue (case_ref, overdue_from) SELECT ref, overdue_from FROM cases ORDER BY ref;
-- For some hours it stood in these indexes, under the same names.
DROP INDEX cases_of_practitioner;
DROP INDEX cases_of_manager;
DROP INDEX cases_of_team;
DROP INDEX cases_of_chair;
ALTER TABLE cases DROP COLUMN overdue_from;
CREATE INDEX cases_of_practitioner ON cases (now_practitioner) WHERE NOT closed;
CREATE INDEX cases_of_manager ON cases (now_manager) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team) WHERE NOT closed;
CREATE INDEX cases_of_chair ON cases (chair) WHERE chair <> '' AND NOT closed;

-- +goose Down
ALTER TABLE cases ADD COLUMN overdue_from BIGINT;
UPDATE cases SET overdue_from = (SELECT overdue_from FROM cases_overdue WHERE case_ref = ref);
DROP TABLE cases_overdue;
