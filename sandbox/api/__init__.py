"""PagerDuty's calls, and the rules that they follow."""
