"""The engines that stories are played on, and whose pack is whose."""
import contextlib
import functools
import os
import subprocess

PACKS = {"長岡京市": "nagaokakyo", "中泊町": "nakadomari", "郡山市": "koriyama",
         "沖縄市": "okinawa", "みどり事務サービス": "sapporo"}


def pack_of(name):
    return next(p for n, p in PACKS.items() if n in name)


def body_name(pack):
    return next(n for n, p in PACKS.items() if p == pack)


def psql(info, statement):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", info, "-c",
                    statement], check=True, stdin=subprocess.DEVNULL)


@contextlib.contextmanager
def database(info):
    """A database of its own; yields the store's address."""
    name = f"fumikura_story_{os.getpid()}"
    psql(info, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield f"postgresql:{info} dbname={name}"
    finally:
        psql(info, f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def on_postgresql(kind, info):
    with database(info) as store, kind(store=store) as town:
        yield town


def towns(kind):
    """(engine, what makes a town on it); FUMIKURA_TEST_PG adds PostgreSQL."""
    yield "sqlite", kind
    info = os.environ.get("FUMIKURA_TEST_PG")
    if info:
        yield "postgresql", functools.partial(on_postgresql, kind, info)
