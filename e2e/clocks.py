"""Clocks that can be set, one for each process, where this machine has a C compiler (`clock.c` is preloaded)."""

import shutil
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent / "clock.c"


class Clocks:
    """The clocks of all processes of a run. `environment` gives a process its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.library = folder, folder / "clock.so"
        command = ["cc", "-shared", "-fPIC", "-o", str(self.library), str(SOURCE)]
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603  (our own words)

    @staticmethod
    def can_be_set() -> bool:
        return shutil.which("cc") is not None

    def environment(self, name: str) -> dict[str, str]:
        self.set(name, 0)
        return {"LD_PRELOAD": str(self.library), "PORTAL_CLOCK": str(self._path(name))}

    def set(self, name: str, minutes: int) -> None:
        """From now on this process is so much ahead, or behind. Its file is mapped, so it is never cut short."""
        with self._path(name).open("r+b" if self._path(name).exists() else "wb") as file:
            file.write(struct.pack("=q", minutes * 60))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.clock"
