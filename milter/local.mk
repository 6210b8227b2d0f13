# The daemon: main.c and a library of all the rest, so that tests link it.
sbin_PROGRAMS += gatepost-milter
noinst_LIBRARIES += milter/libmilter-gatepost.a
milter_libmilter_gatepost_a_SOURCES = \
	%D%/callbacks.c \
	%D%/callbacks.h \
	%D%/milter.c \
	%D%/milter.h \
	%D%/session.c \
	%D%/session.h
gatepost_milter_SOURCES = %D%/main.c %D%/signals.c
gatepost_milter_LDADD = milter/libmilter-gatepost.a $(LIBGATEPOST) \
	$(MILTER_LIBS)
