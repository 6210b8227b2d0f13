# Manual pages (mdoc).  The keys in gatepost.conf(5) are printed by the program
# (doc/man-keys update); the test compares.
dist_man_MANS += \
	%D%/gatepost.1 \
	%D%/gatepost.conf.5 \
	%D%/gatepost-milter.8
dist_man_MANS += %D%/gatepost-deliver.8
dist_man_MANS += %D%/gatepost-lmtpd.8

dist_check_SCRIPTS += %D%/man-keys %D%/man-lint
TESTS += %D%/man-keys %D%/man-lint
