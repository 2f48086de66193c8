"""The app that comes last, so that all tables are there when the guards are installed."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class DatabaseConfig(AppConfig):
    """Installs the guards after every migrate, and refuses a login that would pass them."""

    name = "nattbok.db"
    label = "db"

    def ready(self) -> None:
        from nattbok.db import guards, scope

        post_migrate.connect(guards.install, sender=self, dispatch_uid="nattbok guards")
        connection_created.connect(guards.refuse_superuser, dispatch_uid="nattbok refuse superuser")
        connection_created.connect(scope.remember, dispatch_uid="nattbok remember scope")
