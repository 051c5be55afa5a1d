"""A few incidents that are open when a demo begins, so that its lists are not empty."""

from sandbox.account import reference
from sandbox.api.creation import open_incident
from sandbox.api.updates import set_status
from sandbox.escalation import catch_up, show_in_service
from sandbox.world import World

# minutes ago, service, title, urgency, priority, who acknowledged it after how many minutes
_INCIDENTS: list[tuple[int, str, str, str, str | None, tuple[str, int] | None]] = [
    (26 * 60, "Reviews", "Ratings are shown twice on some products", "low", "P4", ("Priya Raghunathan", 45)),
    (190, "Kafka", "Consumer lag on topic orders.created", "high", "P3", ("李伟 Li Wei", 3)),
    (42, "Returns", "Return labels are printed without an address", "high", None, None),
    (7, "VPN", "New connections time out", "high", "P2", None),
]


def open_demo_incidents(world: World) -> None:
    """Open each at its own time in the past, with all the paging that has happened since."""
    with world.lock:
        ada = world.account.users[0]
        for age, service, title, urgency, priority, acknowledged in _INCIDENTS:
            incident = {
                "title": title,
                "urgency": urgency,
                "service": {"id": world.account.named("services", service)["id"]},
            }
            if priority:
                incident["priority"] = {"id": world.account.named("priorities", priority)["id"]}
            world.clock.advance(minutes=-age)
            row = open_incident(world, incident, ada)
            if acknowledged:
                name, later = acknowledged
                world.clock.advance(minutes=later)
                person = reference(world.account.named("users", name))
                set_status(world, row, "acknowledged", person, world.clock.now())
                show_in_service(world, row)
                world.clock.advance(minutes=-later)
            world.clock.advance(minutes=age)
        catch_up(world)
