-- grantc: views

-- emails
CREATE OR REPLACE VIEW `acme.grantc.customers` OPTIONS(description = 'grantc: emails') AS SELECT t.id, IF(SESSION_USER() IN ('carol@acme.example'), t.email, CAST(NULL AS STRING)) AS email FROM `acme.shop.customers` AS t WHERE EXISTS (SELECT 1 FROM `acme.grantc.entitlements` AS e WHERE e.account = SESSION_USER() AND e.value = t.region);
