# Delivery: the LMTP daemon, the program for pipe(8), and a library of all the
# rest.
sbin_PROGRAMS += gatepost-lmtpd
bin_PROGRAMS += gatepost-deliver
noinst_LIBRARIES += deliver/libdeliver.a
DELIVER_SOURCES = \
	%D%/clean-times.c \
	%D%/clean-times.h \
	%D%/delivery-private.h \
	%D%/delivery.c \
	%D%/delivery.h \
	%D%/folder.c \
	%D%/folder.h \
	%D%/head.c \
	%D%/head.h \
	%D%/input.c \
	%D%/input.h \
	%D%/lmtp-command.c \
	%D%/lmtp-command.h \
	%D%/lmtp-data.c \
	%D%/lmtp-data.h \
	%D%/lmtp.c \
	%D%/lmtp.h \
	%D%/lmtpd.c \
	%D%/lmtpd.h \
	%D%/maildir-name.c \
	%D%/maildir-name.h \
	%D%/maildir.c \
	%D%/maildir.h \
	%D%/outcome.c \
	%D%/outcome.h \
	%D%/recipient.c \
	%D%/recipient.h \
	%D%/spool.c \
	%D%/spool.h \
	%D%/store.c \
	%D%/subscriptions.c \
	%D%/subscriptions.h \
	%D%/sync-group.c \
	%D%/sync-group.h \
	%D%/test-point.h
DELIVER_SOURCES += %D%/dovecot-file.c
DELIVER_SOURCES += %D%/dovecot-file.h
DELIVER_SOURCES += %D%/junk.c
DELIVER_SOURCES += %D%/junk.h
DELIVER_SOURCES += %D%/keywords.c
DELIVER_SOURCES += %D%/keywords.h
DELIVER_SOURCES += %D%/place.c
DELIVER_SOURCES += %D%/quota-holds.c
DELIVER_SOURCES += %D%/quota-holds.h
DELIVER_SOURCES += %D%/quota-status.c
DELIVER_SOURCES += %D%/quota-status.h
DELIVER_SOURCES += %D%/quota.c
DELIVER_SOURCES += %D%/hand-over.c
DELIVER_SOURCES += %D%/lmtp-client.c
DELIVER_SOURCES += %D%/lmtp-client.h
DELIVER_SOURCES += %D%/duplicate.c
DELIVER_SOURCES += %D%/seen.c
DELIVER_SOURCES += %D%/seen.h
deliver_libdeliver_a_SOURCES = $(DELIVER_SOURCES)
gatepost_lmtpd_SOURCES = %D%/lmtpd-main.c
gatepost_lmtpd_LDADD = deliver/libdeliver.a $(LIBGATEPOST)
gatepost_deliver_SOURCES = %D%/deliver-main.c
gatepost_deliver_LDADD = deliver/libdeliver.a $(LIBGATEPOST)

# The same programs with the points at which tests kill them (test-point.h).
check_LIBRARIES += deliver/libdeliver-points.a
deliver_libdeliver_points_a_SOURCES = $(DELIVER_SOURCES) %D%/test-point.c
deliver_libdeliver_points_a_CPPFLAGS = $(AM_CPPFLAGS) -DGATEPOST_TEST_POINTS
check_PROGRAMS += deliver/gatepost-lmtpd-points deliver/gatepost-deliver-points
deliver_gatepost_lmtpd_points_SOURCES = %D%/lmtpd-main.c
deliver_gatepost_lmtpd_points_CPPFLAGS = \
	$(deliver_libdeliver_points_a_CPPFLAGS)
deliver_gatepost_lmtpd_points_LDADD = deliver/libdeliver-points.a \
	$(LIBGATEPOST)
deliver_gatepost_deliver_points_SOURCES = %D%/deliver-main.c
deliver_gatepost_deliver_points_CPPFLAGS = \
	$(deliver_libdeliver_points_a_CPPFLAGS)
deliver_gatepost_deliver_points_LDADD = deliver/libdeliver-points.a \
	$(LIBGATEPOST)
