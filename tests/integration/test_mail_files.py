"""Without a mail server each mail is a file of its own."""

from email import message_from_bytes

from django.core import mail


def test_each_mail_is_one_file(mail_folder):
    for number in range(30):
        mail.send_mail(f"Mail {number}", "Text", "from@example.org", ["to@example.org"])

    written = [message_from_bytes(file.read_bytes())["Subject"] for file in mail_folder.glob("*.eml")]

    assert sorted(written) == sorted(f"Mail {number}" for number in range(30))
