-- grantc: grants

-- shop
GRANT `roles/bigquery.dataViewer` ON VIEW `acme.grantc.customers` TO 'user:bob@acme.example', 'group:shop@acme.example';
