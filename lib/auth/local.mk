libgatepost_a_SOURCES += \
	%D%/auth.c \
	%D%/auth.h

# SPF
libgatepost_a_SOURCES += \
	%D%/spf.h

# DKIM
libgatepost_a_SOURCES += \
	%D%/dkim.c \
	%D%/dkim.h \
	%D%/dkim-key.c \
	%D%/dkim-key.h \
	%D%/dkim-length.c \
	%D%/dkim-length.h \
	%D%/dkim-signature.c \
	%D%/dkim-signature.h \
	%D%/dkim-tags.c \
	%D%/dkim-tags.h

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
