"""Sessions of all shapes: many messages, RSET, QUIT in the middle."""
from fixture import message, zones
from samples import forged, genuine


def results_of(site, recipient):
    """Our one Authentication-Results of the message to recipient."""
    found = message.own_results(site.postfix.wait_delivered(recipient))
    assert len(found) == 1
    return found[0]


def test_several_messages_in_one_connection(site, milter):
    """Each message gets its own results; none leaks into the next."""
    signed = genuine(site.keys, "none.test")
    unsigned = forged("none.test")
    sent = []
    with site.client() as client:
        for _ in range(4):
            for sample, passes in ((signed, ["dkim"]), (unsigned, [])):
                recipient = site.recipient()
                assert client.send(sample, "ann@open.test",
                                   recipient).accepted
                sent.append((recipient, passes))
        assert client.quit().code == 221
    for recipient, passes in sent:
        results = results_of(site, recipient)
        assert ("dkim" in results.passes()) == ("dkim" in passes)
        assert results.results("iprev") == ["pass"]


def test_rejected_message_does_not_end_the_session(site, milter):
    with site.client(ip=zones.ATTACKER_IP4) as client:
        reply = client.send(forged(), "boss@genuine.test", site.recipient())
        assert reply.code == 550
        recipient = site.recipient()
        assert client.send(forged("none.test"), "boss@none.test",
                           recipient).accepted
    assert results_of(site, recipient).results("dmarc") == ["fail"]


def test_rset_forgets_the_transaction(site, milter):
    recipient = site.recipient()
    with site.client() as client:
        assert client.envelope("boss@attacker.test",
                               [site.recipient()]).accepted
        assert client.command("RSET").accepted
        assert client.send(genuine(site.keys), "ann@genuine.test",
                           recipient).accepted
        client.quit()
    results = results_of(site, recipient)
    assert results.results("dmarc") == ["pass"]
    assert "attacker.test" not in str(results.properties("spf"))


def test_rset_after_mail_only(site, milter):
    recipient = site.recipient()
    with site.client() as client:
        for sender in ("a@attacker.test", "", "b@quarantine.test"):
            assert client.envelope(sender, []).accepted
            assert client.command("RSET").accepted
        assert client.send(genuine(site.keys), "ann@genuine.test",
                           recipient).accepted
    assert results_of(site, recipient).results("spf")[0] == "pass"


def test_second_helo_counts(site, milter):
    recipient = site.recipient()
    with site.client(helo="bulk.attacker.test") as client:
        assert client.command("EHLO mail.genuine.test").accepted
        assert client.send(genuine(site.keys), "", recipient).accepted
    properties = results_of(site, recipient).properties("spf")
    assert "mail.genuine.test" in [found.get("smtp.helo")
                                   for found in properties]


def test_quit_and_drop_at_every_point(site, milter):
    """The session may end anywhere; the next one works as ever."""
    lines = ["MAIL FROM:<ann@genuine.test>",
             "RCPT TO:<%s>" % site.recipient(), "DATA"]
    points = [("quit", 0), ("quit", 1), ("quit", 2),
              ("drop", 0), ("drop", 1), ("drop", 2), ("drop", 3)]
    for end, count in points:
        with site.client() as client:
            for line in lines[:count]:
                assert client.command(line).code in (250, 354)
            getattr(client, end)()
    assert milter.daemon.is_running()
    assert milter.log_text().count("connected -> mail") >= 5
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test")
    assert len(message.own_results(delivered)) == 1


def test_connection_lost_in_the_body(site, milter):
    with site.client() as client:
        assert client.envelope("ann@genuine.test",
                               [site.recipient()]).accepted
        assert client.command("DATA").code == 354
        client.connection.send(genuine(site.keys)[:-40])
        client.drop()
    delivered = site.deliver(genuine(site.keys), "ann@genuine.test")
    assert len(message.own_results(delivered)) == 1


def test_several_recipients(site, milter):
    recipients = [site.recipient() for _ in range(3)]
    with site.client() as client:
        assert client.envelope("ann@genuine.test", recipients).accepted
        assert client.command("RCPT TO:<nobody@gatepost.test>").rejected
        assert client.data(genuine(site.keys)).accepted
    for recipient in recipients:
        assert results_of(site, recipient).results("dmarc") == ["pass"]
