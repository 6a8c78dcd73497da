"""Every address of the REST API."""

from aiohttp import web

from carrier.local.account import API_VERSION
from carrier.local.keys import NETWORK
from carrier.local.rest import calls, conferences, messages, numbers, participants, queues, recordings
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
        web.get(root + "/Conferences.json", conferences.list_),
        web.get(root + "/Conferences/{sid}.json", conferences.fetch),
        web.post(root + "/Conferences/{sid}.json", conferences.update),
        web.post(root + "/Conferences/{conference}/Participants.json", participants.create),
        web.get(root + "/Conferences/{conference}/Participants.json", participants.list_),
        web.get(root + "/Conferences/{conference}/Participants/{sid}.json", participants.fetch),
        web.post(root + "/Conferences/{conference}/Participants/{sid}.json", participants.update),
        web.delete(root + "/Conferences/{conference}/Participants/{sid}.json", participants.delete),
        web.post(root + "/Queues.json", queues.create),
        web.get(root + "/Queues.json", queues.list_),
        web.get(root + "/Queues/{sid}.json", queues.fetch),
        web.post(root + "/Queues/{sid}.json", queues.update),
        web.delete(root + "/Queues/{sid}.json", queues.delete),
        web.get(root + "/Queues/{sid}/Members.json", queues.list_members),
        web.get(root + "/Queues/{sid}/Members/{member}.json", queues.fetch_member),
        web.post(root + "/Queues/{sid}/Members/{member}.json", queues.dequeue),
        web.get(root + "/Recordings.json", recordings.list_),
        web.get(root + "/Recordings/{sid}.json", recordings.fetch),
        web.delete(root + "/Recordings/{sid}.json", recordings.delete),
        web.get(root + "/Recordings/{sid}.wav", recordings.media),
        web.get(root + "/Recordings/{sid:RE[0-9a-f]{32}}", recordings.media),
        web.get(root + "/Calls/{sid}/Recordings.json", recordings.list_of_call),
        web.get(root + "/Calls/{call}/Recordings/{sid}.json", recordings.fetch_of_call),
        web.delete(root + "/Calls/{call}/Recordings/{sid}.json", recordings.delete),
        web.post(root + "/Messages.json", messages.create),
        web.get(root + "/Messages.json", messages.list_),
        web.get(root + "/Messages/{sid}.json", messages.fetch),
        web.delete(root + "/Messages/{sid}.json", messages.delete),
    ]
