libgatepost_a_SOURCES += \
	%D%/address.c \
	%D%/address.h \
	%D%/domain.c \
	%D%/domain.h \
	%D%/message.c \
	%D%/message.h
libgatepost_a_SOURCES += %D%/received.c
libgatepost_a_SOURCES += %D%/received.h
libgatepost_a_SOURCES += %D%/identity.c
libgatepost_a_SOURCES += %D%/identity.h
