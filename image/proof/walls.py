"""What each service can reach, asked from where it is: its own mounts, its own network, its own user."""

from collections.abc import Iterator

from image.proof.machine import Answer, Machine, ProofFailed

DATA = "/var/lib/linekeeper"

_SEEN = {"recorder": "intake live run spool", "web": "run", "front": "run tls"}
"""What lies in the data folder for each; the keeper sees it all."""

_WRITABLE = {
    "recorder": {f"{DATA}/live", f"{DATA}/run", f"{DATA}/spool"},
    "keeper": {f"{DATA}/{name}" for name in ("health", "intake", "run", "spool", "tls", "updates/incoming", "vault")},
    "web": {f"{DATA}/run"},
    "front": {f"{DATA}/run"},
}
_SCRATCH = {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"}  # noqa: S108  # private to the service, or in memory


# Only mounts that may be written to at all: the rest are most of the files, and nothing in them is.
_SEARCH = """
while read -r _ mount _ options _; do
    case "$mount,$options" in
    /proc,* | /proc/* | /sys,* | /sys/*) ;;
    *,rw | *,rw,*) find "$mount" -xdev -type d -writable 2>/dev/null ;;
    esac
done </proc/self/mounts
true"""


def as_service(machine: Machine, service: str, command: str) -> Answer:
    """Run a command as a service's user among its mounts and in its network."""
    user = f"linekeeper-{service}"
    main = f"$(systemctl show --property MainPID --value {user}.service)"
    become = f"setpriv --reuid={user} --regid={user} --init-groups --bounding-set=-all --no-new-privs"
    quoted = command.replace("'", "'\\''")
    return machine.run(f"nsenter --target {main} --mount --net -- {become} sh -c '{quoted}'")


def check_walls(machine: Machine) -> Iterator[str]:
    """Try what must not work, and yield in words what did not.

    Raises:
        ProofFailed: it worked.
    """
    for service in _WRITABLE:
        yield from _check_writing(machine, service)
        interfaces = as_service(machine, service, "ls /proc/self/net/dev && tail -n +3 /proc/self/net/dev").out
        if "eth" in interfaces or "en" in interfaces.replace("/net/dev", ""):
            raise ProofFailed(f"{service} has a network: {interfaces}")
        yield f"{service} has no network"
    for service, expected in _SEEN.items():
        seen = " ".join(as_service(machine, service, f"ls {DATA}").out.split())
        if seen != expected:
            raise ProofFailed(f"{service} finds “{seen}” in the data folder, not “{expected}”.")
        yield f"{service} finds only {expected} of the data"
    yield from _check_reading(machine)


def _check_writing(machine: Machine, service: str) -> Iterator[str]:
    found = as_service(machine, service, _SEARCH).out.split()
    tops = {path for path in found if not any(path.startswith(f"{other}/") for other in found)}
    surplus = tops - _WRITABLE[service] - _SCRATCH - {f"/run/linekeeper/{service}"}  # its run folder's other name
    missing = {path for path in _WRITABLE[service] if path not in tops}
    if surplus or missing:
        raise ProofFailed(f"{service} can write to {sorted(surplus)}, and cannot write to {sorted(missing)}.")
    yield f"{service} can write to {', '.join(sorted(_WRITABLE[service]))} and nowhere else"


def _check_reading(machine: Machine) -> Iterator[str]:
    for service in ("recorder", "web", "front"):
        user = f"linekeeper-{service}"
        for path in (f"{DATA}/vault", f"{DATA}/tls"):
            # Even among everybody's mounts: the modes alone must do.
            answer = machine.run(f"setpriv --reuid={user} --regid={user} --init-groups ls {path}")
            if answer.code == 0:
                raise ProofFailed(f"{user} can read {path}.")
        yield f"{service} may not look into the vault or at the site's key, whatever its mounts"
    spool = machine.run(f"setpriv --reuid=linekeeper-web --regid=linekeeper-web --init-groups ls {DATA}/spool")
    if spool.code == 0:
        raise ProofFailed("linekeeper-web can read the spool.")
    yield "web may not look into the spool"
