-- grantc: grants

-- shop
GRANT SELECT ON OBJECT::[grantc].[customers] TO [grantc_shop]
GO

-- shop
EXEC sp_addrolemember N'grantc_shop', N'bob'
GO
