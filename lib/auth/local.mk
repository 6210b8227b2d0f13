libgatepost_a_SOURCES += \
	%D%/auth.c \
	%D%/auth.h

# SPF
libgatepost_a_SOURCES += \
	%D%/spf.c \
	%D%/spf.h \
	%D%/spf-dns.c \
	%D%/spf-explain.c \
	%D%/spf-front.c \
	%D%/spf-macro.c \
	%D%/spf-macro.h \
	%D%/spf-private.h \
	%D%/spf-record.c \
	%D%/spf-record.h \
	%D%/spf-target.c

# DKIM
libgatepost_a_SOURCES += \
	%D%/dkim.h

# DMARC
libgatepost_a_SOURCES += \
	%D%/dmarc.h

# Authentication-Results
libgatepost_a_SOURCES += \
	%D%/authres.h

# iprev
libgatepost_a_SOURCES += \
	%D%/iprev.c \
	%D%/iprev.h
