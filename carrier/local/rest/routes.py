"""Every address of the REST API."""

from aiohttp import web

from carrier.local.account import API_VERSION
from carrier.local.keys import NETWORK
from carrier.local.rest import calls, messages, numbers
from carrier.local.rest.shapes import account_path


async def account(request: web.Request) -> web.Response:
    """The account itself: what a client fetches to see whether its credentials are good."""
    sid = request.app[NETWORK].config.account_sid
    body = {
        "sid": sid,
        "owner_account_sid": sid,
        "friendly_name": "Local",
        "status": "active",
        "type": "Full",
        "uri": f"{account_path(sid)}.json",
    }
    return web.json_response(body)


def routes() -> list[web.RouteDef]:
    root = f"/{API_VERSION}/Accounts/{{account}}"
    return [
        web.get(root + ".json", account),
        web.post(root + "/Calls.json", calls.create),
        web.get(root + "/Calls.json", calls.list_),
        web.get(root + "/Calls/{sid}.json", calls.fetch),
        web.post(root + "/Calls/{sid}.json", calls.update),
        web.delete(root + "/Calls/{sid}.json", calls.delete),
        web.get(root + "/Calls/{sid}/Notifications.json", calls.notifications),
        web.post(root + "/IncomingPhoneNumbers.json", numbers.create),
        web.get(root + "/IncomingPhoneNumbers.json", numbers.list_),
        web.get(root + "/IncomingPhoneNumbers/{sid}.json", numbers.fetch),
        web.post(root + "/IncomingPhoneNumbers/{sid}.json", numbers.update),
        web.delete(root + "/IncomingPhoneNumbers/{sid}.json", numbers.delete),
        web.post(root + "/Messages.json", messages.create),
        web.get(root + "/Messages.json", messages.list_),
        web.get(root + "/Messages/{sid}.json", messages.fetch),
        web.delete(root + "/Messages/{sid}.json", messages.delete),
    ]
