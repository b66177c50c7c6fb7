-- Another one after each change of a product, whichever release makes it: who keeps products in memory sees whether they
-- still are as they were.
CREATE TABLE products_version (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    version uuid    NOT NULL DEFAULT gen_random_uuid()
) WITH (fillfactor = 50);
INSERT INTO products_version DEFAULT VALUES;

CREATE FUNCTION change_products_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE products_version SET version = gen_random_uuid() WHERE one;
    RETURN NULL;
END $$;
CREATE TRIGGER change_products_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON products
    FOR EACH STATEMENT EXECUTE FUNCTION change_products_version();
