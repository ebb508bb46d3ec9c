-- grantc: schema

-- set-up
IF SCHEMA_ID(N'grantc') IS NULL EXEC(N'CREATE SCHEMA [grantc] AUTHORIZATION [dbo]')
GO

-- shop
CREATE ROLE [grantc_shop]
GO
