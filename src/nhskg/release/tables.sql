-- The beginning of nhskg.sqlite: what its tables and their columns hold, and the cells that the matrix leaves out.
PRAGMA page_size = 4096;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
BEGIN;
CREATE TABLE about_tables (name TEXT PRIMARY KEY, file TEXT, title TEXT, about TEXT);
CREATE TABLE about_columns ("table" TEXT REFERENCES about_tables, name TEXT, about TEXT, PRIMARY KEY ("table", name));
CREATE VIEW no_text_says AS
SELECT plan.label AS plan, power, matter, plan.id AS plan_id, power_id, matter_id
FROM things AS plan, (SELECT DISTINCT power, matter, power_id, matter_id FROM matrix) AS cell
WHERE plan.kind = 'plan' AND (plan.id, power_id, matter_id) NOT IN (SELECT plan_id, power_id, matter_id FROM matrix);
