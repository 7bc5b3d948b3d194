"""The always-on office box (Debian 12 or another Linux with systemd): publish, renew, serve, back up; as files.

Files only: the commands that make them work are told to the person. Not run by us on a machine of its own;
`systemd-analyze` reads the units in a test.
"""

from __future__ import annotations

from pathlib import Path

USER = "bangtin-xa"
CREDENTIAL = "/etc/bangtin/mat-khau-sao-luu"  # the file with the backup's passphrase
_SANDBOX = """\
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
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
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
"""
_NO_NETWORK = "PrivateNetwork=yes\nIPAddressDeny=any\nRestrictAddressFamilies=AF_UNIX\n"
_PUBLISH = """\
# Bảng Tin: phát hành mỗi khi có chữ ký mới, gia hạn chữ ký. Made by `bangtin box install`.
[Unit]
Description=Bang Tin: publish on each approved change, and renew signatures
# Never given up: an emergency may come at any hour.
StartLimitIntervalSec=0

[Service]
User={user}
ExecStart={program} publish --watch --dir {folder}
Restart=always
RestartSec=10
ReadWritePaths={folder}{shared}
# It signs; it has no business on a network.
{alone}{sandbox}
# An officer's Word file is taken apart in a process that limits its own time and memory (`office.drafting.apart`).
# At night it compares itself, in a process that gives way to everything else.
SystemCallFilter=prlimit64 setrlimit setpriority
[Install]
WantedBy=multi-user.target
"""
_RENEW = """\
# Bảng Tin: gia hạn chữ ký dù tiến trình --watch có đứng. Made by `bangtin box install`.
[Unit]
Description=Bang Tin: read everything anew, and renew signatures even if the watching process hangs

[Service]
Type=oneshot
User={user}
ExecStart={program} publish --full --dir {folder}
ReadWritePaths={folder}
{alone}{sandbox}"""
_RENEW_TIMER = """\
# Made by `bangtin box install`.
[Unit]
Description=Bang Tin: renew signatures twice a day

[Timer]
OnCalendar=*-*-* 05:50,17:50
Persistent=yes

[Install]
WantedBy=timers.target
"""
_SERVE = """\
# Bảng Tin: phục vụ trang và bản phát hành, sau nginx. Made by `bangtin box install`.
[Unit]
Description=Bang Tin: serve site and publications to the web server in front
StartLimitIntervalSec=0

[Service]
User={user}
ExecStart={program} serve --dir {folder}
Restart=always
RestartSec=10
ReadWritePaths={folder}/publication
InaccessiblePaths={folder}/keys
RestrictAddressFamilies=AF_INET AF_INET6
{sandbox}
[Install]
WantedBy=multi-user.target
"""
_BACKUP = """\
# Bảng Tin: sao lưu, bảy tệp luân phiên theo thứ trong tuần. Made by `bangtin box install`.
[Unit]
Description=Bang Tin: back up what cannot be made again
RequiresMountsFor={store}

[Service]
Type=oneshot
User={user}
LoadCredential=mat-khau:{secret}
ExecStart=/bin/sh -c 'exec {program} backup {store}/xa-$$(date +%%u).tar --dir {folder} \\
  --passphrase-file $CREDENTIALS_DIRECTORY/mat-khau'
ReadWritePaths={folder}/state {store}
{alone}{sandbox}"""
_BACKUP_TIMER = """\
# Made by `bangtin box install`.
[Unit]
Description=Bang Tin: back up every night

[Timer]
OnCalendar=*-*-* 01:30
Persistent=yes

[Install]
WantedBy=timers.target
"""
_SYSUSERS = """\
# Made by `bangtin box install`.
u {user} - "Bang Tin office" {folder}
"""
_TMPFILES = """\
# Made by `bangtin box install`: the commune's folder belongs to the office's user, also after a command run as root.
Z {folder} - {user} {user} -
d {store} 0700 {user} {user} -
"""
_FILES = {
    "/etc/systemd/system/bangtin-publish.service": _PUBLISH,
    "/etc/systemd/system/bangtin-renew.service": _RENEW,
    "/etc/systemd/system/bangtin-renew.timer": _RENEW_TIMER,
    "/etc/systemd/system/bangtin-serve.service": _SERVE,
    "/etc/systemd/system/bangtin-backup.service": _BACKUP,
    "/etc/systemd/system/bangtin-backup.timer": _BACKUP_TIMER,
    "/etc/sysusers.d/bangtin-box.conf": _SYSUSERS,
    "/etc/tmpfiles.d/bangtin-box.conf": _TMPFILES,
}
COMMANDS = (
    "systemd-sysusers",
    f"install -D -m 0600 /dev/null {CREDENTIAL}   # rồi ghi mật khẩu sao lưu vào tệp này",
    "systemd-tmpfiles --create",
    "systemctl daemon-reload",
    "systemctl enable --now bangtin-publish bangtin-renew.timer bangtin-backup.timer",
    "systemctl enable --now bangtin-serve   # nếu máy này cũng phục vụ trang",
)


def files(folder: Path, store: Path, program: Path, shared: Path | None = None) -> dict[str, str]:
    """Texts by absolute path: the commune in `folder`, backups in `store`; paths without characters systemd reads.

    `shared`: the officers' folder, where it lies elsewhere; a drive that is not mounted stops nothing.
    """
    values = {
        "shared": f" -{shared}" if shared else "",
        "folder": folder, "store": store, "program": program, "user": USER, "secret": CREDENTIAL,
        "sandbox": _SANDBOX, "alone": _NO_NETWORK,
    }  # fmt: skip
    return {path: text.format_map(values) for path, text in _FILES.items()}
