libgatepost_a_SOURCES += \
	%D%/address.c \
	%D%/address.h \
	%D%/message.c \
	%D%/message.h
