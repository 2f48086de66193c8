"""Offices, their clients, their people, what is agreed and switched on."""
