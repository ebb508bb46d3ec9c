-- grantc: grants

-- shop
GRANT USAGE ON SCHEMA "grantc" TO ROLE "grantc_shop";

-- shop
GRANT SELECT ON TABLE "grantc"."customers" TO ROLE "grantc_shop";

-- shop
GRANT ROLE "grantc_shop" TO "bob";
