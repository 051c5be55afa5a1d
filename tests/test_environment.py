"""A wrong environment stops the start with a sentence that names the variable."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GOOD = {
    "SECRET_KEY": "k" * 40,
    "ALLOWED_HOSTS": "portal.example.com",
    "PAGERDUTY_API_URL": "https://api.pagerduty.com",
    "PAGERDUTY_API_TOKEN": "abcdefghij0123456789",
    "DEBUG": "off",
    "ENV_FILE": os.devnull,
}


def check(changes: dict[str, str]) -> tuple[int, str]:
    """The exit status of `manage.py check` in this environment, and what it writes to stderr."""
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr.strip()


def test_a_sound_environment_starts() -> None:
    assert check({})[0] == 0


SECRET_KEY_IS_WEAK = "SECRET_KEY is too weak. With DEBUG off, give at least 32 random characters."
HOST_NAMES = "Write host names, such as portal.example.com; not *."
ADDRESS = "Write an address such as https://api.pagerduty.com."
HTTPS = "It must begin with https://. Plain http is only for this machine, with DEBUG on."
NO_TOKEN = "PAGERDUTY_API_TOKEN contains a space, a line break or a character that no token has."
UNREADABLE = "can't be read ([Errno 2] No such file or directory: '/nowhere')."
WRONG = [
    ({"SECRET_KEY": ""}, not_set := "SECRET_KEY is not set. Set it in the environment or in .env (see .env.example)."),
    ({"SECRET_KEY": "short"}, SECRET_KEY_IS_WEAK),
    ({"SECRET_KEY": "insecure-secret-for-development-only"}, SECRET_KEY_IS_WEAK),
    ({"ALLOWED_HOSTS": ""}, not_set.replace("SECRET_KEY", "ALLOWED_HOSTS")),
    ({"ALLOWED_HOSTS": "*"}, f"ALLOWED_HOSTS contains '*'. {HOST_NAMES}"),
    ({"ALLOWED_HOSTS": "."}, f"ALLOWED_HOSTS contains '.'. {HOST_NAMES}"),
    ({"ALLOWED_HOSTS": "https://a.example"}, f"ALLOWED_HOSTS contains 'https://a.example'. {HOST_NAMES}"),
    ({"PAGERDUTY_API_URL": ""}, not_set.replace("SECRET_KEY", "PAGERDUTY_API_URL")),
    ({"PAGERDUTY_API_URL": "api.pagerduty.com"}, f"PAGERDUTY_API_URL is 'api.pagerduty.com'. {ADDRESS}"),
    ({"PAGERDUTY_API_URL": "https://a.example/x"}, f"PAGERDUTY_API_URL is 'https://a.example/x'. {ADDRESS}"),
    ({"PAGERDUTY_API_URL": "https://[x"}, "PAGERDUTY_API_URL is 'https://[x', which is not an address."),
    ({"PAGERDUTY_API_URL": "http://a.example"}, f"PAGERDUTY_API_URL is 'http://a.example'. {HTTPS}"),
    ({"PAGERDUTY_API_URL": "http://127.0.0.1"}, f"PAGERDUTY_API_URL is 'http://127.0.0.1'. {HTTPS}"),
    ({"DEBUG": "on", "PAGERDUTY_API_URL": "http://a.example"}, f"PAGERDUTY_API_URL is 'http://a.example'. {HTTPS}"),
    ({"PAGERDUTY_API_TOKEN": ""}, not_set.replace("SECRET_KEY", "PAGERDUTY_API_TOKEN")),
    ({"PAGERDUTY_API_TOKEN": "two\nlines"}, NO_TOKEN),
    ({"PAGERDUTY_API_TOKEN": "tökens"}, NO_TOKEN),
    ({"PAGERDUTY_API_TOKEN_FILE": "/nowhere"}, f"PAGERDUTY_API_TOKEN_FILE names '/nowhere', which {UNREADABLE}"),
    ({"PAGERDUTY_API_TOKEN_FILE": "/dev/null"}, "PAGERDUTY_API_TOKEN_FILE names '/dev/null', which is empty."),
    ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'. Write on or off."),
    ({"DELIVERY_WINDOW_MINUTES": "0"}, "DELIVERY_WINDOW_MINUTES is '0'. Write a whole number from 1 to 1440."),
    ({"DIRECTORY_MAX_AGE_MINUTES": "x"}, "DIRECTORY_MAX_AGE_MINUTES is 'x'. Write a whole number from 1 to 1440."),
    ({"PAGERDUTY_MAX_ASSIGNEES": "²"}, "PAGERDUTY_MAX_ASSIGNEES is '²'. Write a whole number from 1 to 20."),
    ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with sqlite:/// or postgres://."),
    ({"CACHE_URL": "memcached://x"}, "CACHE_URL must be locmem:// or begin with redis://."),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_a_wrong_value_stops_the_start_with_a_sentence(changes: dict[str, str], sentence: str) -> None:
    assert check(changes) == (1, f"Incident Portal cannot start: {sentence}")


@pytest.mark.parametrize(
    "changes",
    [
        {"DEBUG": "on", "PAGERDUTY_API_URL": "http://127.0.0.1:8001"},
        {"DEBUG": "on", "PAGERDUTY_API_URL": "http://[::1]:8001/"},
        {"REHEARSAL_API_URL": "http://sandbox.internal.example:8001"},
    ],
)
def test_plain_http_is_accepted_where_no_real_token_leaves_this_machine(changes: dict[str, str]) -> None:
    assert check(changes)[0] == 0


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("abcdefghij0123456789\n", encoding="utf-8")
    assert check({"PAGERDUTY_API_TOKEN": "", "PAGERDUTY_API_TOKEN_FILE": str(path)})[0] == 0
