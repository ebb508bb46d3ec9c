-- grantc: schema

-- set-up
CREATE SCHEMA IF NOT EXISTS `acme.grantc` OPTIONS(description = 'grantc: views');
