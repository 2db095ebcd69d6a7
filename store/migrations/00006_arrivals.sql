-- +goose Up

-- When a file of each kind last came into the inbox, and from when what it said was.
-- It says nothing of what stood in it.
CREATE TABLE arrivals (
    kind           {{.Text}} PRIMARY KEY,  -- people, cases, events
    expected_since BIGINT NOT NULL,        -- when the first was waited for
    within_ms      BIGINT NOT NULL,        -- how often one is expected at least; 0: it is not
    arrived_at     BIGINT,                 -- when the last was imported
    data_of        BIGINT                  -- when the newest of them was written
);

-- +goose Down
DROP TABLE arrivals;
