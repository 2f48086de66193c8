"""`nattbok serve`: the pages, on waitress.

TLS is a proxy's work: with NATTBOK_TLS=1 the proxy on --proxy is believed when it says where a request
came from and that it came encrypted. Nobody else is.
"""

import argparse
import os
import signal
import sys

THREADS = 8


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the `nattbok` command's subparsers."""
    parser = subparsers.add_parser(
        "serve",
        help="serve the pages",
        description="Serve the pages until stopped. Other names than localhost are allowed by NATTBOK_HOSTS.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on (8000); 0 takes any")
    parser.add_argument("--proxy", default="127.0.0.1", help="the TLS proxy's address (with NATTBOK_TLS=1)")
    parser.set_defaults(run=run)


def server(host: str, port: int, *, proxy: str = "127.0.0.1"):
    """A waitress server that listens and is not yet running; Django is set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nattbok.site.settings")
    import waitress
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from nattbok.site.catalogs import compile_all

    compile_all()
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    behind_proxy = {
        "trusted_proxy": proxy,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        "trusted_proxy_count": 1,
    }
    return waitress.create_server(
        get_wsgi_application(),
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=settings.LARGEST_REQUEST,
        **(behind_proxy if settings.IS_BEHIND_TLS else {}),
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted or told to end; 0 then, and 1 when the address cannot be had."""
    try:
        waiting = server(arguments.host, arguments.port, proxy=arguments.proxy)
    except OSError as error:
        print(f"{arguments.host}:{arguments.port} cannot be listened on: {error}", file=sys.stderr)
        return 1
    from nattbok.documents.actions import looking

    looking.serve()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = getattr(waiting, "effective_port", arguments.port)
    print(f"Nattbok is on http://{arguments.host}:{port}/ (Ctrl-C stops it)", flush=True)
    waiting.run()
    return 0
