"""The local mailbox: real mail in, links and tokens out."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.core.embedded.environment import EnvironmentFile
from tests import mailbox as module
from tests.mailbox import Mailbox, MailServer, NoSuchMail


def _send(server: MailServer, to: str, subject: str, text: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", to, subject
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.send_message(message)


def test_gives_the_token_of_the_link_in_a_mail(mail_server: MailServer) -> None:
    link = "http://127.0.0.1:8000/verify#token=aB-_9"
    _send(mail_server, "alice@x.example", "Grüße: confirm", f"Follow {link}\nBye")
    mail = mail_server.mailbox.wait_for("alice@x.example", subject="confirm")
    assert (mail.link, mail.token) == (link, "aB-_9")
    assert mail.find(r"Follow (http)") == "http"


async def test_waits_only_for_mails_to_come(mail_server: MailServer) -> None:
    box = mail_server.mailbox
    _send(mail_server, "olga@x.example", "first", "1")
    first = await box.arrival("olga@x.example")
    with pytest.raises(NoSuchMail, match=r"no mail to olga@x\.example in 0 s"):
        box.wait_for("olga@x.example", after=first.number, within=0)
    _send(mail_server, "olga@x.example", "second", "2")
    second = await box.arrival("olga@x.example", after=first.number)
    assert (second.number, second.subject) == (first.number + 1, "second")


def test_names_the_mails_that_came_instead(mail_server: MailServer) -> None:
    _send(mail_server, "victor@x.example", "invoice", "1")
    with pytest.raises(NoSuchMail, match=r"victor@x\.example.*invoice"):
        mail_server.mailbox.wait_for("mallory@x.example", within=0)


def test_runs_in_the_background_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCAL", tmp_path)
    directory = tmp_path / "mailbox"
    assert "the mailbox runs on port" in module.up(directory)
    url = EnvironmentFile(tmp_path / "dev.env").read()["SMTP_URL"]
    port = int(url.rsplit(":", 1)[1])
    assert f"port {port}" in module.up(directory)
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@x.example", ["hidden@x.example"], "Subject: hi\r\n\r\nhello")
    assert Mailbox(directory).wait_for("hidden@x.example").text.strip() == "hello"
    assert "subject  hi" in module.show(directory)
    assert module.down(directory) == "the mailbox stopped"
    assert module.down(directory) == "the mailbox was not running"
