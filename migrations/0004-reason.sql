-- Which entry of the log holds the reason that was given for a row: sealed
-- there, so that no reason stands in the clear here.
CREATE TABLE guard_reason (
	body BIGINT NOT NULL,
	kind BIGINT NOT NULL,             -- of the authority row
	id BIGINT NOT NULL,
	entry BIGINT NOT NULL,
	PRIMARY KEY (body, kind, id)
) WITHOUT ROWID;
