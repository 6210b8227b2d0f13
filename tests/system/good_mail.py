"""Good mail as it comes, each message with its envelope.

The labelled corpora hold little mail of offices, shops, clubs and devices.
These messages were written for this test after the habits of the programs that
send such mail: no text of others stands in them.
"""
import base64
import dataclasses
import email.utils
import time

READER = "anna@muster.example"


@dataclasses.dataclass
class Mail:
    name: str
    client: str     # address of the server that brings it
    helo: str
    sender: str     # of the envelope; "": a bounce
    recipient: str
    raw: bytes


MAILS = []


def add(name, envelope, header, body, recipient=READER):
    """header and body: text, in UTF-8 where nothing else is said, or bytes."""
    helo, client, sender = envelope
    date = email.utils.formatdate(time.time() - 60)
    head = header.strip("\n").replace("@DATE@", date)
    if isinstance(head, str):
        head = head.encode()
    if isinstance(body, str):
        body = body.encode()
    raw = (head + b"\n\n" + body).replace(b"\r\n", b"\n")
    MAILS.append(Mail(name, client, helo, sender, recipient,
                      raw.replace(b"\n", b"\r\n")))


def b64(data, charset="utf-8"):
    if isinstance(data, str):
        data = data.encode(charset)
    return base64.encodebytes(data).decode()


def word(text, charset="utf-8"):
    """An encoded word."""
    return "=?%s?B?%s?=" % (
        charset, base64.b64encode(text.encode(charset)).decode())


def multipart(*parts, boundary="=_part"):
    """Each part: its header lines, a blank line, its body."""
    return "".join("--%s\n%s\n" % (boundary, part)
                   for part in parts) + "--%s--\n" % boundary


PLAIN = "Content-Type: text/plain; charset=utf-8\n" \
        "Content-Transfer-Encoding: 8bit\n\n"
HTML = "Content-Type: text/html; charset=utf-8\n" \
       "Content-Transfer-Encoding: 8bit\n\n"
HTML_BASE64 = "Content-Type: text/html; charset=utf-8\n" \
              "Content-Transfer-Encoding: base64\n\n"
PDF = b64(b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n")


def attached(name, kind="application/pdf", data=PDF,
             disposition="attachment"):
    return ("Content-Type: %s; name=\"%s\"\n"
            "Content-Transfer-Encoding: base64\n"
            "Content-Disposition: %s; filename=\"%s\"\n\n%s" %
            (kind, name, disposition, name, data))


# ---- Devices and programs of the house

add("printer scans to the mailbox it sends from",
    ("SKM-C258", "198.51.100.20", "scanner@muster.example"), """
From: scanner@muster.example
To: scanner@muster.example
Subject: Message from KM_C258
Date: @DATE@
Message-Id: <0A1B2C3D.002@192.168.1.20>
MIME-Version: 1.0
X-Mailer: KONICA MINOLTA bizhub C258
Content-Type: multipart/mixed; boundary="=_part"
""", multipart("Content-Type: text/plain; charset=us-ascii\n"
               "Content-Transfer-Encoding: 7bit\n\n\n",
               attached("SKM_C25826112414000.pdf")),
    "scanner@muster.example")

add("printer scans to a person",
    ("hp4b21c0", "198.51.100.20", "scanner@muster.example"), """
From: "HP LaserJet M428" <scanner@muster.example>
To: anna@muster.example
Subject: Scan from HP LaserJet
Date: @DATE@
Message-ID: <20261124140000.4B21C0@hp4b21c0>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_part"
""", multipart("Content-Type: text/plain; charset=utf-8\n\n"
               "Please open the attached document.\n"
               "This document was sent from the HP scanner.\n",
               attached("scan0001.pdf")))

add("answering machine of a router",
    ("fritz.box", "198.51.100.21", "telefon@muster.example"), """
From: "FRITZ!Box" <telefon@muster.example>
To: anna@muster.example
Subject: Anruf von 0731555123
Date: @DATE@
Message-ID: <fritz-5f2a-91@fritz.box>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_part"
""", multipart(PLAIN + "Neue Nachricht auf dem Anrufbeantworter,\n"
               "Dauer 0:35 Minuten, von 0731 555123.\n",
               attached("nachricht.wav", "audio/x-wav", b64(b"RIFF....WAVE"))))

add("cron of a host without a domain",
    ("server", "198.51.100.22", "root@server.muster.example"), """
From: root@server.muster.example (Cron Daemon)
To: root@server.muster.example
Subject: Cron <root@server> test -x /usr/sbin/anacron || run-parts /etc/cron.daily
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
X-Cron-Env: <SHELL=/bin/sh>
X-Cron-Env: <LOGNAME=root>
Message-Id: <20261124140001.1A2B3C4D5E@server>
Date: @DATE@
""", "/etc/cron.daily/logrotate:\nerror: nginx:1 duplicate log entry\n",
    "root@server.muster.example")

add("backup reports to the one who sends it",
    ("server.muster.example", "198.51.100.22", "backup@muster.example"), """
From: backup@muster.example
To: backup@muster.example
Subject: BACKUP FAILED on server
Date: @DATE@
Message-Id: <1764000000.12345@server.muster.example>
""", "borg create ended with code 2 after 3812 s\n"
    "repository /srv/backup: lock held by host nas, process 4711\n",
    "backup@muster.example")

add("monitoring by Python's MIMEText",
    ("monitor.muster.example", "198.51.100.23", "nagios@muster.example"), """
Content-Type: text/plain; charset="utf-8"
MIME-Version: 1.0
Content-Transfer-Encoding: base64
Subject: PROBLEM: disk on db1 is CRITICAL
From: nagios@muster.example
To: anna@muster.example
Date: @DATE@
Message-ID: <176400.1.9@monitor.muster.example>
""", b64("Service: disk\nHost: db1\nState: CRITICAL\n"
         "DISK CRITICAL - free space: /var 512 MB (2%)\n"))

add("DMARC report in an empty message",
    ("mail-qt1-f202.google.com", "203.0.113.30",
     "noreply-dmarc-support@google.com"), """
MIME-Version: 1.0
Date: @DATE@
Message-ID: <8123456789012345678@google.com>
Subject: Report domain: muster.example Submitter: google.com Report-ID: 8123456789012345678
From: noreply-dmarc-support@google.com
To: anna@muster.example
Content-Type: application/zip; name="google.com!muster.example!1764!1765.zip"
Content-Disposition: attachment; filename="google.com!muster.example!1764!1765.zip"
Content-Transfer-Encoding: base64
""", b64(b"PK\3\4\x14\0\0\0\x08\0" + bytes(16) + b"\x05\0\0\0a.xml\3\0"
         b"PK\5\6" + bytes(18)))

# ---- Notes to oneself

add("note to self with a link",
    ("mail-wr1-f47.google.com", "203.0.113.47", "anna.muster@gmail.com"), """
MIME-Version: 1.0
From: Anna Muster <anna.muster@gmail.com>
Date: @DATE@
Message-ID: <CAF1x9=abcDEF123@mail.gmail.com>
Subject: link
To: Anna Muster <anna.muster@gmail.com>
Content-Type: text/plain; charset="UTF-8"
""", "https://www.example.org/rezepte/linsensuppe\n", "anna.muster@gmail.com")

add("note to self with a photo and no subject",
    ("qs51p00im-qukt01.me.com", "203.0.113.51", "anna@icloud.com"), """
From: Anna <anna@icloud.com>
Content-Type: multipart/mixed; boundary="=_part"
Content-Transfer-Encoding: 7bit
Mime-Version: 1.0 (1.0)
Date: @DATE@
Subject:
Message-Id: <7C1F0A4E-5D0F-4F58-8B0C-7A4E9B1D2C3F@icloud.com>
To: Anna <anna@icloud.com>
X-Mailer: iPhone Mail (21G93)
""", multipart(attached("IMG_4711.jpeg", "image/jpeg",
                        b64(b"\xff\xd8\xff\xe0\0\x10JFIF"), "inline"),
               "Content-Type: text/plain; charset=us-ascii\n"
               "Content-Transfer-Encoding: 7bit\n\n\n\n"
               "Sent from my iPhone\n"), "anna@icloud.com")

add("note to self from the desk to home",
    ("mail.muster.example", "198.51.100.5", READER), """
From: Anna Muster <anna@muster.example>
To: Anna Muster <anna@muster.example>
Subject: Morgen
Date: @DATE@
Message-ID: <3f0c2b1a-8e7d-4c6b-9a5f-1e2d3c4b5a69@muster.example>
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 7bit
""", "Schluessel mitnehmen, Vertrag an Bernd.\n")

# ---- Clubs and circles

add("club writes to all by Bcc",
    ("mo4-p00-ob.smtp.rzone.de", "203.0.113.60", "vorstand@tsv-muster.example"),
    """
From: TSV Muster Vorstand <vorstand@tsv-muster.example>
To: undisclosed-recipients:;
Reply-To: Hans Huber <hans.huber@web.de>
Subject: EINLADUNG ZUR MITGLIEDERVERSAMMLUNG
Date: @DATE@
Message-ID: <a81c7f42-1b2e-4d0a-8c66-93a7f05c1d2e@tsv-muster.example>
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
""", "Liebe Mitglieder,\n\nzur Jahresversammlung am Freitag um 19 Uhr im\n"
    "Vereinsheim laden wir herzlich ein. Anträge bitte bis Mittwoch an Hans.\n"
    "\nHans Huber\n")

add("choir writes to itself and to all by Bcc",
    ("mout.web.de", "203.0.113.61", "chor.muster@web.de"), """
From: Chor Muster <chor.muster@web.de>
To: chor.muster@web.de
Subject: Probe am Freitag
Date: @DATE@
Message-ID: <trinity-5d1f0c2b-1764@3c-app-webde-bs21>
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
""", "Liebe Freunde,\n\nam Freitag ist Probe um acht im Pfarrsaal. Wer nicht\n"
    "kann, sage mir bitte ab.\n\nEva\n")

# ---- Web sites

add("contact form of WordPress",
    ("web12.hoster.example", "198.51.100.70", "wordpress@muster-blog.example"),
    """
To: anna@muster.example
Subject: Muster-Blog "Kontaktanfrage"
X-PHP-Originating-Script: 1000:PHPMailer.php
Date: @DATE@
From: WordPress <wordpress@muster-blog.example>
Reply-To: bernd.kunde@gmail.com
Message-ID: <pQ8cZ1xTj0aY7m@muster-blog.example>
X-Mailer: PHPMailer 6.8.1 (https://github.com/PHPMailer/PHPMailer)
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
""", "Von: Bernd Kunde <bernd.kunde@gmail.com>\nBetreff: Rechnung\n\n"
    "Nachricht:\nGuten Tag, ich habe die Rechnung vom Mai noch nicht bekommen.\n"
    "Rufen Sie mich bitte zurück.\n\n-- \n"
    "Diese E-Mail wurde mit dem Kontaktformular von Muster-Blog gesendet\n"
    "(https://muster-blog.example)\n")

add("password reset",
    ("o12.mail.werkstatt.example", "203.0.113.70",
     "bounce+1a2b@mail.werkstatt.example"), """
From: Werkstatt Support <no-reply@werkstatt.example>
To: anna@muster.example
Subject: Security alert: reset your password
Date: @DATE@
Message-ID: <01020193.5f2a.reset@werkstatt.example>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64
""", b64("""<html><body><p>Hi Anna,</p>
<p>someone asked to reset the password of your account. If it was you, choose a
new one here. The link works for 24 hours.</p>
<p><a href="https://app.werkstatt.example/reset#token=4f1c9a77d2e84b60">Reset
password</a></p>
<p>If it was not you, you need not do anything: your account is safe.</p>
</body></html>"""))

add("code for the second factor",
    ("mta6.mg.gitforge.example", "203.0.113.71",
     "bounce+9c@mg.gitforge.example"), """
From: GitForge <gitforge@mg.gitforge.example>
Reply-To: GitForge <noreply@gitforge.example>
To: anna@muster.example
Subject: Your verification code
Date: @DATE@
Message-ID: <6581c0d2e4_1a2b@gitforge.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_part"
Auto-Submitted: auto-generated
""", multipart(PLAIN + "Hello Anna Muster,\n\nto complete the verification, "
               "enter this code:\n\n482913\n\nIt expires in 10 minutes.\n",
               HTML + "<p>Hello Anna Muster,</p><p>to complete the "
               "verification, enter this code:</p><h1>482913</h1>"
               "<p>It expires in 10 minutes.</p>\n"))

add("sign-in from a new device",
    ("mail-lf1-f69.google.com", "203.0.113.72",
     "3abc@gaia.bounces.google.com"), """
From: Google <no-reply@accounts.google.com>
To: anna.muster@gmail.com
Subject: Security alert
Date: @DATE@
Message-ID: <kQ7cA1b2C3d4E5f6@notifications.google.com>
Feedback-ID: 127:account-notifier
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_part"
""", multipart("Content-Type: text/plain; charset=UTF-8\n"
               "Content-Transfer-Encoding: base64\n\n" + b64(
                   "A new sign-in on Linux\nanna.muster@gmail.com\n"
                   "We noticed a new sign-in to your account. If this was you, "
                   "there is nothing to do.\nCheck activity\n"
                   "https://accounts.google.com/AccountChooser?"
                   "Email=anna.muster@gmail.com\n"), HTML_BASE64 + b64(
                   "<p>A new sign-in on Linux</p><p>We noticed a new sign-in "
                   "to your account. If this was you, there is nothing to do."
                   "</p><a href=\"https://accounts.google.com/AccountChooser?"
                   "Email=anna.muster@gmail.com\">Check activity</a>")),
    "anna.muster@gmail.com")

add("ticket at Zendesk",
    ("outbyoip3.pod17.use1.zdsys.com", "203.0.113.73",
     "support@werkbank.zendesk.com"), """
Date: @DATE@
From: Werkbank Support <support@werkbank.zendesk.com>
Reply-To: Werkbank Support <support+id4G1K2M-9Z@werkbank.zendesk.com>
To: Anna Muster <anna@muster.example>
Message-ID: <4G1K2M_65f1_sprut@zendesk.com>
In-Reply-To: <4G1K2M@zendesk.com>
Subject: [Request received] Drill does not start
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64
Auto-Submitted: auto-generated
X-Mailer: Zendesk Mailer
X-Delivery-Context: event-id-9281
""", b64("""<div style="color:#b5b5b5">##- Please type your reply above this
line -##</div><p>Your request (28113) has been received and is being reviewed by
our support staff.</p><p>To add additional comments, reply to this email.</p>
<p><a href="https://werkbank.zendesk.com/hc/requests/28113">View it</a></p>"""))

add("order at a shop of Shopify",
    ("o17.t.shopifyemail.com", "203.0.113.74",
     "bounces+51@t.shopifyemail.com"), """
From: Holzladen <store+6123@t.shopifyemail.com>
Reply-To: Holzladen <holzladen.muster@gmail.com>
To: anna@muster.example
Subject: Order #1234 confirmed
Date: @DATE@
Message-ID: <9f8e7d6c5b4a@t.shopifyemail.com>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64
""", b64("""<html><body><h2>Thank you for your purchase!</h2><p>Hi Anna, we are
getting your order ready to be shipped. We will notify you when it has been
sent.</p><p><a href="https://holzladen.example/61/orders/3c4d">View your
order</a></p><p>Chopping board, oak, 1 x 39.00 EUR</p></body></html>"""))

add("order at a shop under .shop",
    ("mail.holzladen.shop", "203.0.113.75", "orders@holzladen.shop"), """
From: Holzladen <orders@holzladen.shop>
Reply-To: holzladen.muster@gmail.com
To: anna@muster.example
Subject: Order 1235 confirmed
Date: @DATE@
Message-ID: <1235.65f1c0@holzladen.shop>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable
""", "<p>Thank you for your order, Anna.</p><p><a href=3D\"https://holzladen.sh"
    "op/o/1235\">=\nView your order</a>. We send it on Monday.</p>\n")

add("file shared at SharePoint",
    ("NAM12-outbound.protection.outlook.com", "203.0.113.76",
     "no-reply@sharepointonline.com"), """
From: "Bernd Berg via SharePoint" <no-reply@sharepointonline.com>
Reply-To: bernd.berg@partner.example
To: anna@muster.example
Subject: Bernd Berg shared "Q3 budget" with you
Date: @DATE@
Message-ID: <Share-9a3f0c10-2b41-4000@odspnotify>
MIME-Version: 1.0
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64
""", b64("""<html><body><p>Bernd Berg shared a file with you</p>
<p>Anna, here are the figures of the third quarter.</p>
<p><a href="https://partner-my.sharepoint.com/:x:/g/personal/EaB12">Open</a></p>
<p>This link works only for the people it was sent to.</p>
<img src="https://westeurope1-mediap.svc.ms/transform/thumbnail" width="48">
</body></html>"""))

add("newsletter of a shop",
    ("mta12.mail.modehaus.example", "203.0.113.77",
     "bounce-77@mail.modehaus.example"), """
From: Modehaus Deals <news@mail.modehaus.example>
To: anna@muster.example
Subject: TODAY ONLY: 20 % off coats
Date: @DATE@
Message-ID: <77.1a2b3c@mail.modehaus.example>
List-Id: <77.news.modehaus.example>
List-Unsubscribe: <https://click.modehaus.example/u/77>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Precedence: bulk
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_part"
""", multipart(PLAIN + "The autumn coats are 20 % off, today only.\n"
               "See them: https://click.modehaus.example/c/1\n\n"
               "No more news: https://click.modehaus.example/u/77\n",
               HTML + """<div style="display:none">Coats, scarves, boots</div>
<a href="https://click.modehaus.example/c/1"><img width="600"
src="https://cdn.modehaus.example/coats.jpg" alt="Coats"></a>
<p>The autumn coats are 20 % off, today only.</p>
<a href="https://www.facebook.com/modehaus">Facebook</a>
<p><a href="https://click.modehaus.example/u/77">Unsubscribe</a></p>
"""))

add("parcel on its way",
    ("mailout.dhl.de", "203.0.113.78", "noreply@dhl.de"), """
From: "DHL Paket" <noreply@dhl.de>
To: anna@muster.example
Subject: Ihr Paket kommt heute
Date: @DATE@
Message-ID: <1764000000.4711.1@dhl.de>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64
""", b64("""<p>Hallo Anna Muster,</p><p>Ihr Paket von Holzladen kommt
voraussichtlich heute zwischen 12 und 14 Uhr.</p>
<p><a href="https://www.dhl.de/de/privatkunden.html?piececode=0034">Zur
Sendungsverfolgung</a></p>"""))

# ---- Banks, offices, bills

add("bank has a new statement",
    ("mail.vr-mustermitte.example", "203.0.113.80",
     "noreply@vr-mustermitte.example"), """
From: "Volksbank Raiffeisenbank Muster Mitte eG" <noreply@vr-mustermitte.example>
To: anna@muster.example
Subject: Neue Nachricht in Ihrem Postfach
Date: @DATE@
Message-ID: <8127361.1764@vr-mustermitte.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
""", "Guten Tag Frau Muster,\n\nin Ihrem elektronischen Postfach liegt ein neuer\n"
    "Kontoauszug. Bitte melden Sie sich wie gewohnt im OnlineBanking an.\n"
    "Aus Sicherheitsgründen steht in dieser Nachricht kein Link.\n\n"
    "Ihre Volksbank Raiffeisenbank\n")

add("payment told by a payment service",
    ("mx1.slc.paypal.com", "203.0.113.81", "service@paypal.de"), """
From: "service@paypal.de" <service@paypal.de>
To: Anna Muster <anna@muster.example>
Subject: Sie haben eine Zahlung gesendet
Date: @DATE@
Message-ID: <B1.9F.12345.65F1C0@ccg01mail06>
MIME-Version: 1.0
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: base64
""", b64("""<p>Hallo Anna Muster,</p><p>Sie haben 12,90 EUR an Holzladen
gesendet.</p><p>Fragen? Rufen Sie an: 069 1234567.</p>
<p><a href="https://www.paypal.com/activity/payment/7AB">Details</a></p>"""))

add("invoice as PDF and nothing else",
    ("mail.zulieferer.example", "203.0.113.82", "buchhaltung@zulieferer.example"),
    """
From: Bernd Berg <buchhaltung@zulieferer.example>
To: anna@muster.example
Subject: Rechnung 4711
Date: @DATE@
Message-ID: <4711.1764@zulieferer.example>
MIME-Version: 1.0
Content-Type: application/pdf; name="Rechnung-4711.pdf"
Content-Disposition: attachment; filename="Rechnung-4711.pdf"
Content-Transfer-Encoding: base64
""", PDF)

add("invoice as PDF beside an empty text",
    ("mail.zulieferer.example", "203.0.113.82", "buchhaltung@zulieferer.example"),
    """
From: Zulieferer GmbH <buchhaltung@zulieferer.example>
To: anna@muster.example
Subject: Ihre Rechnung 4712
Date: @DATE@
Message-ID: <4712.1764@zulieferer.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_part"
""", multipart(PLAIN + "\n", attached("Rechnung-4712.pdf")))

add("appointment by .NET's SmtpClient",
    ("app03.stadt-muster.example", "203.0.113.83", "info@stadt-muster.example"),
    """
MIME-Version: 1.0
From: "Stadt Muster" <info@stadt-muster.example>
To: anna@muster.example
Date: @DATE@
Subject: Ihr Termin
Message-ID: <5e0a7c6b1d@stadt-muster.example>
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64
""", b64("<p>Guten Tag Frau Muster,</p><p>Ihr Termin ist am Montag um 10 Uhr im "
         "B\xfcrgerb\xfcro. Bringen Sie bitte Ihren Ausweis mit.</p>"))

add("last reminder of a bill",
    ("mail.stadtwerke-muster.example", "203.0.113.84",
     "rechnung@stadtwerke-muster.example"), """
From: Stadtwerke Muster Kundenservice <rechnung@stadtwerke-muster.example>
To: anna@muster.example
Subject: Letzte Mahnung zu Ihrer Rechnung
Date: @DATE@
Message-ID: <R-20261124-88@stadtwerke-muster.example>
X-Priority: 1
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
""", "Sehr geehrte Damen und Herren,\n\nfür die Rechnung vom 3. Oktober über\n"
    "118,20 EUR ist noch keine Zahlung eingegangen. Bitte zahlen Sie sofort.\n"
    "Haben Sie schon gezahlt, so ist nichts zu tun.\n\n"
    "Mit freundlichen Grüßen\nStadtwerke Muster\n")

add("bill of a dentist",
    ("mail.dentist.example", "203.0.113.85", "office@dentist.example"), """
From: Dr. Wells, Dentist <office@dentist.example>
To: anna@muster.example
Subject: Invoice for your visit
Date: @DATE@
Message-ID: <b1c2d3e4.65f1@dentist.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii
""", "Dear Anna,\n\nyour invoice for the visit of last Tuesday is ready. Please\n"
    "call us at 555-123-4567 to pay, or come by.\n\nThe team of Dr. Wells\n")

add("locked archive of a tax adviser",
    ("mail.kanzlei.example", "203.0.113.86", "info@kanzlei.example"), """
From: Kanzlei Weber <info@kanzlei.example>
To: anna@muster.example
Subject: Unterlagen zur Einkommensteuer
Date: @DATE@
Message-ID: <20261124.1400.7@kanzlei.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_part"
""", multipart(PLAIN + "Guten Tag Frau Muster,\n\nanbei die Unterlagen. Das "
               "Passwort: wie besprochen am Telefon.\n\nIhre Kanzlei Weber\n",
               attached("Unterlagen.zip", "application/zip", b64(
                   b"PK\3\4\x14\0\1\0\x08\0" + bytes(16) + b"\x05\0\0\0"
                   b"a.pdf\3\0" + b"PK\5\6" + bytes(18)))))

# ---- Polite mail in several languages

add("German office to an unknown reader",
    ("mail.baumarkt.example", "203.0.113.90", "k.lang@baumarkt.example"), """
From: Karin Lang <k.lang@baumarkt.example>
To: info@muster.example
Subject: Anfrage zu Ihrem Angebot
Date: @DATE@
Message-ID: <7e6d5c4b@baumarkt.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=iso-8859-15
Content-Transfer-Encoding: 8bit
""", ("Sehr geehrte Damen und Herren,\n\nwir benötigen dringend ein Angebot\n"
      "über 40 Türen bis Freitag, Lieferung frei Baustelle.\n\n"
      "Mit freundlichen Grüßen\nKarin Lang\n").encode("iso-8859-15"),
    "info@muster.example")

add("French agency to a client",
    ("mail.agence.example", "203.0.113.91", "rene@agence.example"), """
From: =?utf-8?Q?Ren=C3=A9_Dubois?= <rene@agence.example>
To: anna@muster.example
Subject: =?iso-8859-1?Q?R=E9ponse_=E0_votre_demande?=
Date: @DATE@
Message-ID: <5c4b3a29@agence.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8; format=flowed
Content-Transfer-Encoding: 8bit
""", "Chère cliente, cher client,\n\nvotre compte est à jour, merci de votre\n"
    "confiance. La prochaine échéance est le 15 décembre.\n\nRené Dubois\n")

add("Chinese invitation to a meeting",
    ("mail.gongsi.example", "203.0.113.92", "wang@gongsi.example"), """
From: %s <wang@gongsi.example>
To: %s <anna@muster.example>
Subject: %s
Date: @DATE@
Message-ID: <202611241400.8821@gongsi.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64
""" % (word("王伟"), word("李先生"), word("会议通知")),
    b64("尊敬的李先生：\n\n您好！明天下午三点在公司会议室开会，请准时参加。\n\n王伟\n"))

add("Chinese answer of a few letters",
    ("mail.gongsi.example", "203.0.113.92", "wang@gongsi.example"), """
From: %s <wang@gongsi.example>
To: anna@muster.example
Subject: %s
In-Reply-To: <a1@muster.example>
References: <a1@muster.example>
Date: @DATE@
Message-ID: <202611241405.8822@gongsi.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=gb18030
Content-Transfer-Encoding: base64
""" % (word("王伟", "gb18030"), word("回复: 会议", "gb18030")),
    b64("好的，明天见，谢谢您。\n", "gb18030"))

add("Portuguese proposal",
    ("mail.empresa.example", "203.0.113.93", "maria@empresa.example"), """
From: Maria Silva <maria@empresa.example>
To: anna@muster.example
Subject: Proposta
Date: @DATE@
Message-ID: <1f2e3d4c@empresa.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_part"
""", multipart(PLAIN + "Prezado João,\n\nsegue a proposta em anexo. Precisamos da "
               "resposta ainda hoje, é urgente.\n\nAtenciosamente\nMaria\n",
               attached("proposta.pdf")))

add("Spanish school to parents",
    ("mail.colegio.example", "203.0.113.94", "secretaria@colegio.example"), """
From: =?utf-8?Q?Secretar=C3=ADa_del_Colegio?= <secretaria@colegio.example>
To: familias@colegio.example
Subject: =?utf-8?Q?Reuni=C3=B3n_de_padres?=
Date: @DATE@
Message-ID: <4d3c2b1a@colegio.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
""", "Estimadas familias:\n\nla reunión de hoy se aplaza al jueves a las seis.\n"
    "Rogamos confirmen su asistencia.\n\nUn saludo,\nLa secretaría\n")

add("Russian colleague",
    ("forward102.mail.yandex.net", "203.0.113.95", "ivan.petrov@yandex.ru"), """
From: %s <ivan.petrov@yandex.ru>
To: anna@muster.example
Subject: %s
Date: @DATE@
Message-Id: <871231764000000@mail.yandex.ru>
MIME-Version: 1.0
X-Mailer: Yamail [ http://yandex.ru ] 5.0
Content-Type: text/plain; charset=koi8-r
Content-Transfer-Encoding: 8bit
""" % (word("Иван Петров", "koi8-r"), word("Отчёт за ноябрь", "koi8-r")),
    ("Привет! Высылаю отчёт. PDFка и SMSки в порядке, ITшники обещают\n"
     "всё поправить до пятницы.\n\nИван\n").encode("koi8-r"))

add("Japanese business mail",
    ("mail.kaisha.example", "203.0.113.96", "tanaka@kaisha.example"), """
From: %s <tanaka@kaisha.example>
To: anna@muster.example
Subject: %s
Date: @DATE@
Message-ID: <20261124230000.1A2B.TANAKA@kaisha.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="ISO-2022-JP"
Content-Transfer-Encoding: 7bit
X-Mailer: Becky! ver. 2.81.08 [ja]
""" % (word("田中太郎", "iso-2022-jp"), word("会議の件", "iso-2022-jp")),
    ("お世話になっております。田中です。\n会議の件、明日の午後三時で"
     "お願いいたします。\n").encode("iso-2022-jp"))

add("Arabic invitation",
    ("mail.sharika.example", "203.0.113.97", "m.ali@sharika.example"), """
From: %s <m.ali@sharika.example>
To: anna@muster.example
Subject: %s
Date: @DATE@
Message-ID: <9b8a7c6d@sharika.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=windows-1256
Content-Transfer-Encoding: 8bit
""" % (word("محمد علي"), word("اجتماع الغد")),
    "السلام عليكم، نلتقي غدا في المكتب الساعة العاشرة صباحا.\n".encode(
        "windows-1256"))

add("English application to a professor",
    ("mail-pj1-f51.google.com", "203.0.113.98", "rahul.k.1998@gmail.com"), """
MIME-Version: 1.0
From: Rahul Kumar <rahul.k.1998@gmail.com>
Date: @DATE@
Message-ID: <CAKx7=Q1w2E3r4@mail.gmail.com>
Subject: Application for a PhD position
To: anna@muster.example
Content-Type: multipart/mixed; boundary="=_part"
""", multipart(PLAIN + "Dear Sir or Madam,\n\nI have read of the position in "
               "your group and want to apply.\nPlease find my CV attached.\n\n"
               "Yours faithfully,\nRahul Kumar\n", attached("CV_Kumar.pdf")))

add("dean to all colleagues",
    ("mail.univ.example", "203.0.113.99", "dean@univ.example"), """
From: Esther Dyson <dean@univ.example>
To: staff@univ.example
Subject: Budget
Date: @DATE@
Message-ID: <9d8c7b6a@univ.example>
X-Priority: 1
Importance: high
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
""", "Dear colleagues,\n\nwe raised 2.5 million last year and 3 million this year,\n"
    "the sum of all grants. The late payment of the fund has come, too.\n\n"
    "Yours\nEsther Dyson\n")

# ---- People and their programs

add("Apple Mail with a PDF in its text",
    ("pv50p00im-ztdg1002.me.com", "203.0.113.110", "apple.martin@me.com"), """
From: Apple Martin <apple.martin@me.com>
Content-Type: multipart/alternative; boundary="=_part"
Mime-Version: 1.0 (Mac OS X Mail 16.0 \\(3774.300.61.1.2\\))
Subject: Fotos
Message-Id: <0B1A2C3D-4E5F-4071-8293-A4B5C6D7E8F9@me.com>
Date: @DATE@
To: Anna Muster <anna@muster.example>
X-Mailer: Apple Mail (2.3774.300.61.1.2)
""", multipart("Content-Transfer-Encoding: 7bit\n"
               "Content-Type: text/plain; charset=us-ascii\n\nHi\n",
               "Content-Type: multipart/mixed; boundary=\"=_mixed\"\n\n" +
               multipart("Content-Transfer-Encoding: 7bit\n"
                         "Content-Type: text/html; charset=us-ascii\n\n"
                         "<html><body>Hi<br></body></html>\n",
                         attached("plan.pdf", disposition="inline"),
                         "Content-Type: text/html; charset=us-ascii\n\n"
                         "<html><body></body></html>\n", boundary="=_mixed")))

add("Thunderbird reply",
    ("mail.partner.example", "203.0.113.111", "bernd.berg@partner.example"), """
Message-ID: <c0ffee00-1234-4abc-9def-0123456789ab@partner.example>
Date: @DATE@
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Subject: Re: Vertrag
To: Anna Muster <anna@muster.example>
References: <1b2c3d4e@muster.example>
From: Bernd Berg <bernd.berg@partner.example>
In-Reply-To: <1b2c3d4e@muster.example>
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit
""", "Hallo Anna,\n\nso machen wir es, danke.\n\nAm 24.11.26 um 13:55 schrieb Anna "
    "Muster:\n> Hallo Bernd,\n> gilt die Frist auch für den Anhang? Siehe\n"
    "> http://www.muster.example/vertrag\n\n-- \nBernd Berg\n")

add("Outlook forward in German",
    ("mail.zulieferer.example", "203.0.113.82", "karl.heinz@zulieferer.example"),
    """
From: Karl Heinz <karl.heinz@zulieferer.example>
To: Anna Muster <anna@muster.example>
Subject: WG: Angebot
Thread-Topic: Angebot
Thread-Index: AQHaF1234567890=
X-Priority: 1
Importance: high
Date: @DATE@
Message-ID: <AM0PR02MB1234@AM0PR02MB1234.eurprd02.prod.outlook.com>
References: <5c4b@baumarkt.example>
In-Reply-To: <5c4b@baumarkt.example>
Accept-Language: de-DE, en-US
X-MS-Has-Attach:
X-Mailer: Microsoft Outlook 16.0
X-MSMail-Priority: High
MIME-Version: 1.0
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable
""", "<html><body><p>zur Info, bitte heute noch ansehen</p><div><b>Von:</b> "
    "Baumarkt &lt;=\nangebote@baumarkt.example&gt;<br><b>Gesendet:</b> Montag, "
    "24. November<br><b>=\nAn:</b> Karl Heinz<br><b>Betreff:</b> Angebot</div>"
    "<p>Sehr geehrter Kunde,</p>=\n<p>unser Angebot finden Sie unter <a href=3D\""
    "https://track.mailer.example/x\">=\nwww.baumarkt.example/angebot</a>.</p>"
    "</body></html>\n")

add("The Bat! of today",
    ("mail.firma-spb.example", "203.0.113.112", "ivan@firma-spb.example"), """
Date: @DATE@
From: Ivan Orlov <ivan@firma-spb.example>
X-Mailer: The Bat! (v11.2.1) Professional
X-Priority: 3 (Normal)
Message-ID: <1234567890.20261124170000@firma-spb.example>
To: Anna Muster <anna@muster.example>
Subject: Samples
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii
Content-Transfer-Encoding: 7bit
""", "Hello Anna,\n\nthe samples left on Monday, two boxes.\n\n-- \nBest regards,\n"
    " Ivan                          mailto:ivan@firma-spb.example\n")

add("tenant without a domain of its own",
    ("EUR05-outbound.protection.outlook.com", "203.0.113.113",
     "bernd@neuefirma.onmicrosoft.com"), """
From: Bernd Berg <bernd@neuefirma.onmicrosoft.com>
To: Anna Muster <anna@muster.example>
Subject: Termin
Thread-Index: AQHaG7654321=
Date: @DATE@
Message-ID: <DB9PR05MB4321@DB9PR05MB4321.eurprd05.prod.outlook.com>
X-MS-Has-Attach:
MIME-Version: 1.0
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64
""", b64("<html><body><p>Hallo Anna, passt Dir Dienstag um neun für das "
         "Gespräch?</p><p>Bernd</p></body></html>"))

add("encrypted by PGP",
    ("mail.partner.example", "203.0.113.111", "bernd.berg@partner.example"), """
From: Bernd Berg <bernd.berg@partner.example>
To: Anna Muster <anna@muster.example>
Subject: ...
Date: @DATE@
Message-ID: <0f1e2d3c-aaaa-4bbb-8ccc-ddddeeeeffff@partner.example>
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";
 boundary="=_part"
""", multipart("Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
               "Content-Type: application/octet-stream; "
               "name=\"encrypted.asc\"\n"
               "Content-Disposition: inline; filename=\"encrypted.asc\"\n\n"
               "-----BEGIN PGP MESSAGE-----\n\nhQIMA1a2b3c4d5e6\n=abcd\n"
               "-----END PGP MESSAGE-----\n"))

add("programmer sends a script and a report",
    ("mail.dev.example", "203.0.113.114", "bob@dev.example"), """
From: Bob Stone <bob@dev.example>
To: anna@muster.example
Subject: coverage of the last build
Date: @DATE@
Message-ID: <1a2b.3c4d@dev.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_part"
""", multipart(PLAIN + "Hi Anna,\n\nhere is the script that we talked about and the "
               "page that it makes.\n\nBob\n",
               "Content-Type: text/html; name=\"coverage.html\"\n"
               "Content-Disposition: attachment; filename=\"coverage.html\"\n\n"
               "<html><body><p>lines: 93 %</p></body></html>\n",
               "Content-Type: application/x-sh; name=\"coverage.sh\"\n"
               "Content-Disposition: attachment; filename=\"coverage.sh\"\n\n"
               "#!/bin/sh\nmake check CFLAGS=--coverage\n"))

# ---- Calendars and trackers

add("invitation, the calendar alone",
    ("mail.partner.example", "203.0.113.111", "bernd.berg@partner.example"), """
From: Bernd Berg <bernd.berg@partner.example>
To: anna@muster.example
Subject: Einladung: Projektstand
Date: @DATE@
Message-ID: <inv-20261124-1@partner.example>
MIME-Version: 1.0
Content-Type: text/calendar; charset=utf-8; method=REQUEST
Content-Transfer-Encoding: 8bit
""", "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1@partner\n"
    "SUMMARY:Projektstand\nDTSTART:20261201T100000Z\nDTEND:20261201T110000Z\n"
    "ORGANIZER:mailto:bernd.berg@partner.example\nEND:VEVENT\nEND:VCALENDAR\n")

add("invitation accepted, without a word",
    ("mail.partner.example", "203.0.113.111", "bernd.berg@partner.example"), """
From: Bernd Berg <bernd.berg@partner.example>
To: anna@muster.example
Subject: Accepted: Projektstand
In-Reply-To: <inv-20261124-2@muster.example>
References: <inv-20261124-2@muster.example>
Date: @DATE@
Message-ID: <acc-20261124-2@partner.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_part"
""", multipart(PLAIN + "\n", "Content-Type: text/calendar; charset=utf-8; "
               "method=REPLY\n\nBEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REPLY\n"
               "BEGIN:VEVENT\nUID:2@muster\nATTENDEE;PARTSTAT=ACCEPTED:mailto:"
               "bernd.berg@partner.example\nEND:VEVENT\nEND:VCALENDAR\n"))

add("Jira notice",
    ("outbound.atlassian.net", "203.0.113.120",
     "jira@werkbank.atlassian.net"), """
From: "Bernd Berg (Jira)" <jira@werkbank.atlassian.net>
To: anna@muster.example
Message-ID: <JIRA.10012.1764000000000.3.1764@Atlassian.JIRA>
In-Reply-To: <JIRA.10012.1764000000000@Atlassian.JIRA>
References: <JIRA.10012.1764000000000@Atlassian.JIRA>
Subject: [JIRA] (PROJ-12) Crash on start
Date: @DATE@
MIME-Version: 1.0
Content-Type: text/html; charset=UTF-8
Content-Transfer-Encoding: 8bit
Auto-Submitted: auto-generated
X-Atlassian-Mail-Message-Id: <JIRA.10012.1764@Atlassian.JIRA>
Precedence: bulk
""", """<html><body><div style="display:none">Bernd Berg commented</div>
<p>Bernd Berg commented on <a
href="https://werkbank.atlassian.net/browse/PROJ-12?a=1">PROJ-12</a></p>
<p>It happens only without a configuration file.</p>
<p><a href="https://werkbank.atlassian.net/browse/PROJ-12?a=2">View issue</a>
<a href="https://werkbank.atlassian.net/browse/PROJ-12#add-comment">Add
comment</a></p></body></html>
""")

add("notice of a code forge",
    ("out-21.smtp.github.com", "203.0.113.121", "noreply@github.com"), """
Date: @DATE@
From: octocat <notifications@github.com>
Reply-To: owner/repo <reply+AB12@reply.github.com>
To: owner/repo <repo@noreply.github.com>
Cc: Subscribed <subscribed@noreply.github.com>
Message-ID: <owner/repo/issues/12/1234567890@github.com>
In-Reply-To: <owner/repo/issues/12@github.com>
References: <owner/repo/issues/12@github.com>
Subject: Re: [owner/repo] Crash on start (Issue #12)
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="=_part"
Precedence: list
List-ID: owner/repo <repo.owner.github.com>
List-Archive: https://github.com/owner/repo
List-Post: <mailto:reply+AB12@reply.github.com>
List-Unsubscribe: <mailto:unsub+AB12@reply.github.com>,
 <https://github.com/notifications/unsubscribe/AB12>
""", multipart(PLAIN + "octocat left a comment (owner/repo#12)\n\nIt crashes here, "
               "too.\n\n-- \nReply to this email directly or view it on GitHub:\n"
               "https://github.com/owner/repo/issues/12#issuecomment-1234567\n",
               HTML + "<p>It crashes here, too.</p><p>&mdash;<br/>Reply or <a "
               "href=\"https://github.com/owner/repo/issues/12#issuecomment-"
               "1234567\">view it on GitHub</a></p><img width=1 height=1 "
               "src=\"https://github.com/notifications/beacon/AB12.gif\">\n"))

# ---- Servers and lists

add("bounce",
    ("mail.partner.example", "203.0.113.111", ""), """
Date: @DATE@
From: MAILER-DAEMON@mail.partner.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: anna@muster.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_part"
Message-Id: <20261124140000.5A6B7C8D@mail.partner.example>
""", multipart(
        "Content-Description: Notification\n"
        "Content-Type: text/plain; charset=us-ascii\n\n"
        "This is the mail system at host mail.partner.example.\n\n"
        "Your message could not be delivered to <bernd@partner.example>:\n"
        "user unknown\n",
        "Content-Description: Delivery report\n"
        "Content-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mail.partner.example\n\n"
        "Final-Recipient: rfc822; bernd@partner.example\nAction: failed\n"
        "Status: 5.1.1\n",
        "Content-Description: Undelivered Message\n"
        "Content-Type: message/rfc822\n\n"
        "From: Anna Muster <anna@muster.example>\nTo: bernd@partner.example\n"
        "Subject: Vertrag\nMessage-ID: <9@muster.example>\n\n"
        "Hallo Bernd, siehe http://www.muster.example/vertrag\n"))

add("auto-reply of a vacation",
    ("mail.partner.example", "203.0.113.111", ""), """
From: Bernd Berg <bernd.berg@partner.example>
To: anna@muster.example
Subject: Abwesend: Vertrag
In-Reply-To: <9@muster.example>
References: <9@muster.example>
Auto-Submitted: auto-replied (vacation)
Precedence: bulk
X-Auto-Response-Suppress: All
Date: @DATE@
Message-ID: <vac.1764000000@partner.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
""", "Guten Tag,\n\nich bin bis zum 5. Dezember nicht im Büro. In dringenden Fällen\n"
    "wenden Sie sich bitte an Frau Lang, Telefon 0731 555124.\n")

add("digest of a mailing list",
    ("lists.club.example", "203.0.113.130", "users-bounces@lists.club.example"),
    """
From: users-request@lists.club.example
Subject: Users Digest, Vol 21, Issue 4
To: users@lists.club.example
Reply-To: users@lists.club.example
Date: @DATE@
Message-ID: <mailman.12.1764000000.881.users@lists.club.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="=_part"
X-Mailman-Version: 2.1.39
Precedence: list
List-Id: Users of the club <users.lists.club.example>
List-Unsubscribe: <mailto:users-request@lists.club.example?subject=unsubscribe>
Sender: "Users" <users-bounces@lists.club.example>
""", multipart(
        "Content-Type: text/plain; charset=us-ascii\n"
        "Content-Description: Users Digest, Vol 21, Issue 4\n\n"
        "Send Users mailing list submissions to\n"
        "\tusers@lists.club.example\n\nToday's Topics:\n\n"
        "   1. Re: new keys (Bob Stone)\n   2. meeting (Carol Reed)\n",
        "Content-Type: multipart/digest; boundary=\"=_digest\"\n\n" +
        multipart("Content-Type: message/rfc822\n\n"
                  "From: Bob Stone <bob@dev.example>\n"
                  "To: users@lists.club.example\nSubject: Re: new keys\n"
                  "Message-ID: <1@dev.example>\n\n"
                  "They are at http://keys.dev.example/ now.\n",
                  "Content-Type: message/rfc822\n\n"
                  "From: Carol Reed <carol@reed.example>\n"
                  "To: users@lists.club.example\nSubject: meeting\n"
                  "Message-ID: <2@reed.example>\n\nTuesday at eight.\n",
                  boundary="=_digest"),
        "Content-Type: text/plain; charset=us-ascii\n\n"
        "_______________________________________________\n"
        "Users mailing list\nhttp://lists.club.example/listinfo/users\n"),
    "anna@muster.example")

add("patch by git send-email",
    ("mail.dev.example", "203.0.113.114", "bob@dev.example"), """
From: Bob Stone <bob@dev.example>
To: devel@lists.club.example
Cc: Anna Muster <anna@muster.example>
Subject: [PATCH v2 1/3] mail: keep the order of the parts
Date: @DATE@
Message-ID: <20261124140000.31337-2-bob@dev.example>
X-Mailer: git-send-email 2.43.0
In-Reply-To: <20261124140000.31337-1-bob@dev.example>
References: <20261124140000.31337-1-bob@dev.example>
MIME-Version: 1.0
Content-Transfer-Encoding: 8bit
""", "Parts were sorted by size, which no reader expects.\n\n"
    "Signed-off-by: Bob Stone <bob@dev.example>\n---\n mail/part.c | 2 +-\n"
    " 1 file changed, 1 insertion(+), 1 deletion(-)\n\n"
    "diff --git a/mail/part.c b/mail/part.c\nindex 1a2b3c4..5d6e7f8 100644\n"
    "--- a/mail/part.c\n+++ b/mail/part.c\n@@ -10,7 +10,7 @@ static int\n"
    "-\tsort_parts(parts, count);\n+\tkeep_parts(parts, count);\n-- \n2.43.0\n")

add("answer on a mailing list",
    ("lists.club.example", "203.0.113.130", "users-bounces@lists.club.example"),
    """
From: Carol Reed via Users <users@lists.club.example>
Reply-To: Carol Reed <carol.reed@gmail.com>
To: users@lists.club.example
Subject: Re: [Users] new keys
Date: @DATE@
Message-ID: <CAB1c2D3=e4F5@mail.gmail.com>
In-Reply-To: <1@dev.example>
References: <1@dev.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="us-ascii"
Precedence: list
List-Id: Users of the club <users.lists.club.example>
List-Unsubscribe: <https://lists.club.example/options/users>
List-Post: <mailto:users@lists.club.example>
""", "On Mon, Bob Stone wrote:\n> They are at http://keys.dev.example/ now.\n\n"
    "Works for me, thanks.\n"
    "_______________________________________________\n"
    "Users mailing list -- users@lists.club.example\n"
    "To unsubscribe send an email to users-leave@lists.club.example\n")
