"""An operator creates accounts: nobody can sign up and start paging people."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class NoSignUp(DefaultAccountAdapter):
    """allauth as it is, with sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
