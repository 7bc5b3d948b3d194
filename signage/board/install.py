"""What a bare Debian or Raspberry Pi OS (Bookworm, no desktop) needs to be a board from power-on: as files.

An X server with nothing in it but the kiosk, on a console of its own, started by systemd for a user
who may do nothing else; sync beside it. Files only: the commands that make them work are told to the
person. Not run by us on a machine of its own; `systemd-analyze verify` reads the units in a test.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import durable

PACKAGES = ("xserver-xorg-core", "xserver-xorg-legacy", "xinit", "xauth", "x11-xserver-utils")
WATCHDOG_S = 30  # seconds without a verified frame after which systemd starts the session anew
USER = "bangtin"

_KIOSK = """\
# Bảng Tin: chiếu, và nhìn cửa sổ đang hiện. Made by `bangtin board install`.
[Unit]
Description=Bang Tin: player and witness of this board
After=systemd-user-sessions.service systemd-tmpfiles-setup.service
ConditionPathExists=/dev/tty0
# Never given up: the kiosk itself slows down when starting anew does not help.
StartLimitIntervalSec=0

[Service]
Type=notify
# startx is the main process; the kiosk, below it, is who speaks.
NotifyAccess=all
User={user}
WorkingDirectory={folder}
RuntimeDirectory=bangtin
RuntimeDirectoryMode=0700
Environment=HOME=/run/bangtin XAUTHORITY=/run/bangtin/.Xauthority
ExecStart=/usr/bin/startx {program} board kiosk --dir {folder} -- :0 vt7 -keeptty -nolisten tcp -nocursor -s 0
Restart=always
RestartSec=5
# Fed only after a look that found what should be on the screen.
WatchdogSec={watchdog}
TimeoutStartSec=90
TimeoutStopSec=15
KillMode=control-group
# The player and the X server have no business on a network.
IPAddressDeny=any
ProtectHome=yes
ProtectSystem=full
ProtectControlGroups=yes
# The X server below is started by a set-user-id program: what takes new privileges away would keep it from starting.
CapabilityBoundingSet=~CAP_SYS_MODULE CAP_SYS_BOOT CAP_SYS_TIME CAP_SYS_PTRACE CAP_NET_ADMIN CAP_NET_RAW
CapabilityBoundingSet=~CAP_NET_BIND_SERVICE CAP_MAC_ADMIN CAP_MAC_OVERRIDE CAP_AUDIT_CONTROL CAP_AUDIT_READ CAP_BPF
OOMScoreAdjust=-500

[Install]
WantedBy=multi-user.target
"""
_SYNC = """\
# Bảng Tin: lấy nội dung, gửi báo cáo; tiến trình duy nhất dùng mạng. Made by `bangtin board install`.
[Unit]
Description=Bang Tin: fetch publications and report
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
User={user}
ExecStart={program} board sync --dir {folder} --watch
Restart=always
RestartSec=10
ReadWritePaths={folder}
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# Sync asks the kernel whether the clock is kept right (it cannot set it): so no ProtectClock either.
SystemCallFilter=adjtimex clock_adjtime
MemoryMax=256M

[Install]
WantedBy=multi-user.target
"""
_WRAPPER = """\
# Made by `bangtin board install`: lets the unit of a user without a login start the X server.
allowed_users=anybody
needs_root_rights=yes
"""
_XORG = """\
# Made by `bangtin board install`: nothing blanks the screen, no keyboard or mouse changes it.
Section "ServerFlags"
    Option "BlankTime" "0"
    Option "StandbyTime" "0"
    Option "SuspendTime" "0"
    Option "OffTime" "0"
    Option "DontZap" "true"
    Option "DontVTSwitch" "true"
    Option "AutoAddDevices" "false"
EndSection
"""
_SYSUSERS = """\
# Made by `bangtin board install`.
u {user} - "Bang Tin kiosk" {folder}
m {user} video
m {user} render
"""
_TMPFILES = """\
# Made by `bangtin board install`: the board's folder belongs to its user, also after a command run as root.
d {folder} 0750 {user} {user} -
Z {folder} - {user} {user} -
"""
_FILES = {
    "/etc/systemd/system/bangtin-kiosk.service": _KIOSK,
    "/etc/systemd/system/bangtin-sync.service": _SYNC,
    "/etc/sysusers.d/bangtin.conf": _SYSUSERS,
    "/etc/tmpfiles.d/bangtin.conf": _TMPFILES,
    "/etc/X11/Xwrapper.config": _WRAPPER,
    "/etc/X11/xorg.conf.d/10-bangtin.conf": _XORG,
}


@dataclass(frozen=True)
class Plan:
    """Which files, with which text, by absolute path; and what to type afterwards."""

    files: dict[str, str]
    commands: tuple[str, ...]


def plan(folder: Path, program: Path) -> Plan:
    """For the board in `folder`, run by `program`; both absolute and without characters that systemd reads."""
    values = {"folder": folder, "program": program, "user": USER, "watchdog": WATCHDOG_S}
    return Plan(
        {path: text.format_map(values) for path, text in _FILES.items()},
        (
            f"apt-get install --no-install-recommends {' '.join(PACKAGES)}",
            "systemd-sysusers",
            "systemd-tmpfiles --create",
            "systemctl daemon-reload",
            "systemctl enable --now bangtin-sync bangtin-kiosk",
        ),
    )


def write(made: Plan, root: Path) -> None:
    """Put the files below `root`. Raises `OSError`."""
    for path, text in made.files.items():
        durable.write(root / path.lstrip("/"), text.encode())
