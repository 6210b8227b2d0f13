libgatepost_a_SOURCES += \
	%D%/dns.c \
	%D%/dns.h \
	%D%/dns-conf.c \
	%D%/dns-conf.h \
	%D%/dns-private.h \
	%D%/resolver.c \
	%D%/wire.c \
	%D%/wire.h \
	%D%/zone.c \
	%D%/zone.h
