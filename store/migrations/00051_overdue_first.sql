-- +goose Up

-- Of a practitioner's cases those that are overdue are read without the others. On SQLite
-- they stand together, and are read at once.
{{if .IsServer}}CREATE INDEX cases_overdue_first ON cases_overdue (practitioner, overdue_from);{{else}}SELECT 1;{{end}}

-- +goose Down
{{if .IsServer}}DROP INDEX cases_overdue_first;{{else}}SELECT 1;{{end}}
