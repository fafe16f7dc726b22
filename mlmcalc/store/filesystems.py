"""Which file system a folder is on: SQLite's write-ahead log needs shared memory, which a network drive has not."""

from __future__ import annotations

import os
from pathlib import Path

from mlmcalc.errors import EnvironmentRefused, Finding

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "9p", "afs", "coda", "ceph", "glusterfs", "lustre", "beegfs"}
    | {"gpfs", "ocfs2", "gfs2", "vboxsf", "virtiofs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs"}
    | {"fuse.rclone", "fuse.gcsfuse", "fuse.davfs", "davfs"}
)


def refuse_network_drive(folder: Path) -> None:
    """Refuse to keep a SQLite database on a network drive.

    Raises
    ------
    EnvironmentRefused
        ``store.network_drive``.
    """
    kind = file_system_of(folder)
    if kind in NETWORK:
        message = f"this folder is on a network drive ({kind}), where SQLite loses what two computers write at once."
        remedy = "Keep the store on a local disk, or name a PostgreSQL database under store: url: in company.yaml."
        raise EnvironmentRefused(Finding("store.network_drive", message, remedy, file=str(folder)))


def file_system_of(folder: Path) -> str:
    """Return the kind of file system of a folder, as Linux names it; empty on other systems.

    Where the folder is not there yet, the nearest that is counts.
    """
    try:
        lines = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    place = os.path.realpath(folder)
    longest, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        mounted = _plain(before.split(" ")[4])
        inside = place == mounted or place.startswith(mounted.rstrip("/") + "/")
        # Of two on the same place the later one hides the other.
        if inside and len(mounted) >= longest:
            longest, kind = len(mounted), after.split(" ")[0]
    return kind


def _plain(text: str) -> str:
    # The kernel writes blanks and backslashes as octal numbers.
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
