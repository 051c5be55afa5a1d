#!/usr/bin/env python
"""Django's command line. A wrong environment is said in one sentence, without a traceback."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "incidentportal.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Incident Portal cannot start: {error}")
    except (OperationalError, ProgrammingError) as error:
        advice = "Check DATABASE_URL, and run python manage.py migrate"
        sys.exit(f"The database does not answer, or is not ready. {advice}. ({str(error).strip().splitlines()[0]})")
