-- grantc: grants

-- shop
GRANT USE CATALOG ON CATALOG `main` TO `grantc_shop`;

-- shop
GRANT USE SCHEMA ON SCHEMA `main`.`shop` TO `grantc_shop`;

-- shop
GRANT SELECT ON TABLE `main`.`shop`.`orders` TO `grantc_shop`;
