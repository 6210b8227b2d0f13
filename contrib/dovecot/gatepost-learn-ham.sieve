# IMAPSieve: a message was taken out of Junk by the user, and not thrown away.
require ["copy", "environment", "imapsieve", "variables",
    "vnd.dovecot.pipe"];

if environment :matches "imap.mailbox" "*Trash*" {
	stop;
}
pipe :copy "gatepost-learn-ham";
