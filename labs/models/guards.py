from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CREATE = """
CREATE FUNCTION labs_keeps_a_manager() RETURNS trigger AS $$
BEGIN
    -- One after the other: two managers who leave at once would not see each other.
    PERFORM FROM labs_organisation WHERE id = OLD.organisation_id FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (
        SELECT FROM labs_membership
        WHERE organisation_id = OLD.organisation_id AND role = 'manager'
    ) THEN
        RAISE EXCEPTION 'an organisation keeps a manager'
            USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
    END IF;
    RETURN NULL;
END
$$ LANGUAGE plpgsql;
CREATE CONSTRAINT TRIGGER {name}
    AFTER UPDATE OR DELETE ON labs_membership DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'manager')
    EXECUTE FUNCTION labs_keeps_a_manager();
"""
REMOVE = """
DROP TRIGGER {name} ON labs_membership;
DROP FUNCTION labs_keeps_a_manager();
"""


class LastManager(models.BaseConstraint):
    """The last manager of an organisation neither leaves nor steps down.

    A trigger, as no check sees other rows. It looks when the transaction commits, so
    that managers can be exchanged, and an organisation be deleted with its people.
    """

    def create_sql(
        self,
        model: type[models.Model] | None,
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> Any:
        return CREATE.format(name=self.name)

    def remove_sql(
        self,
        model: type[models.Model] | None,
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> Any:
        return REMOVE.format(name=self.name)

    def constraint_sql(
        self,
        model: type[models.Model] | None,
        schema_editor: BaseDatabaseSchemaEditor | None,
    ) -> Any:
        return None  # there is nothing to write into CREATE TABLE

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LastManager):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)

    def validate(self, *_args: Any, **_options: Any) -> None:
        """Leave it to the database, which knows when all is done."""
