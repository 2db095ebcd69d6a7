-- +goose Up

-- What is overdue is looked for among the cases of some practitioners: those of one stand
-- together.
CREATE TABLE cases_overdue_of (
    practitioner {{.Text}} NOT NULL,
    case_ref     {{.Text}} NOT NULL,
    overdue_from BIGINT,
    PRIMARY KEY (practitioner, case_ref)
) {{.ByKey}};
INSERT INTO cases_overdue_of (practitioner, case_ref, overdue_from)
SELECT c.now_practitioner, o.case_ref, o.overdue_from FROM cases c JOIN cases_overdue o ON o.case_ref = c.ref ORDER BY c.now_practitioner, c.ref;
DROP TABLE cases_overdue;
ALTER TABLE cases_overdue_of RENAME TO cases_overdue;
-- Which practitioners those are is found by skipping from one to the next.
DROP INDEX cases_of_manager;
DROP INDEX cases_of_team;
DROP INDEX cases_of_chair;
CREATE INDEX cases_of_manager ON cases (now_manager, now_practitioner, ref, chair, team, restricted) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team, now_practitioner, ref, now_manager, chair, restricted) WHERE NOT closed;
CREATE INDEX cases_of_chair ON cases (chair, now_practitioner) WHERE chair <> '' AND NOT closed;

-- +goose Down
DROP INDEX cases_of_chair;
DROP INDEX cases_of_team;
DROP INDEX cases_of_manager;
CREATE INDEX cases_of_manager ON cases (now_manager, ref, now_practitioner, chair, team, restricted) WHERE NOT closed;
CREATE INDEX cases_of_team ON cases (team, ref, now_practitioner, now_manager, chair, restricted) WHERE NOT closed;
CREATE INDEX cases_of_chair ON cases (chair) WHERE chair <> '' AND NOT closed;
ALTER TABLE cases_overdue RENAME TO cases_overdue_of;
CREATE TABLE cases_overdue (
    case_ref     {{.Text}} PRIMARY KEY,
    overdue_from BIGINT
) {{.ByKey}};
INSERT INTO cases_overdue (case_ref, overdue_from) SELECT case_ref, overdue_from FROM cases_overdue_of ORDER BY case_ref;
DROP TABLE cases_overdue_of;
