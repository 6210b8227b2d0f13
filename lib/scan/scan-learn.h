/*
 * scan-learn - what a message teaches, written to the store after the verdict.
 *
 * Clear verdicts alone teach, and never by what was known before: the points of
 * the group history do not count.  Ham (reputation.learn_ham or less) teaches
 * the client's address and network, its confirmed names and the domains that
 * passed; spam (reputation.learn_spam or more) also the names that it only
 * claimed.  A domain that did not pass is never taught: forgeries do not harm
 * the forged.  Every message marks its network and its domains as seen.
 *
 * Nothing is taught by a message that is deferred, that holds GTUBE, that no
 * message of good faith looks like, or for which the store did not answer.
 * While DNS left anything open, or a DNS list that could have spoken against it
 * was asked and did not answer, a message is no ham; neither is one that its
 * domain disowns (DMARC), nor one that neither SPF nor DKIM authenticated: that
 * nothing speaks against it does not make it good.
 *
 * Mail of our own marks its recipients as known correspondents of its envelope
 * sender - not of its author, if that is another: anybody may stand there -
 * unless it is automatic (null sender, Auto-Submitted, lists and bulk): a
 * vacation message is no acquaintance.  Of such a message its Message-ID is
 * remembered, too, with who sent it and whom it went to.  One that has none yet
 * gets it from Postfix, behind the milter: it is not remembered.  What is held
 * teaches nothing either.
 */
#ifndef GATEPOST_SCAN_SCAN_LEARN_H
#define GATEPOST_SCAN_SCAN_LEARN_H

struct scan;

/*
 * scan_learn - posts one write of the store to the task pool, if the message
 * teaches anything; never waits.
 *
 * A write that cannot be made is dropped: it costs points of later mail only.
 */
void scan_learn(struct scan *scan);

#endif
