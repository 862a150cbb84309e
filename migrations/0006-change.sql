-- Changes of many appointments (人事異動): what the keeper's row of the same id
-- holds the digest of. They have effect only as the keeper takes them.
CREATE TABLE people_change (
	body BIGINT NOT NULL,
	id BIGINT NOT NULL,
	title TEXT NOT NULL,
	effect_at BIGINT NOT NULL,        -- when it takes effect: 0:00 of a day
	rows BLOB NOT NULL,               -- u16 length, authority row; repeated
	made_at BIGINT NOT NULL,
	applied_at BIGINT NOT NULL DEFAULT 0, -- all its rows are made; 0: not yet
	PRIMARY KEY (body, id),
	FOREIGN KEY (body) REFERENCES people_body (body)
);

CREATE INDEX people_change_by_time ON people_change (body, made_at, id);
