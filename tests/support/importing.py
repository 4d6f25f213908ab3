"""What an editor does to import files in the admin."""

from django.core.files.uploadedfile import SimpleUploadedFile

PAGE = "/admin/trends/trend/import/"


def upload(client, content: bytes, name: str = "a.yaml"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content)}, follow=True)


def agree(client, response, **data):
    return client.post(response.request["PATH_INFO"], {"_import": "on", **data}, follow=True)


def messages(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]
