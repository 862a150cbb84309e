-- The core: bodies and their people, the vault, the guard's index.
--
-- Common text is read by both engines. sqlc.py writes it out as follows:
--   BIGINT  INTEGER in SQLite
--   BLOB    BYTEA in PostgreSQL
--   TEXT    TEXT COLLATE "C" in PostgreSQL, so that both sort by bytes
--   ) WITHOUT ROWID;   left out in PostgreSQL; every table is STRICT in SQLite
-- A line `-- sqlite`, `-- postgresql` or `-- both` says whose text follows.
--
-- The body is the first column of every key. Ids are (body, random 63 bits).
-- Times are microseconds, UTC. A table refers only to tables of its folder.
-- WITHOUT ROWID where rows are small: one tree instead of two.

---- people ----

CREATE TABLE people_body (
	body BIGINT NOT NULL,
	pack TEXT NOT NULL,               -- the pack's id, "nagaokakyo"
	pack_hash BLOB,                   -- of the pack in force
	name TEXT NOT NULL,
	kana TEXT NOT NULL DEFAULT '',
	code TEXT,                        -- 団体コード, with its check digit; contractors have none
	authority_version BIGINT NOT NULL DEFAULT 0, -- raised by every change of authority rows
	created BIGINT NOT NULL,
	PRIMARY KEY (body),
	UNIQUE (code)
) WITHOUT ROWID;

-- 実施機関: mayor, board of education, ...
CREATE TABLE people_organ (
	body BIGINT NOT NULL REFERENCES people_body (body),
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	head_title TEXT NOT NULL DEFAULT '',
	adopted_on BIGINT,                -- day of adopting the regulation, YYYYMMDD
	PRIMARY KEY (body, id)
) WITHOUT ROWID;

-- 課等, a tree
CREATE TABLE people_section (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,
	organ BIGINT NOT NULL,
	parent BIGINT,                    -- NULL at the top
	name TEXT NOT NULL,
	unit TEXT NOT NULL DEFAULT '',    -- what kind of unit, from the pack
	counts BIGINT NOT NULL DEFAULT 1, -- 1: a 課等 in the regulation's sense
	PRIMARY KEY (body, id),
	FOREIGN KEY (body, organ) REFERENCES people_organ (body, id),
	FOREIGN KEY (body, parent) REFERENCES people_section (body, id),
	CHECK (counts IN (0, 1))
) WITHOUT ROWID;

CREATE INDEX people_section_by_parent ON people_section (body, parent, id);

CREATE TABLE people_person (
	body BIGINT NOT NULL REFERENCES people_body (body),
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	kana TEXT NOT NULL DEFAULT '',
	kind TEXT NOT NULL,
	email TEXT,
	PRIMARY KEY (body, id),
	CHECK (kind IN ('staff', 'dispatched', 'contractor'))
) WITHOUT ROWID;

CREATE INDEX people_person_by_kana ON people_person (body, kana, id);

CREATE TABLE people_account (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,
	person BIGINT NOT NULL,
	logon TEXT NOT NULL,
	state TEXT NOT NULL DEFAULT 'active',
	PRIMARY KEY (body, id),
	UNIQUE (body, logon),
	FOREIGN KEY (body, person) REFERENCES people_person (body, id),
	CHECK (state IN ('new', 'active', 'locked', 'ended'))
) WITHOUT ROWID;

CREATE INDEX people_account_by_person ON people_account (body, person, id);

-- A post that exists in the body. Who holds it is an authority row.
CREATE TABLE people_office (
	body BIGINT NOT NULL REFERENCES people_body (body),
	id BIGINT NOT NULL,
	office TEXT NOT NULL,             -- the pack's key
	section BIGINT NOT NULL DEFAULT 0, -- 0: of the whole body
	PRIMARY KEY (body, id),
	UNIQUE (body, office, section)
) WITHOUT ROWID;

-- Bodies, holdings, appointments, grants, credentials, permits, terminals as
-- the keeper made them: one row for each, its newest version. The keeper's MAC
-- is over content and entry.
CREATE TABLE people_authority (
	body BIGINT NOT NULL REFERENCES people_body (body),
	kind BIGINT NOT NULL,
	id BIGINT NOT NULL,
	version BIGINT NOT NULL,
	content BLOB NOT NULL,
	mac BLOB NOT NULL,
	entry BIGINT NOT NULL,            -- index of the ledger entry that made it
	PRIMARY KEY (body, kind, id),
	CHECK (length(mac) = 32)
);

CREATE TABLE people_terminal (
	body BIGINT NOT NULL REFERENCES people_body (body),
	id BIGINT NOT NULL,
	name TEXT NOT NULL,
	fingerprint BLOB NOT NULL,        -- SHA-256 of its client certificate
	section BIGINT NOT NULL,
	PRIMARY KEY (body, id),
	UNIQUE (body, fingerprint),
	FOREIGN KEY (body, section) REFERENCES people_section (body, id),
	CHECK (length(fingerprint) = 32)
) WITHOUT ROWID;

---- vault ----

CREATE TABLE vault_holding (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,
	section BIGINT NOT NULL,          -- the owner
	name TEXT NOT NULL,
	attributes TEXT NOT NULL DEFAULT '{}', -- JSON
	sensitivity TEXT NOT NULL,        -- the pack's key
	my_number BIGINT NOT NULL DEFAULT 0,
	persons BIGINT NOT NULL DEFAULT 0, -- records that are there
	version BIGINT NOT NULL DEFAULT 1,
	changed_at BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (body, id),
	CHECK (my_number IN (0, 1))
);

CREATE INDEX vault_holding_by_section ON vault_holding (body, section, id);

-- What a holding was before it was changed
CREATE TABLE vault_holding_version (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,
	version BIGINT NOT NULL,
	section BIGINT NOT NULL,
	name TEXT NOT NULL,
	attributes TEXT NOT NULL,
	sensitivity TEXT NOT NULL,
	my_number BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	PRIMARY KEY (body, id, version),
	FOREIGN KEY (body, id) REFERENCES vault_holding (body, id)
);

-- One CSV taken in. Its records show once its state is done; their ids are
-- first_record and what follows it, so that they can be found again.
CREATE TABLE vault_import (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	state TEXT NOT NULL,
	first_record BIGINT NOT NULL,
	records BIGINT NOT NULL DEFAULT 0,
	begun_at BIGINT NOT NULL,
	PRIMARY KEY (body, id),
	CHECK (state IN ('running', 'done'))
) WITHOUT ROWID;

CREATE TABLE vault_record (
	body BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	id BIGINT NOT NULL,
	version BIGINT NOT NULL DEFAULT 1,
	class BIGINT NOT NULL DEFAULT 0,  -- 0 ordinary, 1 秘匿
	secret_until BIGINT NOT NULL DEFAULT 0, -- end of the period of 秘匿
	secret_renew_by BIGINT NOT NULL DEFAULT 0, -- to be asked for again by then
	import BIGINT NOT NULL DEFAULT 0, -- vault_import that brought it; 0: none
	wrap BLOB,                        -- the record's key, wrapped; NULL once erased
	sealed BLOB,                      -- the values; NULL once erased
	changed_at BIGINT NOT NULL,
	erased_at BIGINT,
	PRIMARY KEY (body, holding, id),
	FOREIGN KEY (body, holding) REFERENCES vault_holding (body, id),
	CHECK (class IN (0, 1)),
	CHECK ((erased_at IS NULL AND wrap IS NOT NULL AND sealed IS NOT NULL)
	    OR (erased_at IS NOT NULL AND wrap IS NULL AND sealed IS NULL))
);

CREATE INDEX vault_record_by_renewal ON vault_record (body, secret_renew_by, holding, id)
	WHERE class = 1;

-- Older versions, kept where a correction must be seen
CREATE TABLE vault_version (
	body BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	id BIGINT NOT NULL,
	version BIGINT NOT NULL,
	class BIGINT NOT NULL,
	wrap BLOB NOT NULL,
	sealed BLOB NOT NULL,
	ended_at BIGINT NOT NULL,
	PRIMARY KEY (body, holding, id, version),
	FOREIGN KEY (body, holding, id) REFERENCES vault_record (body, holding, id)
);

-- Keyed search tokens. No foreign key: an import writes many, sorted, before
-- its records are shown.
CREATE TABLE vault_token (
	body BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	item BIGINT NOT NULL,             -- position of the item in its holding
	token BLOB NOT NULL,
	record BIGINT NOT NULL,
	PRIMARY KEY (body, holding, item, token, record)
) WITHOUT ROWID;

-- Which tokens a record has, so that they can go with it.
CREATE TABLE vault_record_tokens (
	body BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	record BIGINT NOT NULL,
	tokens BLOB NOT NULL,             -- u16 item, 16 bytes of token, repeated
	PRIMARY KEY (body, holding, record)
) WITHOUT ROWID;

-- A document of a record: an id of its own among the records' ids, so that the
-- keeper makes, opens and erases its key as it does a record's.
CREATE TABLE vault_document (
	body BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	id BIGINT NOT NULL,
	record BIGINT NOT NULL,           -- to which it belongs
	class BIGINT NOT NULL DEFAULT 0,
	wrap BLOB NOT NULL,
	bytes BIGINT NOT NULL DEFAULT 0,
	chunks BIGINT NOT NULL DEFAULT 0, -- 0: not all of it is there yet
	made_at BIGINT NOT NULL,
	PRIMARY KEY (body, holding, id),
	FOREIGN KEY (body, holding) REFERENCES vault_holding (body, id)
);

CREATE INDEX vault_document_by_record ON vault_document (body, holding, record, id);

CREATE TABLE vault_file (
	body BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	id BIGINT NOT NULL,               -- the document's
	chunk BIGINT NOT NULL,
	sealed BLOB NOT NULL,
	PRIMARY KEY (body, holding, id, chunk),
	FOREIGN KEY (body, holding, id) REFERENCES vault_document (body, holding, id)
);

---- guard ----

-- The searchable index of accesses, derived from the ledger: one row for each
-- record that an entry names (record 0: none).
CREATE TABLE guard_access (
	body BIGINT NOT NULL,
	at BIGINT NOT NULL,
	log BIGINT NOT NULL,              -- number of the keeper whose log it is
	entry BIGINT NOT NULL,            -- index in that log
	record BIGINT NOT NULL DEFAULT 0,
	account BIGINT NOT NULL,
	person BIGINT NOT NULL,           -- who did it
	capacity BIGINT NOT NULL,         -- in which appointment; 0: none
	holding BIGINT NOT NULL DEFAULT 0,
	act TEXT NOT NULL,                -- or the verb, of other entries
	purpose TEXT NOT NULL DEFAULT '',
	result TEXT NOT NULL,             -- done, over, or why it was refused
	PRIMARY KEY (body, at, log, entry, record)
) WITHOUT ROWID;

CREATE INDEX guard_access_by_record ON guard_access (body, holding, record, at, entry);
CREATE INDEX guard_access_by_holding ON guard_access (body, holding, at, entry);
CREATE INDEX guard_access_by_person ON guard_access (body, person, at, entry);

-- How far the index has come in each log (body 0: all bodies)
CREATE TABLE guard_feed (
	body BIGINT NOT NULL,
	log BIGINT NOT NULL,
	next BIGINT NOT NULL,
	PRIMARY KEY (body, log)
) WITHOUT ROWID;

-- Entries of changes, on their way to the ledger
CREATE TABLE guard_outbox (
	body BIGINT NOT NULL,
	node BIGINT NOT NULL,
	seq BIGINT NOT NULL,
	entry BLOB NOT NULL,
	PRIMARY KEY (body, node, seq)
);

CREATE INDEX guard_outbox_by_node ON guard_outbox (node, seq);

-- Whose log this database belongs to (body 0: all bodies), and which server is
-- on it since when it was last seen
CREATE TABLE guard_log (
	body BIGINT NOT NULL,
	node BIGINT NOT NULL,
	key TEXT NOT NULL,
	seat BIGINT NOT NULL,
	seen BIGINT NOT NULL,
	PRIMARY KEY (body, node)
) WITHOUT ROWID;

---- register ----

-- Rows of the registers (台帳) that packs declare, as they stand. A row is
-- ended, never deleted.
CREATE TABLE register_row (
	body BIGINT NOT NULL,
	register TEXT NOT NULL,           -- the pack's id
	id BIGINT NOT NULL,
	version BIGINT NOT NULL,
	section BIGINT NOT NULL DEFAULT 0, -- whose it is; 0: the body's
	name TEXT NOT NULL,               -- what lists call it
	sort TEXT NOT NULL,
	folded TEXT NOT NULL,             -- all its texts, for search
	content TEXT NOT NULL,            -- JSON: field, value
	fact BIGINT NOT NULL DEFAULT 0,   -- day of the fact, YYYYMMDD; 0: none
	made_at BIGINT NOT NULL,
	changed_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL DEFAULT 0, -- 0: stands
	PRIMARY KEY (body, register, id)
);

CREATE INDEX register_row_by_sort ON register_row (body, register, sort, id);

-- What a row was from each change on, the present one too.
CREATE TABLE register_version (
	body BIGINT NOT NULL,
	register TEXT NOT NULL,
	id BIGINT NOT NULL,
	version BIGINT NOT NULL,
	section BIGINT NOT NULL,
	content TEXT NOT NULL,
	pack_hash BLOB NOT NULL,          -- of the pack under which it was written
	at BIGINT NOT NULL,
	person BIGINT NOT NULL,           -- who wrote it
	capacity BIGINT NOT NULL,
	reason TEXT NOT NULL DEFAULT '',
	is_end BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (body, register, id, version),
	FOREIGN KEY (body, register, id) REFERENCES register_row (body, register, id),
	CHECK (is_end IN (0, 1))
);

-- Values that lists are filtered by: choices, dates, what rows refer to.
CREATE TABLE register_value (
	body BIGINT NOT NULL,
	register TEXT NOT NULL,
	id BIGINT NOT NULL,
	field TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (body, register, field, value, id),
	FOREIGN KEY (body, register, id) REFERENCES register_row (body, register, id)
) WITHOUT ROWID;

CREATE INDEX register_value_by_row ON register_value (body, register, id);

-- The pack's key of each row that stands.
CREATE TABLE register_key (
	body BIGINT NOT NULL,
	register TEXT NOT NULL,
	value TEXT NOT NULL,
	id BIGINT NOT NULL,
	PRIMARY KEY (body, register, value),
	FOREIGN KEY (body, register, id) REFERENCES register_row (body, register, id)
) WITHOUT ROWID;

CREATE INDEX register_key_by_row ON register_key (body, register, id);

---- procedure ----

-- Matters (案件): one case of a procedure that a pack declares.
CREATE TABLE procedure_matter (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,
	version BIGINT NOT NULL DEFAULT 1,
	procedure TEXT NOT NULL,          -- the pack's id
	pack_hash BLOB NOT NULL,          -- of the pack under which it began
	year BIGINT NOT NULL,             -- fiscal
	sequence BIGINT NOT NULL,         -- in that year
	section BIGINT NOT NULL,          -- of whoever asked
	holding BIGINT NOT NULL DEFAULT 0,
	asker BIGINT NOT NULL,
	name TEXT NOT NULL,
	content TEXT NOT NULL,            -- JSON: field, value
	state TEXT NOT NULL,
	step TEXT NOT NULL,               -- the pack's id of the step
	entered BIGINT NOT NULL,          -- number of the deed that brought it there
	opened_at BIGINT NOT NULL,
	since BIGINT NOT NULL,            -- in this step
	due BIGINT NOT NULL DEFAULT 0,    -- of the step; 0: none
	closed_at BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (body, id),
	UNIQUE (body, year, sequence),
	CHECK (state IN ('open', 'done', 'refused', 'withdrawn'))
);

CREATE INDEX procedure_matter_by_asker ON procedure_matter (body, asker, opened_at, id);
CREATE INDEX procedure_matter_by_section ON procedure_matter (body, section, opened_at, id);
CREATE INDEX procedure_matter_by_time ON procedure_matter (body, opened_at, id);

-- What was done in a matter, by whom, with what before them.
CREATE TABLE procedure_deed (
	body BIGINT NOT NULL,
	matter BIGINT NOT NULL,
	number BIGINT NOT NULL,           -- from 1
	at BIGINT NOT NULL,
	step TEXT NOT NULL,
	deed TEXT NOT NULL,
	person BIGINT NOT NULL,
	capacity BIGINT NOT NULL,
	terminal BIGINT NOT NULL DEFAULT 0,
	office TEXT NOT NULL DEFAULT '',  -- in which they acted
	acted_as TEXT NOT NULL DEFAULT '', -- for which; another one: 代決
	item TEXT NOT NULL DEFAULT '',    -- of the checklist; the step sent back to
	note TEXT NOT NULL DEFAULT '',
	hash BLOB NOT NULL,               -- of what they had before them
	content TEXT NOT NULL,            -- what it held from then on
	PRIMARY KEY (body, matter, number),
	FOREIGN KEY (body, matter) REFERENCES procedure_matter (body, id)
);

-- Whose turn it is: an office in a section, or a person.
CREATE TABLE procedure_turn (
	body BIGINT NOT NULL,
	office TEXT NOT NULL,             -- '': the person
	section BIGINT NOT NULL,          -- 0: of the whole body
	person BIGINT NOT NULL,           -- 0: whoever holds the office
	matter BIGINT NOT NULL,
	is_after BIGINT NOT NULL DEFAULT 0, -- 1: 後閲
	PRIMARY KEY (body, office, section, person, matter, is_after),
	FOREIGN KEY (body, matter) REFERENCES procedure_matter (body, id),
	CHECK (is_after IN (0, 1))
) WITHOUT ROWID;

CREATE INDEX procedure_turn_by_matter ON procedure_turn (body, matter);

-- The last number given in a fiscal year
CREATE TABLE procedure_count (
	body BIGINT NOT NULL,
	year BIGINT NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY (body, year)
) WITHOUT ROWID;
