-- Who changed a holding, and which entry of the log made each version of a
-- record: what the pages of their history say. 0: from before this.
ALTER TABLE vault_holding ADD COLUMN person BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vault_holding ADD COLUMN capacity BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vault_holding_version ADD COLUMN person BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vault_holding_version ADD COLUMN capacity BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vault_record ADD COLUMN entry BIGINT NOT NULL DEFAULT 0;
ALTER TABLE vault_version ADD COLUMN entry BIGINT NOT NULL DEFAULT 0;
