-- Under which heading each item stands in the files that a holding takes in,
-- as it was said last.
CREATE TABLE vault_import_heading (
	body BIGINT NOT NULL,
	holding BIGINT NOT NULL,
	item BIGINT NOT NULL,             -- position of the item in its holding
	heading TEXT NOT NULL,
	PRIMARY KEY (body, holding, item),
	FOREIGN KEY (body, holding) REFERENCES vault_holding (body, id)
) WITHOUT ROWID;
