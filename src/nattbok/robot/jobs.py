"""One queued job per client."""

from procrastinate import App


def ready(app: App) -> None:
    """Called when the app is ready."""
