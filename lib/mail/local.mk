libgatepost_a_SOURCES += \
	%D%/address.c \
	%D%/address.h \
	%D%/domain.c \
	%D%/domain.h \
	%D%/message.c \
	%D%/message.h
libgatepost_a_SOURCES += %D%/received.c
libgatepost_a_SOURCES += %D%/received.h
libgatepost_a_SOURCES += %D%/html.c
libgatepost_a_SOURCES += %D%/html.h
libgatepost_a_SOURCES += %D%/html-sink.c
libgatepost_a_SOURCES += %D%/html-sink.h
libgatepost_a_SOURCES += %D%/html-source.c
libgatepost_a_SOURCES += %D%/html-source.h
libgatepost_a_SOURCES += %D%/html-style.c
libgatepost_a_SOURCES += %D%/html-style.h
libgatepost_a_SOURCES += %D%/html-value.c
libgatepost_a_SOURCES += %D%/html-value.h
libgatepost_a_SOURCES += %D%/url.c
libgatepost_a_SOURCES += %D%/url.h
libgatepost_a_SOURCES += %D%/url-parse.c
libgatepost_a_SOURCES += %D%/url-private.h
libgatepost_a_SOURCES += %D%/url-text.c
libgatepost_a_SOURCES += %D%/identity.c
libgatepost_a_SOURCES += %D%/identity.h
libgatepost_a_SOURCES += %D%/base64.c
libgatepost_a_SOURCES += %D%/base64.h
libgatepost_a_SOURCES += %D%/charset.c
libgatepost_a_SOURCES += %D%/charset.h
libgatepost_a_SOURCES += %D%/header-text.c
libgatepost_a_SOURCES += %D%/header-text.h
libgatepost_a_SOURCES += %D%/mime-field.c
libgatepost_a_SOURCES += %D%/mime-field.h
libgatepost_a_SOURCES += %D%/transfer.c
libgatepost_a_SOURCES += %D%/transfer.h
libgatepost_a_SOURCES += %D%/content-part.c
libgatepost_a_SOURCES += %D%/content-private.h
libgatepost_a_SOURCES += %D%/content-text.c
libgatepost_a_SOURCES += %D%/content-walk.c
libgatepost_a_SOURCES += %D%/content.c
libgatepost_a_SOURCES += %D%/content.h
libgatepost_a_SOURCES += %D%/relays.c
libgatepost_a_SOURCES += %D%/relays.h
libgatepost_a_SOURCES += %D%/date.c
libgatepost_a_SOURCES += %D%/date.h
libgatepost_a_SOURCES += %D%/content-header.c
libgatepost_a_SOURCES += %D%/content-header.h
libgatepost_a_SOURCES += %D%/content-links.c
libgatepost_a_SOURCES += %D%/archive.c
libgatepost_a_SOURCES += %D%/archive.h
