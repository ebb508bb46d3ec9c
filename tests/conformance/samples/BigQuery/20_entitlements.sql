-- grantc: entitlements

-- entitlements
CREATE TABLE IF NOT EXISTS `acme.grantc.entitlements` (account STRING NOT NULL, name STRING NOT NULL, value STRING NOT NULL);

-- entitlements
BEGIN TRANSACTION;

-- entitlements
DELETE FROM `acme.grantc.entitlements` WHERE TRUE;

-- entitlements
INSERT INTO `acme.grantc.entitlements` (account, name, value) VALUES ('bob@acme.example', 'region', 'it\'s');

-- entitlements
COMMIT TRANSACTION;
