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
    """What `manage.py check` says in this environment."""
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr.strip()


def test_a_sound_environment_starts() -> None:
    assert check({})[0] == 0


WRONG = [
    ({"SECRET_KEY": ""}, "SECRET_KEY is not set."),
    ({"SECRET_KEY": "short"}, "SECRET_KEY is too weak."),
    ({"SECRET_KEY": "insecure-secret-for-development-only"}, "SECRET_KEY is too weak."),
    ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set."),
    ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS has '*'. Write host names"),
    ({"ALLOWED_HOSTS": "."}, "ALLOWED_HOSTS has '.'. Write host names"),
    ({"ALLOWED_HOSTS": "https://a.example"}, "ALLOWED_HOSTS has 'https://a.example'. Write host names"),
    ({"PAGERDUTY_API_URL": "https://api.pagerduty.com/incidents"}, "Write an address such as https://api.pagerduty"),
    ({"PAGERDUTY_API_TOKEN_FILE": "/dev/null"}, "PAGERDUTY_API_TOKEN_FILE names '/dev/null', which is empty."),
    ({"PAGERDUTY_API_URL": ""}, "PAGERDUTY_API_URL is not set."),
    ({"PAGERDUTY_API_URL": "http://api.pagerduty.com"}, "With DEBUG off it must begin with https://."),
    ({"PAGERDUTY_API_URL": "api.pagerduty.com"}, "PAGERDUTY_API_URL is 'api.pagerduty.com'. Write an address such as"),
    ({"PAGERDUTY_API_URL": "https://[x"}, "which is not an address."),
    ({"PAGERDUTY_API_TOKEN": ""}, "PAGERDUTY_API_TOKEN is not set."),
    ({"PAGERDUTY_API_TOKEN": "two\nlines"}, "PAGERDUTY_API_TOKEN has a space or a line break in it, or"),
    ({"PAGERDUTY_API_TOKEN_FILE": "/nowhere"}, "PAGERDUTY_API_TOKEN_FILE names '/nowhere', which cannot be read"),
    ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'. Write on or off."),
    ({"DELIVERY_WINDOW_MINUTES": "0"}, "DELIVERY_WINDOW_MINUTES is '0'. Write a whole number from 1 to 1440."),
    ({"DIRECTORY_MAX_AGE_MINUTES": "x"}, "DIRECTORY_MAX_AGE_MINUTES is 'x'. Write a whole number"),
    ({"PAGERDUTY_MAX_ASSIGNEES": "²"}, "PAGERDUTY_MAX_ASSIGNEES is '²'. Write a whole number"),
    ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with sqlite:/// or postgres://."),
    ({"CACHE_URL": "memcached://x"}, "CACHE_URL must be locmem:// or begin with redis://."),
]


@pytest.mark.parametrize(("changes", "sentence"), WRONG)
def test_a_wrong_value_is_said_in_a_sentence(changes: dict[str, str], sentence: str) -> None:
    status, said = check(changes)
    assert status == 1
    assert said.startswith("Incident Portal cannot start: ")
    assert sentence in said
    assert "Traceback" not in said


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("abcdefghij0123456789\n", encoding="utf-8")
    assert check({"PAGERDUTY_API_TOKEN": "", "PAGERDUTY_API_TOKEN_FILE": str(path)})[0] == 0
