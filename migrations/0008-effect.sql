-- Rows of the keeper's that count together with a change of a matter's. What
-- is here was made and not stored with it: it is not in force.
CREATE TABLE guard_intent (
	body BIGINT NOT NULL,
	kind BIGINT NOT NULL,             -- of the authority row
	id BIGINT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (body, kind, id)
) WITHOUT ROWID;

-- What a matter allows while it stands in the step behind the decision.
CREATE TABLE guard_instruction (
	body BIGINT NOT NULL,
	matter BIGINT NOT NULL,
	act BIGINT NOT NULL,
	number TEXT NOT NULL,             -- R8-0147: the case reference
	holding BIGINT NOT NULL,
	record BIGINT NOT NULL,           -- 0: any of the holding
	person BIGINT NOT NULL,           -- who carries it out
	made_by BIGINT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (body, matter, act)
) WITHOUT ROWID;

CREATE INDEX guard_instruction_by_number ON guard_instruction (body, number);

-- What nobody may erase, by the row of a register that says so.
CREATE TABLE guard_hold (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,               -- the row's
	register TEXT NOT NULL,
	holding BIGINT NOT NULL,
	record BIGINT NOT NULL,           -- 0: the whole holding
	set_by BIGINT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (body, id)
) WITHOUT ROWID;

CREATE INDEX guard_hold_by_holding ON guard_hold (body, holding, record);
