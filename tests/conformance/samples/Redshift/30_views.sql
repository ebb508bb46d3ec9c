-- grantc: views

-- emails
CREATE OR REPLACE VIEW "grantc"."customers" AS SELECT "t"."id", CASE WHEN user_is_member_of(current_user, 'grantc_clear') THEN "t"."email" ELSE CAST(NULL AS VARCHAR(100)) END AS "email" FROM "shop"."customers" AS "t" WHERE EXISTS (SELECT 1 FROM "grantc"."entitlements" AS "e" WHERE "e"."account" = current_user AND "e"."value" = "t"."region") WITH NO SCHEMA BINDING;
