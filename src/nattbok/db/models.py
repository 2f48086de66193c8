"""No tables; the module is here because migrate passes over an app without one, and with it the guards."""
