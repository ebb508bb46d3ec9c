-- grantc: entitlements

-- entitlements
DELETE FROM [grantc].[entitlements]
GO

-- entitlements
INSERT INTO [grantc].[entitlements] ([account], [name], [value]) SELECT N'bob', N'region', N'it''s'
GO
