"""Reads of the configuration: services, policies, people, priorities, teams … Source: PagerDuty's API reference."""

from operator import itemgetter

from sandbox.account import Row
from sandbox.account.filters import filter_by_team, filter_by_text, sort_by_name
from sandbox.api.errors import NO_IDENTITY, Refusal, missing_ability, not_found
from sandbox.api.messages import Answer, Call, expanded, paginate
from sandbox.clock import stamp
from sandbox.world import World

_SERVICE_PARTS = {"escalation_policies": ("escalation_policy", "escalation_policies"), "teams": ("teams", "teams")}
_POLICY_PARTS = {"services": ("services", "services"), "teams": ("teams", "teams")}
_USER_PARTS = {"teams": ("teams", "teams")}
_WINDOW_PARTS = {"services": ("services", "services"), "teams": ("teams", "teams"), "users": ("created_by", "users")}


def _listed(world: World, call: Call, rows: list[Row], *columns: str) -> list[Row]:
    """The rows that match the filters that most lists have in common."""
    account, request = world.account, call.request
    return filter_by_text(
        account, filter_by_team(account, rows, request.many("team_ids")), request.one("query"), *columns
    )


def _in_order(world: World, call: Call, rows: list[Row]) -> list[Row]:
    return sort_by_name(world.account, rows, backwards=call.request.one("sort_by") == "name:desc")


def _found(world: World, kind: str, id: str) -> Row:
    row = world.account.find(kind, id)
    if row is None:
        raise not_found()
    return row


def list_services(world: World, call: Call) -> Answer:
    request = call.request
    rows = _listed(world, call, world.account.services, "name")
    if name := request.one("name"):
        rows = [row for row in rows if row["name"] == name]
    answer = paginate(call, "services", _in_order(world, call, rows))
    answer.body["services"] = [_service(world, call, row) for row in answer.body["services"]]
    return answer


def _service(world: World, call: Call, row: Row) -> Row:
    return expanded(world.account, row, call.request.many("include"), _SERVICE_PARTS)


def get_service(world: World, call: Call) -> Answer:
    return Answer({"service": _service(world, call, _found(world, "services", call.args["id"]))})


def list_policies(world: World, call: Call) -> Answer:
    request = call.request
    rows = _listed(world, call, world.account.escalation_policies, "name")
    if wanted := set(request.many("user_ids")):
        rows = [row for row in rows if wanted & {target["id"] for target in _targets(row)}]
    answer = paginate(call, "escalation_policies", _in_order(world, call, rows))
    answer.body["escalation_policies"] = [_policy(world, call, row) for row in answer.body["escalation_policies"]]
    return answer


def _targets(policy: Row) -> list[Row]:
    return [target for rule in policy["escalation_rules"] for target in rule["targets"]]


def _policy(world: World, call: Call, row: Row) -> Row:
    wanted = call.request.many("include")
    rules = row["escalation_rules"]
    if "targets" in wanted:
        kinds = {"user_reference": "users", "schedule_reference": "schedules"}
        rules = [
            {**rule, "targets": [world.account.find(kinds[t["type"]], t["id"]) or t for t in rule["targets"]]}
            for rule in rules
        ]
    if "escalation_rule_assignment_strategies" not in wanted:
        rules = [{key: rule[key] for key in rule if key != "escalation_rule_assignment_strategy"} for rule in rules]
    return {**expanded(world.account, row, wanted, _POLICY_PARTS), "escalation_rules": rules}


def get_policy(world: World, call: Call) -> Answer:
    return Answer({"escalation_policy": _policy(world, call, _found(world, "escalation_policies", call.args["id"]))})


def list_users(world: World, call: Call) -> Answer:
    rows = _listed(world, call, world.account.users, "name", "email")
    answer = paginate(call, "users", rows)
    answer.body["users"] = [_user(world, call, row) for row in answer.body["users"]]
    return answer


def _user(world: World, call: Call, row: Row) -> Row:
    return expanded(world.account, row, call.request.many("include"), _USER_PARTS)


def get_user(world: World, call: Call) -> Answer:
    return Answer({"user": _user(world, call, _found(world, "users", call.args["id"]))})


def get_me(world: World, call: Call) -> Answer:
    """Only a person's own key says who is calling."""
    person = world.account.person(call.caller.email) if call.caller.email else None
    if person is None:
        raise Refusal(400, {"error": NO_IDENTITY})
    return Answer({"user": _user(world, call, person)})


def list_priorities(world: World, call: Call) -> Answer:
    """An account without priorities answers 404. The total is always null."""
    if not world.account.priorities:
        raise not_found()
    return paginate(call, "priorities", world.account.priorities, has_total=False)


def list_teams(world: World, call: Call) -> Answer:
    if "teams" not in world.account.abilities:
        raise missing_ability()
    return paginate(
        call, "teams", filter_by_text(world.account, world.account.teams, call.request.one("query"), "name")
    )


def list_abilities(world: World, call: Call) -> Answer:
    return Answer({"abilities": list(world.account.abilities)})


def list_windows(world: World, call: Call) -> Answer:
    request, now = call.request, stamp(world.clock.now())
    rows = _listed(world, call, world.account.maintenance_windows, "description")
    if wanted := set(request.many("service_ids")):
        rows = [row for row in rows if wanted & {service["id"] for service in row["services"]}]
    is_wanted = {
        "past": lambda row: row["end_time"] <= now,
        "future": lambda row: row["start_time"] > now,
        "ongoing": lambda row: row["start_time"] <= now < row["end_time"],
        "open": lambda row: row["end_time"] > now,
    }.get(request.one("filter"), lambda row: True)
    answer = paginate(call, "maintenance_windows", sorted(filter(is_wanted, rows), key=itemgetter("start_time")))
    found = answer.body["maintenance_windows"]
    answer.body["maintenance_windows"] = [
        expanded(world.account, row, request.many("include"), _WINDOW_PARTS) for row in found
    ]
    return answer


def list_schedules(world: World, call: Call) -> Answer:
    return paginate(call, "schedules", _listed(world, call, world.account.schedules, "name"))
