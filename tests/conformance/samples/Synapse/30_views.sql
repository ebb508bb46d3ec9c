-- grantc: views

-- emails
CREATE VIEW [grantc].[customers] AS SELECT [t].[id], CASE WHEN IS_ROLEMEMBER(N'grantc_clear') = 1 THEN [t].[email] ELSE CAST(NULL AS VARCHAR(100)) END AS [email] FROM [shop].[customers] AS [t]
GO
