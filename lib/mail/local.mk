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
