-- +goose Up

-- Before when nothing of a case is overdue, unless something happens; NULL: nothing is to
-- be done. It is derived, as the duties are, and stands beside the case: nearly every event
-- moves it, and a case is a long row that stands in many indexes.
CREATE TABLE cases_overdue (
    case_ref     {{.Text}} PRIMARY KEY,
    overdue_from BIGINT
) {{.ByKey}};
INSERT INTO cases_overdue (case_ref, overdue_from) SELECT ref, overdue_from FROM cases ORDER BY ref;
ALTER TABLE cases DROP COLUMN overdue_from;

-- +goose Down
ALTER TABLE cases ADD COLUMN overdue_from BIGINT;
UPDATE cases SET overdue_from = (SELECT overdue_from FROM cases_overdue WHERE case_ref = ref);
DROP TABLE cases_overdue;
