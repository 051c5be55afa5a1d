"""People with a browser: they log in, open the form, press the button, and press again if no answer comes."""

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from random import Random

import requests

from e2e.stage import PASSWORD

PRESSES = 30  # before a person gives up
PAUSE = (0.3, 1.5)  # seconds before somebody presses again
PATIENCE = 60.0  # seconds that a browser waits for an answer
SUBMISSION = re.compile(r"/incidents/(?:new/\?again=)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
NEW = "/incidents/new/"


@dataclass(frozen=True)
class Form:
    """What a person is going to submit, and how clumsily."""

    title: str
    service: str
    key: str = ""
    is_doubled: bool = False  # two clicks at once
    is_reloaded: bool = False  # sent again after the answer
    is_cancelled: bool = False  # cancelled right after the answer


@dataclass
class Story:
    """What became of a form, as its author saw it."""

    form: Form
    form_key: str = ""
    submissions: set[str] = field(default_factory=set)  # the ids in the answers; there must be only one
    presses: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0  # seconds until an answer came


class Inputs(HTMLParser):
    """The input fields of a page by name, as a browser would send them back."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("name"):
            self.found.setdefault(str(values["name"]), values.get("value") or "")


class Person:
    """One logged-in browser, sent to any of the web processes as a load balancer would."""

    def __init__(self, addresses: list[str], name: str, seed: int = 0) -> None:
        self.addresses, self.name, self.dice = addresses, name, Random(seed)  # noqa: S311  (no secret)
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.second_click = ThreadPoolExecutor(1)

    def log_in(self) -> None:
        page = self.get("/login/")
        answers = {"login": self.name, "password": PASSWORD, "csrfmiddlewaretoken": page["csrfmiddlewaretoken"]}
        answer = self.post("/login/", answers)
        if answer.status_code != 302:
            raise RuntimeError(f"{self.name} could not log in: status {answer.status_code}")

    def address(self, path: str) -> str:
        return f"{self.dice.choice(self.addresses)}{path}"

    def get(self, path: str) -> dict[str, str]:
        """Open a page, retrying until it opens, and return the values of its form."""
        for _ in range(PRESSES):
            try:
                answer = self.browser.get(self.address(path), timeout=PATIENCE)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code == 200:
                return Inputs(answer.text).found
            self.pause()
        raise RuntimeError(f"{path} did not open in {PRESSES} attempts; the last answer: {answer}")

    def post(self, path: str, answers: dict[str, str]) -> requests.Response:
        return self.browser.post(self.address(path), answers, timeout=PATIENCE, allow_redirects=False)

    def pause(self) -> None:
        time.sleep(self.dice.uniform(*PAUSE))

    def fill_in(self, form: Form) -> Story:
        """Open the form, fill it in, and press until the answer is a submission; then look at it."""
        story, answers = Story(form), self.begin(form)
        story.form_key = answers["form_key"]
        while not story.submissions and story.presses < PRESSES:
            self.press(story, answers)
        if story.submissions and form.is_reloaded:
            self.press(story, answers)
        if story.submissions:
            self.follow(story)
        return story

    def begin(self, form: Form) -> dict[str, str]:
        """Open the form, fill it in, and return what to send."""
        answers = self.get(NEW)
        answers |= {"title": form.title, "service": form.service, "urgency": "high", "incident_key": form.key}
        self.confirm(answers)
        return answers

    def confirm(self, answers: dict[str, str]) -> None:
        """Read the outlook, as the page does, and tick its confirmation. The form works without it."""
        try:
            outlook = self.post(f"{NEW}outlook/", answers)
        except requests.RequestException:
            return
        answers.pop("confirmed", None)
        answers |= {name: value for name, value in Inputs(outlook.text).found.items() if name == "confirmed"}

    def press(self, story: Story, answers: dict[str, str]) -> None:
        """One click, or two at once. Whatever comes back is recorded."""
        story.presses += 1
        twin = self.second_click.submit(self.click, dict(answers)) if story.form.is_doubled else None
        started = time.monotonic()
        seen = [self.click(answers)]
        story.longest = max(story.longest, time.monotonic() - started)
        if twin:
            seen.append(twin.result())
        for outcome in seen:
            found = SUBMISSION.search(outcome)
            story.answers["submission" if found else outcome] += 1
            if found:
                story.submissions.add(found[1])
        if not story.submissions:
            self.pause()
            self.confirm(answers)

    def click(self, answers: dict[str, str]) -> str:
        """Send the form. Returns where it redirects to, or its status, or that the connection was lost."""
        with requests.Session() as tab:
            tab.trust_env = False
            tab.cookies.update(self.browser.cookies)
            try:
                answer = tab.post(self.address(NEW), answers, timeout=PATIENCE, allow_redirects=False)
            except requests.RequestException:
                return "connection lost"
        return answer.headers["Location"] if answer.status_code == 302 else f"status {answer.status_code}"

    def follow(self, story: Story) -> None:
        """Open the submission's page; some people press its cancel button at once."""
        address = f"/incidents/{min(story.submissions)}/"
        page = self.get(address)
        if story.form.is_cancelled:
            token = {"csrfmiddlewaretoken": page.get("csrfmiddlewaretoken", "")}
            try:
                self.post(f"{address}cancel/", token)
            except requests.RequestException:
                story.answers["connection lost"] += 1
