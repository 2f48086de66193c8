"""Offices, their clients, their people, what is agreed and switched on."""

from django.apps import AppConfig


class ClientsConfig(AppConfig):
    """Offices, their clients, their people, what is agreed and switched on."""

    name = "nattbok.clients"
    label = "clients"
