"""Every conversation, one file each; a line's own menus become a flow named as the line."""

from collections.abc import Mapping

from ivr.flow import Flow
from ivr.flows.campaign import campaign
from ivr.flows.leaving import operator
from ivr.flows.menus import menus_of
from ivr.flows.pin import pin
from ivr.flows.stopping import stopping
from ivr.flows.switchboard import switchboard
from ivr.line import Line


def all_flows(lines: Mapping[str, Line]) -> dict[str, Flow]:
    """The flows by name. Raises FaultyLine where a menu names one that does not exist."""
    flows = {flow.name: flow for flow in (operator, pin, switchboard, stopping, campaign)}
    for line in lines.values():
        flows[line.id] = menus_of(line, flows)
    return flows
