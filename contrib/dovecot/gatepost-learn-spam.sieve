# IMAPSieve: a message was put into Junk by the user.
require ["copy", "environment", "imapsieve", "variables",
    "vnd.dovecot.pipe"];

pipe :copy "gatepost-learn-spam";
