"""A disk for SQLite that a power cut can empty of all that was not synced.

SQLite writes through a VFS. This one does what the default one does, and keeps a second copy of each file, the
*platter*, to which writes come only when SQLite asks for a sync. When the process is killed, the platter is what a
machine whose power went would find on the worst of days. (Kinder days, on which some of the rest arrived too, are not
tried, nor are directories that forget a new file.)
"""

import _sqlite3
import ctypes
import os
import shutil
import threading
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any

OK = 0
# SQLITE_OPEN_MAIN_DB and SQLITE_OPEN_WAL: the files that hold the transcripts.
KEPT = 0x100 | 0x80000

# The name stays a pointer: SQLite keeps it, and has hidden more behind its end.
Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
Close = CFUNCTYPE(c_int, c_void_p)
Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class Vfs(Structure):
    """sqlite3_vfs up to xOpen, and the rest of it unseen."""

    _fields_ = [
        ("version", c_int), ("size_of_file", c_int), ("max_pathname", c_int), ("next", c_void_p), ("name", c_char_p),
        ("app_data", c_void_p), ("open", Open), ("rest", c_void_p * 16),
    ]  # fmt: skip


class Methods(Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = [
        ("version", c_int), ("close", Close), ("read", c_void_p), ("write", Write), ("truncate", Truncate),
        ("sync", Sync), ("rest", c_void_p * 13),
    ]  # fmt: skip


class File(Structure):
    _fields_ = [("methods", POINTER(Methods))]


class Platter:
    """The second copy of one file. Several connections of the process may have it open; a sync is for all of them."""

    def __init__(self, source: Path, folder: Path) -> None:
        target = folder / source.name
        target.unlink(missing_ok=True)
        if source.exists():
            # However its last process ended, the machine has stayed up since and written everything.
            shutil.copy(source, target)
        self._descriptor = os.open(target, os.O_RDWR | os.O_CREAT)
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, bytes | None]] = []

    def change(self, offset: int, data: bytes | None) -> None:
        """Note a write, or with None a truncation."""
        with self._lock:
            self._waiting.append((offset, data))

    def sync(self) -> None:
        with self._lock:
            for offset, data in self._waiting:
                if data is None:
                    os.ftruncate(self._descriptor, offset)
                else:
                    os.pwrite(self._descriptor, data, offset)
            self._waiting.clear()


# SQLite holds pointers into these, which Python does not see.
installed: "list[Disk]" = []


class Disk:
    """Install it before the first connection; it becomes SQLite's default VFS in this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._platters: dict[Path, Platter] = {}
        self._open_files: dict[int, tuple[Platter, Any]] = {}
        self._kept: list[Any] = []
        # By the address of what they stand for: SQLite has a table of methods for each kind of file.
        self._methods: dict[int, Methods] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = POINTER(Vfs)
        self._default = library.sqlite3_vfs_find(None).contents
        ours = Vfs.from_buffer_copy(self._default)
        ours.name, ours.open = b"platter", Open(self._open)
        self._kept.append(ours)
        installed.append(self)
        assert library.sqlite3_vfs_register(ctypes.byref(ours), 1) == OK

    def _open(self, vfs: int, name: int | None, file: int, flags: int, out_flags: int) -> int:
        result = self._default.open(ctypes.addressof(self._default), name, file, flags, out_flags)
        if result == OK and name and flags & KEPT:
            path = Path(os.fsdecode(ctypes.string_at(name)))
            with self._lock:
                platter = self._platters.get(path) or self._platters.setdefault(path, Platter(path, self._folder))
                opened = File.from_address(file)
                theirs = opened.methods.contents
                self._open_files[file] = platter, theirs
                address = ctypes.addressof(theirs)
                ours = self._methods.get(address) or self._methods.setdefault(address, self._wrapped(theirs))
                opened.methods = ctypes.pointer(ours)
        return int(result)

    def _wrapped(self, methods: Methods) -> Methods:
        ours = Methods.from_buffer_copy(methods)
        ours.close, ours.write = Close(self._close), Write(self._write)
        ours.truncate, ours.sync = Truncate(self._truncate), Sync(self._sync)
        return ours

    def _close(self, file: int) -> int:
        with self._lock:
            _, methods = self._open_files.pop(file)
        return int(methods.close(file))

    def _write(self, file: int, data: int, size: int, offset: int) -> int:
        platter, methods = self._open_files[file]
        platter.change(offset, ctypes.string_at(data, size))
        return int(methods.write(file, data, size, offset))

    def _truncate(self, file: int, size: int) -> int:
        platter, methods = self._open_files[file]
        platter.change(size, None)
        return int(methods.truncate(file, size))

    def _sync(self, file: int, flags: int) -> int:
        platter, methods = self._open_files[file]
        result = int(methods.sync(file, flags))
        if result == OK:
            platter.sync()
        return result
