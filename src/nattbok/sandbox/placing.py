"""Laying the night's files where a client's bank and senders would lay them."""

import os
from pathlib import Path

from nattbok.sandbox.office import World


def write_files(world: World, root: Path) -> int:
    """Write every file to root/<client number>/<source>/<name>; how many.

    Each is written under a temporary name that begins with a dot and then renamed, so that whoever looks
    into the folder never sees half a file. Folders of sources are made even when nothing lies in them.
    """
    for number, source in world.sources:
        (root / number / source).mkdir(parents=True, exist_ok=True)
    for file in world.files:
        folder = root / file.client / file.source
        unfinished = folder / f".{file.name}.part"
        unfinished.write_bytes(file.data)
        os.replace(unfinished, folder / file.name)
    return len(world.files)
