# Files junk as gatepost-lmtpd does, before the scripts of the user.
#
# gatepost-lmtpd(8) puts X-Gatepost-Delivery in front of what it hands over:
# the topmost field of that name is ours, whatever the message brings along.
# It says "junk; folder=NAME" when the sealed verdict of the milter, or what
# the user wants in ~/.gatepost, makes it junk.
require ["fileinto", "imap4flags", "index", "mailbox", "variables"];

if header :index 1 :matches "X-Gatepost-Delivery" "junk; folder=*" {
	fileinto :create :flags "$Junk" "${1}";
}
