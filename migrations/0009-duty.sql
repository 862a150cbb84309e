-- How often a register, or the matters of a procedure, were changed: what was
-- computed from them is computed anew.
CREATE TABLE register_change (
	body BIGINT NOT NULL,
	register TEXT NOT NULL,
	changes BIGINT NOT NULL,
	PRIMARY KEY (body, register)
) WITHOUT ROWID;

CREATE TABLE procedure_change (
	body BIGINT NOT NULL,
	procedure TEXT NOT NULL,
	changes BIGINT NOT NULL,
	PRIMARY KEY (body, procedure)
) WITHOUT ROWID;

CREATE INDEX procedure_matter_by_end ON procedure_matter (body, procedure, state, id);
