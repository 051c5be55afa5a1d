"""The WSGI application, for gunicorn."""

import logging
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from incidentportal import __version__, pagerduty

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "incidentportal.settings")
application = get_wsgi_application()
pagerduty.limit_waiting(settings.WEB_THREADS)
logging.getLogger(__name__).info("Incident Portal %s: the web process is ready.", __version__)
