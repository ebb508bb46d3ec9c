-- grantc: schema

-- set-up
CREATE SCHEMA IF NOT EXISTS "grantc";

-- shop
CREATE ROLE "grantc_shop";
