-- grantc: where functions stand

-- emails
ALTER TABLE `main`.`shop`.`customers` ALTER COLUMN `email` SET MASK `main`.`grantc`.`grantc_emails_5a5b1dfb`;

-- own_region
ALTER TABLE `main`.`shop`.`orders` SET ROW FILTER `main`.`grantc`.`grantc_own_region` ON (`region`);
