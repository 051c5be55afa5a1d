"""Accounts are made by an operator: nobody signs up by themselves to page people."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class NoSignUp(DefaultAccountAdapter):
    """allauth's own behaviour, with the sign-up closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
