"""What `make run` does: prepare everything, start it, say how to use it, and end all of it together.

If PAGERDUTY_API_URL is not set, it starts a sandbox account, and creates a demo user in a database of its own.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sandbox import TOKEN  # noqa: E402

RUN = Path(os.environ.get("RUN_DIR", ROOT / ".run"))
MANAGE = [sys.executable, str(ROOT / "manage.py")]
Children = dict[str, "subprocess.Popen[bytes]"]
DEMO = {"name": "ada", "email": "ada@example.com", "password": "demo-ada-byron"}


def main() -> int:
    environ.Env.read_env(os.environ.get("ENV_FILE", ROOT / ".env"))
    port = port_from_environment()
    is_demo = not (os.environ.get("PAGERDUTY_API_URL") or os.environ.get("PAGERDUTY_API_URL_FILE"))
    children: Children = {}
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, interrupt)
    try:
        RUN.mkdir(parents=True, exist_ok=True)
        if is_demo:
            start_sandboxes(children)
        manage("migrate", "-v0")
        print("Filling the directory …", flush=True)
        manage("sync_directory", is_needed=is_demo)
        if is_demo:
            make_demo_user()
        if os.environ.get("DEBUG") != "on":
            manage("collectstatic", "--noinput", "-v0")
        serve = ["gunicorn", "incidentportal.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
        children["web"] = start("web", "-m", *serve, "--workers", "1")
        children["worker"] = start("worker", "manage.py", "worker")
        wait_for(f"http://127.0.0.1:{port}/login/", children)
        greet(port, is_demo)
        return wait_for_end(children)
    except KeyboardInterrupt:
        return 0
    finally:
        end(children)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def port_from_environment() -> int:
    """PORT; exits with a sentence if it is not a port, or is in use."""
    text = os.environ.get("PORT", "8000")
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536):
        sys.exit(f"PORT is {text!r}. Write a number from 1 to 65535.")
    if not is_free(int(text)):
        sys.exit(f"Port {text} is in use. Choose another one: PORT={int(text) % 65535 + 1} make run")
    return int(text)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_sandboxes(children: Children) -> None:
    """Two sandbox accounts, one to page and one to rehearse against, and a database for the demo alone."""
    account, rehearsal = free_port(), free_port()
    children["sandbox"] = start("sandbox", "-m", "sandbox", "--port", str(account))
    children["rehearsal"] = start("rehearsal", "-m", "sandbox", "--port", str(rehearsal), "--rehearsal")
    settings = {
        "DEBUG": "on",
        "PAGERDUTY_API_TOKEN": TOKEN,
        "DATABASE_URL": f"sqlite:///{RUN / 'demo.sqlite3'}",
        "PAGERDUTY_API_URL": f"http://127.0.0.1:{account}",
        "REHEARSAL_API_URL": f"http://127.0.0.1:{rehearsal}",
        "no_proxy": "127.0.0.1",
    }
    for name in settings:
        os.environ.pop(f"{name}_FILE", None)  # the demo touches nothing real
    os.environ |= settings
    for url in (f"http://127.0.0.1:{account}/", f"http://127.0.0.1:{rehearsal}/"):
        wait_for(url, children)


def start(name: str, *words: str) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that Ctrl-C reaches it only through us. It writes to its own log."""
    with (RUN / f"{name}.log").open("wb") as log:
        return subprocess.Popen([sys.executable, *words], cwd=ROOT, start_new_session=True, stdout=log, stderr=log)


def manage(*words: str, is_needed: bool = True) -> None:
    """Run a management command. If it fails, print its message; if it is needed, exit."""
    done = subprocess.run([*MANAGE, *words], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        print(without_log_lines(done.stderr), file=sys.stderr)
        if is_needed:
            raise SystemExit(done.returncode)


def without_log_lines(output: str) -> str:
    return "\n".join(line for line in output.splitlines() if " INFO " not in line and " WARNING " not in line)


def make_demo_user() -> None:
    """Ada can log in, page, and open the admin. On a second run she already exists, and the command fails quietly."""
    env = {**os.environ, "DJANGO_SUPERUSER_PASSWORD": DEMO["password"]}
    words = ["createsuperuser", "--noinput", "--username", DEMO["name"], "--email", DEMO["email"]]
    subprocess.run([*MANAGE, *words], cwd=ROOT, env=env, check=False, capture_output=True)


def wait_for(url: str, children: Children) -> None:
    """Until the address answers. If a process ends instead, exit with the end of its log."""
    while not ended(children):
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310  (our own address)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    name = ended(children)[0]
    sys.exit(f"The {name} ended while it started:\n{end_of_log(name)}")


def ended(children: Children) -> list[str]:
    """The names of the processes that have ended."""
    return [name for name, child in children.items() if child.poll() is not None]


def end_of_log(name: str) -> str:
    return "\n".join((RUN / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()[-5:])


def greet(port: int, is_demo: bool) -> None:
    address = f"http://127.0.0.1:{port}/"
    print(f"\nIncident Portal is ready: {address}", flush=True)
    if is_demo:
        print(
            f"  log in as   {DEMO['name']} (or {DEMO['email']})\n"
            f"  password    {DEMO['password']}\n"
            f"  try         {address}incidents/new/?title=Card+payments+fail&service=Checkout+API\n"
            f"  it pages    a sandbox account, nobody real: {os.environ['PAGERDUTY_API_URL']}/\n"
            f"Set PAGERDUTY_API_URL (see .env.example) to page for real.\n",
            flush=True,
        )
    print(f"Logs: {RUN}/. Ctrl-C ends everything.\n", flush=True)


def wait_for_end(children: Children) -> int:
    """Until a process ends by itself; the others cannot do without it."""
    while not ended(children):
        time.sleep(0.5)
    for name in ended(children):
        print(f"The {name} ended; ending the rest. Its log ends:\n{end_of_log(name)}", file=sys.stderr)
    return 1


def end(children: Children) -> None:
    """End everything that we started, and wait until it is gone."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    for child in reversed(children.values()):
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    for child in children.values():
        try:
            child.wait(timeout=8)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


if __name__ == "__main__":
    sys.exit(main())
