-- grantc: entitlements

-- entitlements
CREATE TABLE IF NOT EXISTS "grantc"."entitlements" ("account" VARCHAR(512) NOT NULL, "name" VARCHAR(512) NOT NULL, "value" VARCHAR(512) NOT NULL);

-- entitlements
BEGIN;

-- entitlements
DELETE FROM "grantc"."entitlements";

-- entitlements
INSERT INTO "grantc"."entitlements" ("account", "name", "value") VALUES
('bob', 'region', 'it''s \\ EMEA');

-- entitlements
COMMIT;
