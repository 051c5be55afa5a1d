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

PRESSES = 60  # before a person gives up
PAUSE = (0.3, 1.5)  # seconds before somebody presses again
PATIENCE = 20.0  # seconds that somebody waits for an answer
LOOKS = 200  # how often somebody tries to open a page: longer than any trouble lasts
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


@dataclass(frozen=True)
class Said:
    """What the page of a submission told somebody: "created" with the incident it links to, "none", or "not known"."""

    what: str
    words: str  # its headline and the sentence below
    incident_id: str = ""


@dataclass
class Story:
    """What became of a form, as its author saw it."""

    form: Form
    form_key: str = ""
    submissions: set[str] = field(default_factory=set)  # the ids in the answers; there must be only one
    presses: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0  # seconds until an answer came
    said: list[Said] = field(default_factory=list)  # by the page of the submission, in order


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


LINK = re.compile(r'<a href="[^"]*/([^/"]+)"[^>]* id="incident-link"')
HEADLINE = re.compile(r"<h1[^>]*>(.*?)</h1>\s*<p[^>]*>(.*?)</p>", re.DOTALL)
NONE = re.compile(r"(No|no|No second) (incident|one) was created|Already open")


def read(page: str) -> Said:
    """What the page of a submission says."""
    headline = HEADLINE.search(page)
    words = " ".join(re.sub(r"<[^>]+>", "", " ".join(headline.groups())).split()) if headline else ""
    link = LINK.search(page)
    if link:
        return Said("created", words, link[1])
    return Said("none" if NONE.search(words) else "not known", words)


class Person:
    """One logged-in browser, sent to any of the web processes as a load balancer would."""

    def __init__(self, addresses: list[str], name: str, seed: int = 0) -> None:
        self.addresses, self.name, self.dice = addresses, name, Random(seed)  # noqa: S311  (no secret)
        self.browser = requests.Session()
        self.browser.trust_env = False
        self.second_click = ThreadPoolExecutor(1)
        self.stories: list[Story] = []

    def log_in(self) -> None:
        page = self.get("/login/")
        answers = {"login": self.name, "password": PASSWORD, "csrfmiddlewaretoken": page["csrfmiddlewaretoken"]}
        answer = self.post("/login/", answers, patience=6 * PATIENCE)  # everybody's password is hashed at once
        if answer.status_code != 302:
            raise RuntimeError(f"{self.name} could not log in: status {answer.status_code}")

    def address(self, path: str) -> str:
        return f"{self.dice.choice(self.addresses)}{path}"

    def get(self, path: str) -> dict[str, str]:
        """Open a page, retrying until it opens, and return the values of its form."""
        return Inputs(self.open(path)).found

    def open(self, path: str) -> str:
        for _ in range(LOOKS):
            try:
                answer = self.browser.get(self.address(path), timeout=PATIENCE)
            except requests.RequestException:
                answer = None
            if answer is not None and answer.status_code == 200:
                return answer.text
            self.pause()
        raise RuntimeError(f"{path} did not open in {LOOKS} attempts; the last answer: {answer}")

    def post(self, path: str, answers: dict[str, str], patience: float = PATIENCE) -> requests.Response:
        return self.browser.post(self.address(path), answers, timeout=patience, allow_redirects=False)

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
            self.stories.append(story)
            self.look_at(self.dice.choice(self.stories))
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
        address, page = self.look_at(story)
        if story.form.is_cancelled:
            token = {"csrfmiddlewaretoken": Inputs(page).found.get("csrfmiddlewaretoken", "")}
            try:
                self.post(f"{address}cancel/", token)
            except requests.RequestException:
                story.answers["connection lost"] += 1

    def look_at(self, story: Story) -> tuple[str, str]:
        """Read the page of a submission, and record what it says. Returns its address and the page."""
        address = f"/incidents/{min(story.submissions)}/"
        page = self.open(address)
        story.said.append(read(page))
        return address, page
