-- grantc: functions

-- emails
CREATE OR REPLACE FUNCTION `main`.`grantc`.`grantc_emails_5a5b1dfb`(`val` STRING) RETURNS STRING COMMENT 'grantc: emails' RETURN CASE WHEN is_account_group_member('grantc_clear') THEN `val` WHEN `val` IS NULL THEN CAST(NULL AS STRING) ELSE regexp_replace(`val`, '^([^@])+', '***') END;

-- own_region
CREATE OR REPLACE FUNCTION `main`.`grantc`.`grantc_own_region`(`a1` STRING) RETURNS BOOLEAN COMMENT 'grantc: it\'s; own_region' RETURN is_account_group_member('x') OR EXISTS (SELECT 1 FROM `main`.`grantc`.`entitlements` AS `e` WHERE `e`.`account` = session_user() AND `e`.`value` = `a1`);
